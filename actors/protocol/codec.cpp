// The frames of messages: the envelope, and the form of the body, which follows from its `fields`.
#include "actors/protocol/codec.hpp"
#include "actors/protocol/form.hpp"
#include "actors/protocol/travels.hpp"

namespace ammo {
namespace {

using wire::fault;
using wire::read_integer;
using wire::source;
using wire::without_exceptions;

constexpr std::uint32_t envelope_fields = 7;

void write_source(auto& out, const envelope& e) {
  const auto a = e.source;
  if (a.of == role::nobody || (a.of == role::node && a.id != 0)) {
    out.pack(a.id);
    return;
  }
  out.pack_array(e.trace ? 3 : 2).pack(static_cast<std::uint8_t>(a.of)).pack(a.id);
  if (!e.trace)
    return;
  const auto bytes = e.trace->bytes();
  out.pack_bin(bytes.size()).pack_bin_body(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

/// A number is a node's, 0 nobody's; else [role, id] or [role, id, trace], and whatever a newer sender has put behind it.
bool read_source(wire::cursor& in, envelope& e) {
  auto& a = e.source;
  const wire::token t = in.next();
  if (t.is == wire::token::natural) {
    a = {t.number == 0 ? role::nobody : role::node, t.number};
    return true;
  }
  if (t.is != wire::token::array || t.number < 2)
    return in.fail(errc::frame_wrong_shape);
  std::uint8_t of = 0;
  if (!read_integer(in, of, static_cast<std::uint8_t>(static_cast<std::uint8_t>(role::end_) - 1)) || !read_integer(in, a.id))
    return false;
  a.of = role{of};
  auto more = t.number - 2;
  if (const auto before = in; more > 0) {
    if (const auto trace = in.next(); trace.is == wire::token::binary)
      e.trace = trace_context::of_bytes(trace.body), --more;
    else
      in = before;
  }
  for (; more > 0; --more)
    if (!in.skip())
      return false;
  return true;
}

/// The version comes first and is judged first: another one may have another shape.
bool read_envelope(wire::cursor& in, envelope& e) {
  std::uint32_t count = 0;
  if (!in.array(count) || !read_integer(in, e.version))
    return false;
  if (e.version != wire_version)
    return in.fail(errc::frame_wrong_version);
  if (count != envelope_fields)
    return in.fail(errc::frame_wrong_shape);
  return read_integer(in, e.type) && read_source(in, e) && read_integer(in, e.term) &&
         read_integer(in, e.sequence) && read_integer(in, e.time_us);
}

} // namespace

template <class Message>
void encode_to(frame& bytes, const Message& m, envelope around) {
  wire::writer to(bytes);
  to.out.pack_array(envelope_fields);
  to.out.pack(wire_version).pack(Message::type);
  write_source(to.out, around);
  to.out.pack(around.term).pack(around.sequence).pack(around.time_us);
  wire::write(to, m);
}

template <class Message>
frame encode(const Message& m, envelope around) {
  frame out;
  out.reserve(128); // most messages fit
  encode_to(out, m, around);
  return out;
}

namespace {

/// The cursor at the body of bytes that passed the gate; `e` says what it is.
result<source> open(std::span<const std::byte> bytes, envelope& e, const wire_limits& limits) {
  if (auto passed = gate(bytes, limits); !passed)
    return passed.error();
  source from{wire::cursor(bytes), limits};
  if (!read_envelope(from.in, e))
    return fault(from.in, "envelope");
  return from;
}

template <class Message>
result<Message> read_body(source& from) {
  Message m;
  if (!wire::read(from, m))
    return fault(from.in, message_name(Message::type));
  return m;
}

template <class... Ts>
result<any_message> read_any(source& from, std::uint16_t type, type_list<Ts...>) {
  result<any_message> out{errc::frame_unknown_type, "type " + std::to_string(type)};
  auto try_as = [&]<class T>(type_list<T>) {
    if (T::type != type)
      return false;
    auto body = read_body<T>(from);
    out = body ? result<any_message>(*std::move(body)) : body.error();
    return true;
  };
  (try_as(type_list<Ts>{}) || ...);
  return out;
}

} // namespace

result<envelope> peek(std::span<const std::byte> bytes, const wire_limits& limits) {
  if (bytes.size() > limits.bytes)
    return errc::frame_too_large;
  wire::cursor in(bytes);
  envelope e;
  if (!read_envelope(in, e))
    return fault(in, "envelope");
  return e;
}

template <class Message>
result<Message> decode(std::span<const std::byte> bytes, envelope* around, const wire_limits& limits) {
  return without_exceptions([&]() -> result<Message> {
    envelope e;
    auto from = open(bytes, e, limits);
    if (!from)
      return from.error();
    if (e.type != Message::type)
      return {errc::frame_unknown_type, "type " + std::to_string(e.type) + " where " +
                                            std::string(message_name(Message::type)) + " is expected"};
    if (around)
      *around = e;
    return read_body<Message>(*from);
  });
}

result<any_message> decode_any(std::span<const std::byte> bytes, envelope* around, const wire_limits& limits) {
  return without_exceptions([&]() -> result<any_message> {
    envelope e;
    auto from = open(bytes, e, limits);
    if (!from)
      return from.error();
    if (around)
      *around = e;
    return read_any(*from, e.type, all_messages{});
  });
}

std::string_view message_name(std::uint16_t type) noexcept {
#define AMMO_NAME(m) case m::type: return #m;
  switch (type) {
    AMMO_EACH_MESSAGE(AMMO_NAME)
  default: return "unknown";
  }
#undef AMMO_NAME
}

#define AMMO_INSTANTIATE(m)                                                                                            \
  template frame encode(const m&, envelope);                                                                           \
  template void encode_to(frame&, const m&, envelope);                                                                 \
  template result<m> decode(std::span<const std::byte>, envelope*, const wire_limits&);
AMMO_EACH_MESSAGE(AMMO_INSTANTIATE)
#undef AMMO_INSTANTIATE

} // namespace ammo
