/// The mind of a MetaSpace shard: turns proposals into granted impressions under the caps, and counts attention.
/// Pure. A slate depends on its proposal and the live creations alone, so users don't depend on each other's order.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/regret.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace ammo {

/// Caps of one slate; 0 means "no cap". Nested (creation ⊂ Goal Buddy ⊂ owner ⊂ … ⊂ slate), so greedy by value is optimal.
struct slate_caps {
  std::uint32_t slots = max_slots;         ///< most N that may be asked
  std::uint32_t per_goal = 0;              ///< most creations of one Goal Buddy in a slate
  std::uint32_t per_owner = 0;
  std::vector<std::uint32_t> per_subspace; ///< by subspace; missing: no cap
};

class metaspace_mind {
public:
  /// `shard` of `shards`: impression ids of different shards never collide.
  metaspace_mind(slate_caps caps, std::uint32_t shard, std::uint32_t shards);

  void see(std::shared_ptr<const catalogue_epoch> snapshot);
  /// Greedy by value over the caps: |S| ≤ N, only live creations, no duplicates. Each refused candidate counts under its name:
  /// `not_live`, `unknown_subspace`, `duplicate_in_slate`, `cap_subspace`, `cap_goal`, `cap_owner`, `not_finite`. Candidates beyond the
  /// N granted ones are spares and are no refusal. A whole proposal is refused (code set, counted) for `no_slots`, `too_many_slots`, `no_catalogue`.
  slate_granted grant(const slate_proposal& p);
  /// One report a subspace for what was granted since the last call, completed from AiPP's report of the same
  /// epoch (engagement and regret). Exposures by creation id, ascending.
  std::vector<attention_report> close(const regret_report& r);
  [[nodiscard]] const std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>& refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t slates() const noexcept { return slates_; }
  [[nodiscard]] std::uint64_t slots_granted() const noexcept { return slots_granted_; }

private:
  slate_caps caps_;
  std::uint32_t shard_, shards_;
  std::uint64_t next_impression_ = 1;
  std::vector<std::shared_ptr<const catalogue_epoch>> snapshots_; // by subspace
  std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)> refused_{};
  std::uint64_t slates_ = 0, slots_granted_ = 0;
  std::uint64_t epoch_slates_ = 0;
  std::vector<std::uint64_t> epoch_offered_, epoch_granted_; // by subspace (offered: Σ N, the same for each subspace)
};

} // namespace ammo
