/// Who and what: the identities of the game. Strong types, so that one can't pass for another.
#ifndef AMMO_IDS_HPP // hosts see this file as ammo/ids.hpp: one guard for both
#define AMMO_IDS_HPP

#include <cstdint>
#include <functional>

namespace ammo {

/// A person, and the User Buddy that chooses for them. Given by the host; any 64-bit value.
enum class user_id : std::uint64_t {};
/// A Goal Buddy: one coin's team, one employer, one school. Given by the host; any 64-bit value.
enum class goal_id : std::uint64_t {};
/// Who stands behind Goal Buddies (a company, a school's operator); caps and quotas are counted by owner.
enum class owner_id : std::uint64_t {};
/// Position of a subspace in the deployment's `layout`, from 0.
enum class subspace_id : std::uint16_t {};
/// One impression: one creation shown once in one slot to one user. Issued by MetaSpace, never reused.
enum class impression_id : std::uint64_t {};
/// A live creation's identity, issued by its subspace's catalogue; see `make_creation_id`. 0 is "none".
enum class creation_id : std::uint64_t {};

inline constexpr creation_id no_creation{0};

/// A creation's identity holds where it lives: subspace (12 bits), generation of the row (24 bits),
/// row (28 bits). A row that is reused gets the next generation, so an old id never names new content.
[[nodiscard]] constexpr creation_id make_creation_id(subspace_id s, std::uint32_t row, std::uint32_t generation) noexcept {
  return creation_id{(static_cast<std::uint64_t>(s) & 0xFFFu) << 52 | (static_cast<std::uint64_t>(generation) & 0xFFFFFFu) << 28 |
                     (static_cast<std::uint64_t>(row) & 0xFFFFFFFu)};
}
[[nodiscard]] constexpr subspace_id subspace_of(creation_id id) noexcept {
  return subspace_id{static_cast<std::uint16_t>(static_cast<std::uint64_t>(id) >> 52)};
}
[[nodiscard]] constexpr std::uint32_t row_of(creation_id id) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) & 0xFFFFFFFu);
}
/// Generations start at 1, so that no creation has the id 0.
[[nodiscard]] constexpr std::uint32_t generation_of(creation_id id) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) >> 28 & 0xFFFFFFu);
}

/// The generation after one; 0 stands for "never used". After 2^24 - 1 it starts again from 1.
[[nodiscard]] constexpr std::uint32_t next_generation(std::uint32_t generation) noexcept {
  return generation % 0xFFFFFFu + 1;
}

/// Most MetaSpace shards of a deployment.
inline constexpr std::uint32_t max_shards = 1u << 10;

/// An impression's identity: the issuing MetaSpace shard's counter (54 bits, from 1), shard (10 bits).
[[nodiscard]] constexpr impression_id make_impression_id(std::uint32_t shard, std::uint64_t counter) noexcept {
  return impression_id{counter << 10 | (shard & (max_shards - 1))};
}
[[nodiscard]] constexpr std::uint32_t shard_of(impression_id id) noexcept {
  return static_cast<std::uint32_t>(static_cast<std::uint64_t>(id) & (max_shards - 1));
}
[[nodiscard]] constexpr std::uint64_t counter_of(impression_id id) noexcept {
  return static_cast<std::uint64_t>(id) >> 10;
}

/// The plain number of an identity, for printing and indexing.
template <class Id>
[[nodiscard]] constexpr std::uint64_t raw(Id id) noexcept { return static_cast<std::uint64_t>(id); }

} // namespace ammo

#endif
