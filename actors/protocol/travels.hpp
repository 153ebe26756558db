/// Which types may leave a process: the compiler looks through a message's fields, and through what is in them.
/// A handle, a pointer or a function has no form on the wire, so a message that holds one doesn't compile. Pure.
#pragma once

#include "actors/protocol/messages.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace ammo {

namespace detail {

template <class T>
concept lists_fields = requires(T& value) { T::fields(value); };
template <class T>
concept grows = requires(T& value) { value.emplace_back(); typename T::value_type; };

template <class T> inline constexpr bool may_be_absent = false;
template <class T> inline constexpr bool may_be_absent<std::optional<T>> = true;

template <class T> consteval bool travels();

/// Whether the fields are all that the struct has: they fill it, up to what alignment takes.
template <class T, class... Fields>
consteval bool fill(std::type_identity<std::tuple<Fields&...>>) {
  std::size_t end = 0;
  ((end = (end + alignof(Fields) - 1) / alignof(Fields) * alignof(Fields) + sizeof(Fields)), ...);
  return (end + alignof(T) - 1) / alignof(T) * alignof(T) == sizeof(T);
}
template <class... Fields>
consteval bool all_travel(std::type_identity<std::tuple<Fields&...>>) {
  return (travels<std::remove_const_t<Fields>>() && ...);
}

template <class T>
consteval bool travels() {
  if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T> || std::is_same_v<T, std::string> || std::is_same_v<T, embedding>)
    return true;
  else if constexpr (std::is_same_v<T, catalogue_news> || std::is_same_v<T, shared_consensus> ||
                     std::is_same_v<T, shared_item>)
    return true; // forms of their own; what they share is immutable and is written out
  else if constexpr (grows<T> || is_array<T> || may_be_absent<T>)
    return travels<typename T::value_type>();
  else if constexpr (lists_fields<T>) {
    using fields = std::type_identity<decltype(T::fields(std::declval<T&>()))>;
    return all_travel(fields{}) && fill<T>(fields{});
  } else
    return false;
}

template <class Message>
consteval void must_travel() {
  static_assert(travels<Message>(), "a message holds what can't leave the process, or a member that isn't among its fields");
}
template <class... Messages>
consteval bool must_all_travel(type_list<Messages...>) { return (must_travel<Messages>(), ..., true); }

} // namespace detail

/// A value that any process understands.
template <class T>
concept travelling = detail::travels<T>();

static_assert(detail::must_all_travel(all_messages{}));

} // namespace ammo
