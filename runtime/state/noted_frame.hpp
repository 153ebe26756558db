/// A frame as the log has it: whose it is, what it is, and its bytes. Pure.
#pragma once

#include "actors/protocol/frame_log.hpp"
#include "runtime/store/records.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace ammo {

struct noted_frame {
  store::unit_id unit{};
  address entity{};
  std::uint16_t what = 0; ///< see `frame_log::note`
  std::span<const std::byte> body;
};

[[nodiscard]] store::bytes packed_frame(const noted_frame& f);
/// Nothing where the bytes aren't one.
[[nodiscard]] std::optional<noted_frame> unpacked_frame(std::span<const std::byte> bytes);

/// The word of a log that a unit is given up: of no entity, and nothing is behind it.
[[nodiscard]] inline noted_frame last_frame_of(store::unit_id unit) noexcept { return {unit, {}, 0, {}}; }
[[nodiscard]] inline bool is_last(const noted_frame& f) noexcept { return f.entity.of == role::nobody; }

/// A call under a key that would count twice if it were repeated is noted before it begins, too. The number of its request while it is under
/// way; 0: that is its answer.
[[nodiscard]] inline std::uint64_t request_under_way(const key_frame& f) noexcept {
  const auto* waits = std::get_if<feedback_verdict>(&f.answer);
  return waits && waits->code == errc::outcome_unknown ? waits->request : 0;
}

/// Which units a state has: what is of none of the others, the user shards, the subspaces; in this order, from 0.
struct unit_numbers {
  std::uint32_t shards = 0, subspaces = 0;
  [[nodiscard]] std::uint32_t size() const noexcept { return 1 + shards + subspaces; }
  static constexpr store::unit_id host{0};
  [[nodiscard]] store::unit_id of_shard(std::uint32_t i) const noexcept { return store::unit_id{1 + i}; }
  [[nodiscard]] store::unit_id of_subspace(std::uint32_t i) const noexcept { return store::unit_id{1 + shards + i}; }
  /// The address that stands for a unit.
  [[nodiscard]] address address_of_unit(store::unit_id u) const noexcept {
    const auto n = static_cast<std::uint32_t>(u);
    return n == 0 ? address(the_host) : n <= shards ? address(address_of<role::aipp>(n - 1)) : address(address_of<role::subspace>(n - 1 - shards));
  }
  /// Of the address that stands for a unit.
  [[nodiscard]] store::unit_id of(address a) const noexcept {
    const auto id = static_cast<std::uint32_t>(a.id);
    return a.of == role::aipp ? of_shard(id) : a.of == role::subspace ? of_subspace(id)
                                                                      : host;
  }
};

} // namespace ammo
