/// The msgpack form of any value with `fields`: one pair of functions for each kind of field. Messages and states share
/// it. Lives here: what codec.cpp and state_codec.cpp instantiate; it brings in msgpack. May not live here: a frame's
/// head.
#pragma once

#include "actors/protocol/catalogue_rows.hpp"
#include "actors/protocol/shared_catalogues.hpp"
#include "actors/protocol/wire.hpp"

#include <msgpack.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

namespace ammo::wire {

struct sink {
  frame& out;
  void write(const char* data, std::size_t size) {
    auto bytes = reinterpret_cast<const std::byte*>(data);
    out.insert(out.end(), bytes, bytes + size);
  }
};

/// Where values are written to. `shared`: catalogues that the frame holds once; null where a frame has none.
struct writer {
  explicit writer(frame& to, catalogue_table* once = nullptr) : bytes(to), stream{to}, out(stream), shared(once) {}
  writer(const writer&) = delete;
  writer& operator=(const writer&) = delete;
  frame& bytes;
  sink stream;
  msgpack::packer<sink> out;
  catalogue_table* shared;
};

/// Where values are read from.
struct source {
  cursor in;
  const wire_limits& limits;
  const shared_catalogues* shared = nullptr; ///< null where a frame has none
};

template <class T>
concept has_fields = requires(T& value) { T::fields(value); };
template <class T>
concept floats = std::same_as<T, embedding> || std::same_as<T, real_block>;
template <class T>
concept sequence = requires(T& value) { value.emplace_back(); };
/// Held once a frame, and referred to by its place.
template <class T>
concept held_once =
  std::same_as<T, std::shared_ptr<const catalogue_version>> || std::same_as<T, std::shared_ptr<const panel>> ||
  std::same_as<T, embedding_store::handle>;
using byte_string = std::vector<std::byte>;

template <class T> inline constexpr bool is_optional = false;
template <class T> inline constexpr bool is_optional<std::optional<T>> = true;
template <class T> inline constexpr bool is_variant = false;
template <class... Ts> inline constexpr bool is_variant<std::variant<Ts...>> = true;

template <floats T> constexpr std::int8_t ext_of = std::same_as<T, embedding> ? embedding_ext : rows_ext;

/// The largest value that an enum may have on the wire: the one before `end_`; identities take every value.
template <class E> constexpr std::underlying_type_t<E> last_number() {
  if constexpr (requires { E::end_; })
    return static_cast<std::underlying_type_t<E>>(static_cast<std::underlying_type_t<E>>(E::end_) - 1);
  else
    return std::numeric_limits<std::underlying_type_t<E>>::max();
}
template <class E> constexpr auto last_of = last_number<E>();
template <> inline constexpr auto last_of<occasion> = static_cast<std::uint8_t>(occasion::push);
template <> inline constexpr auto last_of<buddy_kind> = static_cast<std::uint8_t>(buddy_kind::goal);
template <> inline constexpr auto last_of<signal> = static_cast<std::uint8_t>(signal::dismiss);
template <> inline constexpr auto last_of<trigger> = static_cast<std::uint8_t>(trigger::curiosity);
template <> inline constexpr auto last_of<writing_order> = static_cast<std::uint8_t>(writing_order::recall);
template <> inline constexpr auto last_of<propensity_source> = static_cast<std::uint8_t>(propensity_source::control);

// -- to the wire -------------------------------------------------------------------------------------------

/// Whole numbers go as such. The zero below zero keeps its sign: what is read again is the same to the bit.
template <std::floating_point T> void write_real(writer& to, T value) {
  if (value == 0 && std::signbit(value))
    to.bytes.insert(to.bytes.end(), {std::byte{0xCA}, std::byte{0x80}, std::byte{}, std::byte{}, std::byte{}});
  else
    to.out.pack(value);
}

template <class T> void write(writer& to, const T& value) {
  if constexpr (std::is_enum_v<T>) {
    to.out.pack(static_cast<std::underlying_type_t<T>>(value));
  } else if constexpr (std::is_floating_point_v<T>) {
    write_real(to, value);
  } else if constexpr (std::is_arithmetic_v<T> || std::same_as<T, std::string>) {
    to.out.pack(value);
  } else if constexpr (floats<T>) {
    std::size_t size = sizeof(float) * value.values.size();
    to.out.pack_ext(size, ext_of<T>);
    to.out.pack_ext_body(reinterpret_cast<const char*>(value.values.data()), static_cast<std::uint32_t>(size));
    little_endian(std::span(to.bytes).last(size));
  } else if constexpr (std::same_as<T, byte_string>) {
    to.out.pack_bin(static_cast<std::uint32_t>(value.size()));
    to.out.pack_bin_body(reinterpret_cast<const char*>(value.data()), static_cast<std::uint32_t>(value.size()));
  } else if constexpr (is_optional<T>) {
    value ? write(to, *value) : void(to.out.pack_nil());
  } else if constexpr (std::same_as<T, std::monostate>) {
    to.out.pack_nil();
  } else if constexpr (is_variant<T>) {
    to.out.pack_array(2);
    to.out.pack(value.index());
    std::visit([&](const auto& held) { write(to, held); }, value);
  } else if constexpr (held_once<T>) {
    to.out.pack(to.shared->place_of(value));
  } else if constexpr (sequence<T> || is_array<T>) {
    to.out.pack_array(static_cast<std::uint32_t>(value.size()));
    for (const auto& element : value)
      write(to, element);
  } else if constexpr (std::same_as<T, catalogue_news>) {
    write(to, fold(value));
  } else if constexpr (std::same_as<T, shared_consensus>) {
    write(to, value.now ? *value.now : consensus{});
  } else if constexpr (std::same_as<T, shared_item>) {
    value ? write(to, *value) : void(to.out.pack_array(0));
  } else {
    static_assert(has_fields<T>);
    std::apply(
      [&](const auto&... field) {
        to.out.pack_array(sizeof...(field));
        (write(to, field), ...);
      },
      T::fields(value));
  }
}

// -- from the wire -----------------------------------------------------------------------------------------

template <class T> bool read_integer(cursor& in, T& value, T last = std::numeric_limits<T>::max()) {
  token t = in.next();
  if (t.is == token::natural && std::cmp_less_equal(t.number, last))
    return value = static_cast<T>(t.number), true;
  if constexpr (std::is_signed_v<T>)
    if (auto v = static_cast<std::int64_t>(t.number); t.is == token::negative && std::in_range<T>(v))
      return value = static_cast<T>(v), true;
  return in.fail(errc::frame_wrong_shape);
}

/// Whole numbers pass as reals: senders in other languages write 1.0 so.
template <class T> bool read_real(cursor& in, T& value) {
  token t = in.next();
  double v = t.is == token::natural    ? static_cast<double>(t.number)
             : t.is == token::negative ? static_cast<double>(static_cast<std::int64_t>(t.number))
                                       : t.decimal;
  if (t.is != token::real && t.is != token::natural && t.is != token::negative)
    return in.fail(errc::frame_wrong_shape);
  constexpr double most = std::numeric_limits<T>::max();
  if (!(-most <= v && v <= most))
    return in.fail(errc::not_finite);
  return value = static_cast<T>(v), true;
}

template <floats T> bool read_floats(cursor& in, T& value) {
  token t = in.next();
  if (t.is != token::extension)
    return in.fail(errc::frame_wrong_shape);
  if (t.ext != ext_of<T>)
    return in.fail(errc::frame_bad_extension);
  value.values.resize(t.body.size() / sizeof(float));
  auto to = std::as_writable_bytes(std::span(value.values));
  std::copy_n(t.body.begin(), to.size(), to.begin());
  little_endian(to);
  return true;
}

template <class T> bool read(source& from, T& value);

/// Fields that are missing at the end keep their defaults; those beyond what we know are passed over.
template <has_fields T> bool read_fields(source& from, T& value) {
  std::uint32_t left = 0;
  if (!from.in.array(left))
    return false;
  bool good =
    std::apply([&](auto&... field) { return ((left == 0 || (--left, read(from, field))) && ...); }, T::fields(value));
  for (; good && left > 0; --left)
    good = from.in.skip();
  return good;
}

/// As many as the array has, or fewer: those at the end keep their defaults.
template <class T, std::size_t N> bool read_array(source& from, std::array<T, N>& value) {
  std::uint32_t count = 0;
  if (!from.in.array(count))
    return false;
  if (count > N)
    return from.in.fail(errc::frame_wrong_shape);
  return std::all_of(value.begin(), value.begin() + count, [&](T& element) { return read(from, element); });
}

template <class... Ts> bool read_variant(source& from, std::variant<Ts...>& value) {
  std::uint32_t count = 0, index = 0;
  if (!from.in.array(count) || !read_integer(from.in, index, static_cast<std::uint32_t>(sizeof...(Ts) - 1)))
    return false;
  if (count != 2)
    return from.in.fail(errc::frame_wrong_shape);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return ((index == I && read(from, value.template emplace<I>())) || ...);
  }(std::index_sequence_for<Ts...>{});
}

