// Every message's msgpack form follows from its `fields`: one pair of functions for each kind of field.
#include "actors/protocol/codec.hpp"
#include "actors/protocol/catalogue_rows.hpp"
#include "actors/protocol/travels.hpp"
#include "actors/protocol/wire.hpp"

#include <msgpack.hpp>

#include <concepts>
#include <limits>
#include <new>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ammo {
namespace {

struct sink {
  frame& out;
  void write(const char* data, std::size_t size) {
    auto bytes = reinterpret_cast<const std::byte*>(data);
    out.insert(out.end(), bytes, bytes + size);
  }
};
using packer = msgpack::packer<sink>;

template <class T>
concept has_fields = requires(T& value) { T::fields(value); };
template <class T>
concept floats = std::same_as<T, embedding> || std::same_as<T, wire::row_block>;
template <class T>
concept sequence = requires(T& value) { value.emplace_back(); };

template <floats T>
constexpr std::int8_t ext_of = std::same_as<T, embedding> ? wire::embedding_ext : wire::rows_ext;

/// The largest value that an enum may have on the wire; identities take every value.
template <class E> constexpr auto last_of = std::numeric_limits<std::underlying_type_t<E>>::max();
template <> constexpr auto last_of<errc> = static_cast<std::uint8_t>(static_cast<std::uint8_t>(errc::end_) - 1);
template <> constexpr auto last_of<occasion> = static_cast<std::uint8_t>(occasion::push);
template <> constexpr auto last_of<gene> = static_cast<std::uint8_t>(static_cast<std::uint8_t>(gene::end_) - 1);
template <> constexpr auto last_of<buddy_kind> = static_cast<std::uint8_t>(buddy_kind::goal);
template <> constexpr auto last_of<signal> = static_cast<std::uint8_t>(signal::dismiss);
template <> constexpr auto last_of<trigger> = static_cast<std::uint8_t>(trigger::curiosity);
template <> constexpr auto last_of<writing_order> = static_cast<std::uint8_t>(writing_order::recall);
template <> constexpr auto last_of<propensity_source> = static_cast<std::uint8_t>(propensity_source::resampled);

// -- to the wire -------------------------------------------------------------------------------------------

template <class T>
void write(packer& out, frame& bytes, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    out.pack(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    out.pack(value);
  } else if constexpr (floats<T>) {
    std::size_t size = sizeof(float) * value.values.size();
    out.pack_ext(size, ext_of<T>);
    out.pack_ext_body(reinterpret_cast<const char*>(value.values.data()), static_cast<std::uint32_t>(size));
    wire::little_endian(std::span(bytes).last(size));
  } else if constexpr (sequence<T>) {
    out.pack_array(static_cast<std::uint32_t>(value.size()));
    for (const auto& element : value)
      write(out, bytes, element);
  } else if constexpr (std::same_as<T, catalogue_news>) {
    write(out, bytes, wire::fold(value));
  } else if constexpr (std::same_as<T, shared_consensus>) {
    write(out, bytes, value.now ? *value.now : consensus{});
  } else {
    static_assert(has_fields<T>);
    std::apply([&](const auto&... field) {
      out.pack_array(sizeof...(field));
      (write(out, bytes, field), ...);
    }, T::fields(value));
  }
}

// -- from the wire -----------------------------------------------------------------------------------------

struct source {
  wire::cursor in;
  const wire_limits& limits;
};

template <class T>
bool read_integer(wire::cursor& in, T& value, T last = std::numeric_limits<T>::max()) {
  wire::token t = in.next();
  if (t.is == wire::token::natural && std::cmp_less_equal(t.number, last))
    return value = static_cast<T>(t.number), true;
  if constexpr (std::is_signed_v<T>)
    if (auto v = static_cast<std::int64_t>(t.number); t.is == wire::token::negative && std::in_range<T>(v))
      return value = static_cast<T>(v), true;
  return in.fail(errc::frame_wrong_shape);
}

/// Whole numbers pass as reals: senders in other languages write 1.0 so.
template <class T>
bool read_real(wire::cursor& in, T& value) {
  wire::token t = in.next();
  double v = t.is == wire::token::natural    ? static_cast<double>(t.number)
             : t.is == wire::token::negative ? static_cast<double>(static_cast<std::int64_t>(t.number))
                                             : t.decimal;
  if (t.is != wire::token::real && t.is != wire::token::natural && t.is != wire::token::negative)
    return in.fail(errc::frame_wrong_shape);
  constexpr double most = std::numeric_limits<T>::max();
  if (!(-most <= v && v <= most))
    return in.fail(errc::not_finite);
  return value = static_cast<T>(v), true;
}

template <floats T>
bool read_floats(wire::cursor& in, T& value) {
  wire::token t = in.next();
  if (t.is != wire::token::extension)
    return in.fail(errc::frame_wrong_shape);
  if (t.ext != ext_of<T>)
    return in.fail(errc::frame_bad_extension);
  value.values.resize(t.body.size() / sizeof(float));
  auto to = std::as_writable_bytes(std::span(value.values));
  std::copy_n(t.body.begin(), to.size(), to.begin());
  wire::little_endian(to);
  return true;
}

template <has_fields T>
bool read_fields(source& from, T& value);

template <class T>
bool read(source& from, T& value) {
  if constexpr (std::same_as<T, bool>) {
    wire::token t = from.in.next();
    return t.is == wire::token::boolean ? (value = t.number != 0, true) : from.in.fail(errc::frame_wrong_shape);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    return read_integer(from.in, number, last_of<T>) && (value = T{number}, true);
  } else if constexpr (std::is_integral_v<T>) {
    return read_integer(from.in, value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return read_real(from.in, value);
  } else if constexpr (std::same_as<T, std::string>) {
    wire::token t = from.in.next();
    if (t.is != wire::token::text)
      return from.in.fail(errc::frame_wrong_shape);
    value.assign(reinterpret_cast<const char*>(t.body.data()), t.body.size());
    return true;
  } else if constexpr (floats<T>) {
    return read_floats(from.in, value);
  } else if constexpr (sequence<T>) {
    std::uint32_t count = 0;
    if (!from.in.array(count))
      return false;
    value.reserve(count); // the gate has seen every one of them
    while (count-- > 0)
      if (!read(from, value.emplace_back()))
        return false;
    return true;
  } else if constexpr (std::same_as<T, catalogue_news>) {
    wire::catalogue_rows rows;
    if (!read(from, rows))
      return false;
    auto news = wire::unfold(std::move(rows), from.limits);
    return news ? (value = *std::move(news), true) : from.in.fail(news.code());
  } else if constexpr (std::same_as<T, shared_consensus>) {
    consensus told;
    if (!read(from, told))
      return false;
    value.now = told == consensus{} ? nullptr : std::make_shared<const consensus>(std::move(told));
    return true;
  } else {
    return read_fields(from, value);
  }
}

/// Fields that are missing at the end keep their defaults; those beyond what we know are passed over.
template <has_fields T>
bool read_fields(source& from, T& value) {
  std::uint32_t left = 0;
  if (!from.in.array(left))
    return false;
  bool good = std::apply([&](auto&... field) { return ((left == 0 || (--left, read(from, field))) && ...); },
                         T::fields(value));
  for (; good && left > 0; --left)
    good = from.in.skip();
  return good;
}

constexpr std::uint32_t envelope_fields = 7;

void write_source(packer& out, address a) {
  if (a.of == role::nobody || (a.of == role::node && a.id != 0))
    out.pack(a.id);
  else
    out.pack_array(2).pack(static_cast<std::uint8_t>(a.of)).pack(a.id);
}

/// A number is a node's, 0 nobody's; else [role, id], and whatever a newer sender has put behind it.
bool read_source(wire::cursor& in, address& a) {
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
  for (auto more = t.number - 2; more > 0; --more)
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
  return read_integer(in, e.type) && read_source(in, e.source) && read_integer(in, e.term) &&
         read_integer(in, e.sequence) && read_integer(in, e.time_us);
}

} // namespace

template <class Message>
void encode_to(frame& bytes, const Message& m, envelope around) {
  sink to{bytes};
  packer out(to);
  out.pack_array(envelope_fields);
  out.pack(wire_version).pack(Message::type);
  write_source(out, around.source);
  out.pack(around.term).pack(around.sequence).pack(around.time_us);
  write(out, bytes, m);
}

template <class Message>
frame encode(const Message& m, envelope around) {
  frame out;
  out.reserve(128); // most messages fit
  encode_to(out, m, around);
  return out;
}

namespace {

/// What a cursor stumbled over, and in which message.
failure fault(const wire::cursor& in, std::string_view message) {
  return {in.code(), std::string(message) + ", byte " + std::to_string(in.offset())};
}

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
  if (!read(from, m))
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

/// The limits bound what is allocated; a host that hasn't even that gets an error, not an exception.
template <class Decode>
auto without_exceptions(Decode decode) -> decltype(decode()) {
  try {
    return decode();
  } catch (const std::bad_alloc&) {
    return errc::frame_too_large;
  }
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

} // namespace ammo
