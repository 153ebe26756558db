/// The mind of a MetaSpace shard: turns proposals into granted impressions under the caps, and counts attention.
/// Pure. A slate depends on its proposal and the live creations alone, so users don't depend on each other's order.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/regret.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

/// Caps of one slate; 0 means "no cap". Nested (creation ⊂ Goal Buddy ⊂ owner ⊂ subspace ⊂ slate), so greedy by value
/// is optimal; where an owner is in several subspaces and both caps bite, greedy still holds every cap.
struct slate_caps {
  std::uint32_t slots = max_slots;         ///< most N that may be asked
  std::uint32_t per_goal = 0;              ///< most creations of one Goal Buddy in a slate
  std::uint32_t per_owner = 0;
  std::vector<std::uint32_t> per_subspace = {}; ///< by subspace; missing: no cap
};

class metaspace_mind {
public:
  /// `shard` of `shards` ≤ max_shards: impression ids of different shards never collide.
  metaspace_mind(slate_caps caps, std::uint32_t shard, std::uint32_t shards);

  /// The newest snapshot of a subspace. One older than the one held is ignored.
  void see(std::shared_ptr<const catalogue_epoch> snapshot);
  /// Greedy by value over the caps: |S| ≤ N, only live creations, no duplicates. Each refused candidate counts under
  /// its name: `not_live`, `unknown_subspace`, `duplicate_in_slate`, `cap_subspace`, `cap_goal`, `cap_owner`,
  /// `not_finite`. Candidates beyond the N granted ones are spares and are no refusal. A whole proposal is refused
  /// (code set, counted) for `no_slots`, `too_many_slots`, `no_catalogue`. No allocation up to 8 slots where candidates
  /// come best first. O(N · candidates).
  slate_granted grant(const slate_proposal& p);
  /// One report a subspace for what was granted since the last call, completed from AiPP's report of the same
  /// epoch (engagement and regret). Exposures by creation id, ascending. A slate's regret isn't divided between
  /// subspaces: each report has all of it.
  std::vector<attention_report> close(const regret_report& r);
  /// Refusals by code since the start.
  [[nodiscard]] const std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>& refused() const noexcept {
    return refused_;
  }
  [[nodiscard]] std::uint64_t slates() const noexcept { return slates_; }
  [[nodiscard]] std::uint64_t slots_granted() const noexcept { return slots_granted_; }

private:
  struct picked; // the slate so far
  [[nodiscard]] errc whole(const slate_proposal& p) const noexcept;
  [[nodiscard]] errc admit(const candidate& c, const picked& so_far, const creation_info*& found) const noexcept;
  void fill(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first);
  void refuse(errc code) noexcept { ++refused_[static_cast<std::size_t>(code)]; }

  slate_caps caps_;
  std::uint32_t shard_;
  std::uint64_t next_impression_ = 1;
  std::vector<std::shared_ptr<const catalogue_epoch>> snapshots_; // by subspace
  std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)> refused_{};
  std::uint64_t slates_ = 0, slots_granted_ = 0;
  std::uint64_t epoch_offered_ = 0;          // Σ N since the last close
  std::vector<std::uint64_t> epoch_granted_; // by subspace
};

} // namespace ammo
