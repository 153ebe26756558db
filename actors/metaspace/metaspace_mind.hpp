/// The mind of a MetaSpace shard: turns proposals into granted impressions under the caps, and counts attention.
/// Pure. A slate depends on its proposal and the live creations alone, so users don't depend on each other's order.
#pragma once

#include "actors/base/refusal_tally.hpp"
#include "actors/slots/arbitration.hpp"
#include "actors/slots/reward_rule.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/regret.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

struct metaspace_mind_state;

struct metaspace_config {
  slate_caps caps{};
  std::uint32_t shard = 0, shards = 1; ///< which of how many, ≤ max_shards: impression ids of different shards never collide
  /// With `backward` rewards a granted creation's merit is its value less that of the best live candidate below the slate
  /// (0 where there is none, as for a value < 0): what the slot would lose without it. Proposals then need a candidate more
  /// than slots.
  reward_rule rewards = reward_rule::exposure;
  std::uint64_t first_impression = 1; ///< the shard's counter begins here: no earlier run of it has issued that
};

class metaspace_mind {
public:
  explicit metaspace_mind(metaspace_config config);

  /// The newest snapshot of a subspace. One older than the one held is ignored.
  void see(std::shared_ptr<const catalogue_version> snapshot);
  /// The newest version of a subspace that it knows; 0: none.
  [[nodiscard]] std::uint64_t seen(subspace_id of) const noexcept { return raw(of) < snapshots_.size() && snapshots_[raw(of)] ? snapshots_[raw(of)]->version() : 0; }
  /// The terms on which a subspace's Goal Buddies' candidates rank; those of an older period are ignored.
  void price(const slot_terms& t);
  /// `arbitrate` over the candidates by value, on the terms of their Goal Buddies where slots are sold: |S| ≤ N, only live
  /// creations, no duplicates, best first. Each refused candidate counts under its name: `not_live`, `unknown_subspace`,
  /// `duplicate_in_slate`, `not_finite`, `budget_exceeded` (its Goal Buddy can't pay a slot), `near_duplicate`,
  /// `cap_subspace`, `cap_goal`, `cap_owner`, and `slate_full` where a floor keeps the slot for another subspace.
  /// Candidates below the last granted one of a full slate are spares and are no refusal. A whole proposal is
  /// refused (code set, counted) for `no_slots`, `too_many_slots`, `no_catalogue`. Without caps and terms, no allocation
  /// up to 8 slots where candidates come best first. O(N · candidates).
  slate_granted grant(const slate_proposal& p);
  /// One report a subspace for what was granted since the last call, completed from AiPP's report of the same
  /// period (engagement and regret). Exposures by creation id, ascending; with backward rewards, they carry the merits. A slate's regret isn't divided between
  /// subspaces: each report has all of it.
  std::vector<attention_report> close(const regret_report& r);
  /// Takes the place of one that has failed: has its catalogues and terms, and issues no impression again. What was granted since the last
  /// report is forgotten.
  void succeed(const metaspace_mind& failed);
  /// What was refused since the body counted last.
  [[nodiscard]] refusal_tally& refused() noexcept { return refused_; }
  [[nodiscard]] const refusal_tally& refused() const noexcept { return refused_; }

  [[nodiscard]] metaspace_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself.
  [[nodiscard]] static result<metaspace_mind> restore(metaspace_config config, const metaspace_mind_state& state);

private:
  [[nodiscard]] errc whole(const slate_proposal& p) const noexcept;
  /// Of a candidate by itself.
  [[nodiscard]] errc admit(const candidate& c, const creation_info*& found) const noexcept;
  void grant_slot(slate_granted& out, creation_id creation, propensity how_likely);
  void fill(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first);
  void fill_capped(slate_granted& out, const slate_proposal& p, std::span<const candidate> best_first);
  /// The candidates by what they are worth on their Goal Buddies' terms.
  [[nodiscard]] per_slot<candidate> on_terms(const slate_proposal& p);
  [[nodiscard]] exposure with_merit(exposure e);
  void reward(const slate_granted& out, std::span<const candidate> best_first);
  void refuse(errc code) noexcept { refused_.add(code); }

  slate_caps caps_;
  bool capped_;
  reward_rule rewards_;
  std::uint32_t shard_;
  std::uint64_t next_impression_ = 1;
  std::vector<std::shared_ptr<const catalogue_version>> snapshots_; // by subspace
  std::vector<slot_terms> terms_;                                 // by subspace; empty: no slots are sold
  refusal_tally refused_;
  std::uint64_t period_offered_ = 0;          // Σ N since the last close
  std::vector<std::uint64_t> period_granted_; // by subspace
  std::unordered_map<creation_id, exact_sum> merits_; // of grants that AiPP hasn't reported yet
};

} // namespace ammo
