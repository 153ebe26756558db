#include "runtime/cluster/call_letters.hpp"

#include "runtime/cluster/reading.hpp"

#include <algorithm>
#include <utility>

namespace ammo::cluster {
namespace {

using packer = msgpack::packer<sink>;

void pack_bytes(packer& out, std::span<const std::byte> bytes) {
  out.pack_bin(static_cast<std::uint32_t>(bytes.size()));
  out.pack_bin_body(reinterpret_cast<const char*>(bytes.data()), static_cast<std::uint32_t>(bytes.size()));
}

/// At the beginning of a letter of UTF-8.
std::string cut(const std::string& text, std::size_t most) {
  if (text.size() <= most)
    return text;
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

void pack(packer& out, const call_letter& l) {
  out.pack_array(l.holder != 0 ? 8 : l.trace ? 7 : 6).pack(1).pack(l.number).pack(l.attempt).pack(l.key).pack(l.left_ms);
  pack_bytes(out, l.frame);
  if (l.trace)
    pack_bytes(out, l.trace->bytes());
  else if (l.holder != 0)
    out.pack_nil();
  if (l.holder != 0)
    out.pack(l.holder);
}
void pack(packer& out, const answer_letter& l) {
  out.pack_array(9).pack(2).pack(l.number).pack(l.attempt).pack(l.code).pack(cut(l.detail, longest_detail)).pack(l.key);
  out.pack(static_cast<std::uint8_t>(l.form)).pack(l.provisional);
  pack_bytes(out, l.frame);
}
void pack(packer& out, const away_letter& l) {
  out.pack_array(6).pack(3).pack(l.number).pack(l.attempt);
  out.pack_array(2).pack(l.owner.high).pack(l.owner.low);
  out.pack(l.term).pack(l.begun);
}
void pack(packer& out, const question_letter& l) { out.pack_array(2).pack(4).pack(l.number); }
void pack(packer& out, const told_letter& l) { out.pack_array(3).pack(5).pack(l.number).pack(cut(l.text, longest_told)); }

void pack(packer& out, const listens_letter& l) { out.pack_array(2).pack(6).pack(l.whether); }
void pack(packer& out, const push_letter& l) {
  out.pack_array(3).pack(7).pack(l.number);
  pack_bytes(out, l.frame);
}
void pack(packer& out, const shown_letter& l) { out.pack_array(3).pack(8).pack(l.number).pack(l.whether); }
void pack(packer& out, const look_letter& l) { out.pack_array(2).pack(9).pack(l.leaves); }

bool binary(cursor& in, std::span<const std::byte>& out) {
  const token t = in.next();
  if (t.is != token::binary)
    return in.fail(errc::frame_wrong_shape);
  out = t.body;
  return true;
}

bool yes_or_no(cursor& in, bool& out) {
  const token t = in.next();
  if (t.is != token::boolean)
    return in.fail(errc::frame_wrong_shape);
  out = t.number != 0;
  return true;
}

bool form(cursor& in, answer_form& out) {
  std::uint8_t n = 0;
  if (!number(in, n, static_cast<std::uint64_t>(answer_form::end_) - 1))
    return false;
  out = answer_form{n};
  return true;
}

bool read(cursor& in, call_letter& l) { return number(in, l.number) && number(in, l.attempt) && number(in, l.key) && number(in, l.left_ms) && binary(in, l.frame); }
bool read(cursor& in, answer_letter& l) {
  return number(in, l.number) && number(in, l.attempt) && number(in, l.code) && text(in, l.detail, longest_detail) && number(in, l.key) && form(in, l.form) &&
         yes_or_no(in, l.provisional) && binary(in, l.frame);
}
bool read(cursor& in, away_letter& l) {
  std::uint32_t beyond = 0;
  return number(in, l.number) && number(in, l.attempt) && fields(in, 2, beyond) && number(in, l.owner.high) && number(in, l.owner.low) && pass(in, beyond) &&
         number(in, l.term) && yes_or_no(in, l.begun);
}
bool read(cursor& in, question_letter& l) { return number(in, l.number); }
bool read(cursor& in, told_letter& l) { return number(in, l.number) && text(in, l.text, longest_told); }

bool read(cursor& in, listens_letter& l) { return yes_or_no(in, l.whether); }
bool read(cursor& in, push_letter& l) { return number(in, l.number) && binary(in, l.frame); }
bool read(cursor& in, shown_letter& l) { return number(in, l.number) && yes_or_no(in, l.whether); }
bool read(cursor&, look_letter&) { return true; }

/// What a letter has beyond its first fields, as far as this version knows it.
template <class Letter>
bool read_more(cursor&, Letter&, std::uint32_t&) { return true; }
template <>
bool read_more(cursor& in, look_letter& l, std::uint32_t& beyond) {
  if (beyond == 0)
    return true;
  --beyond;
  return yes_or_no(in, l.leaves);
}
template <>
bool read_more(cursor& in, call_letter& l, std::uint32_t& beyond) {
  if (beyond == 0)
    return true;
  --beyond;
  const token t = in.next();
  if (t.is == token::binary)
    l.trace = trace_context::of_bytes(t.body);
  if (t.is != token::binary && t.is != token::nil)
    return in.fail(errc::frame_wrong_shape);
  if (beyond == 0)
    return true;
  --beyond;
  const token h = in.next();
  l.holder = h.is == token::natural ? h.number : 0;
  return h.is == token::natural || h.is == token::nil || in.fail(errc::frame_wrong_shape);
}

/// Fields without the first one, which says which letter it is.
template <class Letter>
bool read_as(cursor& in, std::uint32_t left, std::uint32_t fields_of, host_letter& out) {
  if (left < fields_of)
    return in.fail(errc::frame_wrong_shape);
  Letter l;
  auto beyond = left - fields_of;
  if (!read(in, l) || !read_more(in, l, beyond) || !pass(in, beyond))
    return false;
  out = std::move(l);
  return in.left() == 0 || in.fail(errc::frame_trailing_bytes);
}

bool read_any(cursor& in, host_letter& out) {
  std::uint32_t left = 0;
  std::uint8_t which = 0;
  if (!fields(in, 1, left) || !number(in, which))
    return false;
  switch (which) {
  case 1: return read_as<call_letter>(in, left, 5, out);
  case 2: return read_as<answer_letter>(in, left, 8, out);
  case 3: return read_as<away_letter>(in, left, 5, out);
  case 4: return read_as<question_letter>(in, left, 1, out);
  case 5: return read_as<told_letter>(in, left, 2, out);
  case 6: return read_as<listens_letter>(in, left, 1, out);
  case 7: return read_as<push_letter>(in, left, 2, out);
  case 8: return read_as<shown_letter>(in, left, 2, out);
  case 9: return read_as<look_letter>(in, left, 0, out);
  default: return in.fail(errc::frame_unknown_type);
  }
}

} // namespace

store::bytes bytes_of(const host_letter& l) {
  store::bytes bytes;
  sink to{bytes};
  packer out(to);
  std::visit([&](const auto& of) { pack(out, of); }, l);
  return bytes;
}

result<host_letter> read_host_letter(std::span<const std::byte> bytes) {
  host_letter out;
  cursor in(bytes);
  if (!read_any(in, out))
    return {in.code(), "a letter of a node's, at byte " + std::to_string(in.offset())};
  return out;
}

} // namespace ammo::cluster
