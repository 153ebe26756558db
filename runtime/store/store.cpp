#include "runtime/store/store.hpp"

#include <boost/crc.hpp>

#include <algorithm>
#include <utility>

namespace ammo::store {

std::uint32_t checksum_of(std::initializer_list<std::uint64_t> key, std::span<const std::byte> data) noexcept {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  for (std::uint64_t number : key)
    for (int i = 0; i < 8; ++i, number >>= 8)
      crc.process_byte(static_cast<unsigned char>(number));
  crc.process_bytes(data.data(), data.size());
  return crc.checksum();
}

std::uint32_t checksum_of(const block& b) noexcept { return checksum_of({b.first, b.frames}, b.data); }

std::uint32_t checksum_of(unit_id unit, position at, std::uint32_t piece, std::span<const std::byte> data) noexcept {
  return checksum_of({raw(unit), at.term, at.place, piece}, data);
}

std::uint32_t checksum_of(unit_id unit, const sleeper& s) noexcept {
  return checksum_of({raw(unit), s.user, s.at.term, s.at.place}, s.state);
}

block sealed(std::uint64_t first, std::uint32_t frames, bytes data) {
  block b{first, frames, 0, std::move(data)};
  b.checksum = checksum_of(b);
  return b;
}

std::string text_of(incarnation id) {
  std::string text;
  for (const std::uint64_t half : {id.high, id.low})
    for (int shift = 60; shift >= 0; shift -= 4)
      text += "0123456789abcdef"[half >> shift & 15];
  return text;
}

failure missing_piece(unit_id unit, std::uint32_t piece) {
  return {errc::state_damaged,
          "piece " + std::to_string(piece) + " of a snapshot of unit " + std::to_string(raw(unit)) + " isn't there"};
}

failure damaged_piece(unit_id unit, std::uint32_t piece) {
  return {errc::state_damaged, "piece " + std::to_string(piece) + " of a snapshot of unit " +
                                 std::to_string(raw(unit)) + " doesn't match its checksum"};
}

failure damaged_sleeper(unit_id unit, std::uint64_t user) {
  return {errc::state_damaged, "sleeping user " + std::to_string(user) + " of unit " + std::to_string(raw(unit)) +
                                 " doesn't match the checksum"};
}

result<void> grows_into(const state_layout& has, const state_layout& wanted) {
  if (has.shards == wanted.shards && has.units <= wanted.units && wanted.layout.starts_with(has.layout))
    return {};
  return {errc::state_other_layout, "the state has " + std::to_string(has.units) + " units and " +
                                      std::to_string(has.shards) + " user shards, laid out as \"" + has.layout +
                                      "\"; asked for \"" + wanted.layout + "\" with " + std::to_string(wanted.units) +
                                      " units and " + std::to_string(wanted.shards) + " user shards"};
}

result<void> hand_over(incarnation of, std::uint64_t from, std::uint64_t to, std::span<const block> found,
                       const std::function<void(const block&)>& take) {
  const auto damaged = [&](std::uint64_t place, const char* why) {
    return failure{errc::state_damaged,
                   "the log of node " + text_of(of) + ", place " + std::to_string(place) + ": " + why};
  };
  std::uint64_t next = from;
  for (const block& b : found) {
    if (b.first > next)
      break;
    if (b.checksum != checksum_of(b))
      return damaged(b.first, "the block doesn't match its checksum");
    next = b.last() + 1;
  }
  if (next <= to)
    return damaged(next, "the block isn't there");
  for (const block& b : found)
    take(b);
  return {};
}

std::vector<unit_history> histories_of(std::span<const segment> all, std::uint32_t units) {
  std::vector<unit_history> out(units);
  for (const segment& s : all)
    if (raw(s.unit) < units)
      out[raw(s.unit)].segments.push_back(s);
  return out;
}

term_number first_term(incarnation of, std::span<const unit_history> units) noexcept {
  term_number first = ~term_number{0};
  for (const unit_history& u : units)
    for (const segment& s : u.segments)
      if (s.node == of)
        first = std::min(first, s.term);
  return first;
}

const segment* segment_at(const unit_history& unit, incarnation node, std::uint64_t place) noexcept {
  for (const segment& s : unit.segments)
    if (s.node == node && s.first <= place && (!s.last || place <= *s.last))
      return &s;
  return nullptr;
}

std::uint64_t first_needed(incarnation of, std::uint64_t head, std::span<const unit_history> units) noexcept {
  std::uint64_t first = head + 1;
  for (const unit_history& u : units)
    for (const segment& s : u.segments) {
      if (s.node != of || (u.kept && s.term < u.kept->term))
        continue;
      const std::uint64_t from = u.kept && s.term == u.kept->term ? std::max(s.first, u.kept->place + 1) : s.first;
      if (!s.last || from <= *s.last)
        first = std::min(first, from);
    }
  return first;
}

std::uint64_t last_needed(incarnation of, std::uint64_t head, std::span<const unit_history> units) noexcept {
  std::uint64_t last = 0;
  for (const unit_history& u : units)
    for (const segment& s : u.segments)
      if (s.node == of && (!u.kept || s.term >= u.kept->term))
        last = std::max(last, s.last.value_or(head));
  return std::min(last, head);
}

} // namespace ammo::store
