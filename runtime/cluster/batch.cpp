#include "runtime/cluster/batch.hpp"

#include "runtime/cluster/reading.hpp"

#include <utility>

namespace ammo::cluster {
namespace {

/// A head of fixed width, written when all letters are: an array of four, the version, two numbers of eight bytes, the length of an array.
constexpr std::size_t head_bytes = 1 + 1 + 9 + 9 + 5;
constexpr std::size_t head_fields = 4, letter_fields = 4, hello_fields = 7;
constexpr std::size_t longest_name = 64, longest_layout = 64 * 1024;

void put(std::byte*& at, std::uint8_t type, std::uint64_t value, unsigned size) {
  *at++ = std::byte{type};
  for (unsigned i = size; i-- > 0;)
    *at++ = static_cast<std::byte>(value >> 8 * i);
}

bool version(cursor& in) {
  std::uint32_t v = 0;
  return number(in, v) && (v == link_version || in.fail(errc::frame_wrong_version));
}

bool read_letter(cursor& in, letter& l) {
  std::uint32_t beyond = 0, beyond_address = 0, unit = 0;
  std::uint8_t of = 0;
  if (!fields(in, letter_fields, beyond) || !fields(in, 2, beyond_address) || !number(in, of, static_cast<std::uint64_t>(role::end_) - 1) ||
      !number(in, l.to.id) || !pass(in, beyond_address) || !number(in, unit) || !number(in, l.term))
    return false;
  if (of == 0)
    return in.fail(errc::frame_wrong_shape);
  l.to.of = role{of};
  l.unit = store::unit_id{unit};
  const token t = in.next();
  if (t.is != token::binary || t.body.empty())
    return in.fail(errc::frame_wrong_shape);
  l.frame = t.body;
  return pass(in, beyond);
}

template <class Take>
bool read_all(cursor& in, batch_head& head, const batch_limits& limits, Take take) {
  std::uint32_t beyond = 0, letters = 0;
  if (!fields(in, head_fields, beyond) || !version(in) || !number(in, head.number) || !number(in, head.acknowledged) || !in.array(letters))
    return false;
  if (head.number == 0)
    return in.fail(errc::frame_wrong_shape);
  if (letters > limits.letters)
    return in.fail(errc::frame_too_large);
  for (letter l; letters-- > 0; take(l))
    if (!read_letter(in, l))
      return false;
  if (!pass(in, beyond))
    return false;
  return in.left() == 0 || in.fail(errc::frame_trailing_bytes);
}

failure fault(const cursor& in, std::size_t at) { return {in.code(), "a link's bytes, at byte " + std::to_string(at)}; }

} // namespace

batch_writer::batch_writer(std::size_t expected) {
  bytes_.reserve(head_bytes + expected);
  bytes_.resize(head_bytes);
}

void batch_writer::add(const letter& l) {
  sink to{bytes_};
  msgpack::packer<sink> out(to);
  out.pack_array(letter_fields);
  out.pack_array(2).pack(static_cast<std::uint8_t>(l.to.of)).pack(l.to.id);
  out.pack(static_cast<std::uint32_t>(l.unit)).pack(l.term);
  out.pack_bin(static_cast<std::uint32_t>(l.frame.size()));
  bytes_.insert(bytes_.end(), l.frame.begin(), l.frame.end());
  ++letters_;
}

store::bytes batch_writer::take(batch_head head) {
  std::byte* at = bytes_.data();
  put(at, 0x90 | head_fields, 0, 0);
  put(at, link_version, 0, 0);
  put(at, 0xCF, head.number, 8);
  put(at, 0xCF, head.acknowledged, 8);
  put(at, 0xDD, std::exchange(letters_, 0), 4);
  return std::exchange(bytes_, store::bytes(head_bytes));
}

result<batch_head> read_batch(std::span<const std::byte> bytes, const std::function<void(const letter&)>& take, const batch_limits& limits) {
  if (bytes.size() > limits.bytes)
    return {errc::frame_too_large, "a batch of " + std::to_string(bytes.size()) + " bytes"};
  batch_head head;
  std::size_t sound = 0;
  cursor first(bytes);
  if (!read_all(first, head, limits, [&](const letter&) { sound = first.offset(); }))
    return fault(first, sound);
  cursor again(bytes);
  (void)read_all(again, head, limits, take);
  return head;
}

store::bytes bytes_of(const hello& h) {
  store::bytes bytes;
  sink to{bytes};
  msgpack::packer<sink> out(to);
  out.pack_array(hello_fields).pack(h.link).pack(h.wire).pack(h.schema).pack(h.who.high).pack(h.who.low).pack(h.name).pack(h.layout);
  return bytes;
}

result<hello> read_hello(std::span<const std::byte> bytes) {
  hello h;
  std::uint32_t beyond = 0;
  cursor in(bytes);
  const bool read = fields(in, hello_fields, beyond) && number(in, h.link) && number(in, h.wire) && number(in, h.schema) && number(in, h.who.high) &&
                    number(in, h.who.low) && text(in, h.name, longest_name) && text(in, h.layout, longest_layout) && pass(in, beyond) &&
                    (in.left() == 0 || in.fail(errc::frame_trailing_bytes));
  return read ? result<hello>(std::move(h)) : result<hello>(fault(in, 0));
}

result<void> welcome(const hello& mine, const hello& theirs) {
  const auto other = [&](const char* what, std::uint32_t a, std::uint32_t b) {
    return "node \"" + theirs.name + "\" has " + what + ' ' + std::to_string(b) + ", this one " + std::to_string(a);
  };
  if (mine.link != theirs.link)
    return {errc::frame_wrong_version, other("link protocol", mine.link, theirs.link)};
  if (mine.wire != theirs.wire)
    return {errc::frame_wrong_version, other("wire version", mine.wire, theirs.wire)};
  if (mine.schema != theirs.schema)
    return {errc::state_newer, other("schema", mine.schema, theirs.schema)};
  if (mine.layout != theirs.layout)
    return {errc::state_other_layout, "node \"" + theirs.name + "\" plays \"" + theirs.layout + "\", this one \"" + mine.layout + '"'};
  if (!theirs.who || theirs.who == mine.who)
    return {errc::bad_value, theirs.who ? "a node has called itself" : "a node without an incarnation"};
  return {};
}

} // namespace ammo::cluster
