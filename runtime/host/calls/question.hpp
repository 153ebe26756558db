/// Whom a host's question is about, as far as it says so itself. Pure.
#pragma once

#include "actors/protocol/address.hpp"
#include "runtime/host/calls/ticket.hpp"

#include <cstdint>
#include <optional>
#include <type_traits>
#include <variant>

namespace ammo {

/// Whose user it is about; nothing: nobody's.
[[nodiscard]] inline std::optional<user_id> user_of(const host_question& q) {
  return std::visit(
    []<class Question>(const Question& m) -> std::optional<user_id> {
      if constexpr (requires { m.user; })
        return m.user;
      else
        return std::nullopt;
    },
    q);
}

/// Which Goal Buddy it is about; nothing: none.
[[nodiscard]] inline std::optional<goal_id> goal_of(const host_question& q) {
  return std::visit(
    []<class Question>(const Question& m) -> std::optional<goal_id> {
      if constexpr (requires { m.goal; })
        return m.goal;
      else
        return std::nullopt;
    },
    q);
}

/// The address that stands for the unit that it is for (see `frame_log`), as it names it: there may be no such subspace. The host: none of a shard or a subspace. Nothing:
/// that of a Goal Buddy's subspace, which the question doesn't know.
[[nodiscard]] inline std::optional<address> unit_of(const host_question& q, std::uint32_t shards) {
  return std::visit(
    [&]<class Question>(const Question& m) -> std::optional<address> {
      if constexpr (std::is_same_v<Question, admit_goal>)
        return address_of<role::subspace>(m.subspace);
      else if constexpr (requires { m.user; })
        return address_of<role::aipp>(shard_of(m.user, shards));
      else if constexpr (requires { m.goal; })
        return std::nullopt;
      else
        return the_host;
    },
    q);
}

} // namespace ammo
