/// Who an actor is, whatever process it runs in: a role and a number. Pure: no handle is here (routes.hpp has those).
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/random.hpp"

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ammo {

/// What an actor does. The number is part of the wire: append only.
enum class role : std::uint8_t {
  nobody,     ///< no address
  node,       ///< a process; its number is that of its incarnation
  host,       ///< the bridge to the host's threads
  clock,      ///< of a simulation
  supervisor,
  metaspace,  ///< by shard of users
  aipp,       ///< by shard of users
  subspace,   ///< by subspace_id
  user_buddy, ///< by user_id
  goal_buddy, ///< by goal_id
  population,
  evolution,
  generator,  ///< writes texts; no actor, so nothing can be sent to it
  end_
};

/// "user_buddy"; "unknown" for a number that no role has.
[[nodiscard]] std::string_view name_of(role r) noexcept;

/// An actor of a role. On the wire: `[role, id]`; of a node its number alone; of nobody 0.
struct address {
  role of = role::nobody;
  std::uint64_t id = 0;
  friend bool operator==(const address&, const address&) = default;
  friend auto operator<=>(const address&, const address&) = default;
};

namespace detail {
template <role R, role... Among>
inline constexpr bool one_of = ((R == Among) || ...);
} // namespace detail

/// The address of an actor that has one of these roles: what it handles is known where the message is sent.
template <role... Roles>
class address_of {
public:
  /// The actor of a role that has one actor, or of a number: a shard, or an identity.
  constexpr address_of() noexcept requires(sizeof...(Roles) == 1) : is_{Roles..., 0} {}
  template <class Id>
  constexpr explicit address_of(Id id) noexcept requires(sizeof...(Roles) == 1) : is_{Roles..., raw(id)} {}

  /// One of fewer roles is one of these.
  template <role... Fewer>
  constexpr address_of(address_of<Fewer...> other) noexcept requires(detail::one_of<Fewer, Roles...> && ...)
    : is_(static_cast<address>(other)) {}

  constexpr operator address() const noexcept { return is_; } // NOLINT: that's what it is
  [[nodiscard]] constexpr std::uint64_t id() const noexcept { return is_.id; }

  /// Nothing where the address has another role.
  [[nodiscard]] static constexpr std::optional<address_of> in(address a) noexcept {
    if (((a.of == Roles) || ...))
      return address_of(a, known{});
    return std::nullopt;
  }
  template <role R>
  [[nodiscard]] constexpr std::optional<address_of<R>> as() const noexcept { return address_of<R>::in(is_); }

  friend bool operator==(const address_of&, const address_of&) = default;

private:
  struct known {};
  constexpr address_of(address a, known) noexcept : is_(a) {}
  address is_;
};

inline constexpr address_of<role::host> the_host;
inline constexpr address_of<role::clock> the_clock;
inline constexpr address_of<role::supervisor> the_supervisor;
inline constexpr address_of<role::population> the_population;
inline constexpr address_of<role::evolution> the_evolution;

/// The shard of users that a user belongs to: its part of MetaSpace and AiPP.
[[nodiscard]] constexpr std::uint32_t shard_of(user_id user, std::size_t shards) noexcept {
  return static_cast<std::uint32_t>(splitmix64(raw(user))() % shards);
}

} // namespace ammo