/// By its place among those that the frame holds, from 1; 0 is none.
template <class T> bool read_held(source& from, T& value) {
  std::uint32_t place = 0;
  if (!from.shared || !read_integer(from.in, place))
    return from.in.fail(errc::frame_wrong_shape);
  return from.shared->get(place, value) || from.in.fail(errc::frame_wrong_shape);
}

template <class T> bool read(source& from, T& value) {
  if constexpr (std::same_as<T, bool>) {
    token t = from.in.next();
    return t.is == token::boolean ? (value = t.number != 0, true) : from.in.fail(errc::frame_wrong_shape);
  } else if constexpr (std::is_enum_v<T>) {
    std::underlying_type_t<T> number{};
    return read_integer(from.in, number, last_of<T>) && (value = T{number}, true);
  } else if constexpr (std::is_integral_v<T>) {
    return read_integer(from.in, value);
  } else if constexpr (std::is_floating_point_v<T>) {
    return read_real(from.in, value);
  } else if constexpr (std::same_as<T, std::string>) {
    token t = from.in.next();
    if (t.is != token::text)
      return from.in.fail(errc::frame_wrong_shape);
    value.assign(reinterpret_cast<const char*>(t.body.data()), t.body.size());
    return true;
  } else if constexpr (floats<T>) {
    return read_floats(from.in, value);
  } else if constexpr (std::same_as<T, byte_string>) {
    token t = from.in.next();
    return t.is == token::binary ? (value.assign(t.body.begin(), t.body.end()), true)
                                 : from.in.fail(errc::frame_wrong_shape);
  } else if constexpr (is_optional<T>) {
    auto ahead = from.in;
    if (ahead.next().is == token::nil)
      return from.in = ahead, value.reset(), true;
    return read(from, value.emplace());
  } else if constexpr (std::same_as<T, std::monostate>) {
    return from.in.next().is == token::nil || from.in.fail(errc::frame_wrong_shape);
  } else if constexpr (is_variant<T>) {
    return read_variant(from, value);
  } else if constexpr (is_array<T>) {
    return read_array(from, value);
  } else if constexpr (held_once<T>) {
    return read_held(from, value);
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
    catalogue_rows rows;
    if (!read(from, rows))
      return false;
    auto news = unfold(std::move(rows), from.limits);
    return news ? (value = *std::move(news), true) : from.in.fail(news.code());
  } else if constexpr (std::same_as<T, shared_consensus>) {
    consensus told;
    if (!read(from, told))
      return false;
    value.now = told == consensus{} ? nullptr : std::make_shared<const consensus>(std::move(told));
    return true;
  } else if constexpr (std::same_as<T, shared_item>) {
    item told;
    if (!read(from, told))
      return false;
    value = told == item{} ? nullptr : std::make_shared<const item>(std::move(told));
    return true;
  } else {
    return read_fields(from, value);
  }
}

/// What a cursor stumbled over, and in what.
inline failure fault(const cursor& in, std::string_view where) {
  return {in.code(), std::string(where) + ", byte " + std::to_string(in.offset())};
}

/// The limits bound what is allocated; a host that hasn't even that gets an error, not an exception.
template <class Decode> auto without_exceptions(Decode decode) -> decltype(decode()) {
  try {
    return decode();
  } catch (const std::bad_alloc&) {
    return errc::frame_too_large;
  }
}

} // namespace ammo::wire
