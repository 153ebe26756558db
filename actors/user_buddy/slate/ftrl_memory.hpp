/// What policy "ftrl" remembers of one user: the losses of what is live, and the marginals that feedback will need.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/user_buddy/slate/hybrid_ftrl.hpp"
#include "actors/user_buddy/slate/policy_memory.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

/// Arms are the live creations of all subspaces, N are shown in a round; a reward r counts as the loss −r, within [−1,
/// 1]. What came and what went is followed from version to version. State: 24 bytes a live creation, 24 one that awaits
/// feedback.
class ftrl_memory final : public policy_memory {
public:
  ftrl_memory() = default;
  /// The memory that was saved. Null where the state isn't one.
  [[nodiscard]] static std::unique_ptr<ftrl_memory> restored(const ftrl_state& s);

  [[nodiscard]] std::unique_ptr<policy_memory> clone() const override { return std::make_unique<ftrl_memory>(*this); }
  /// O(K).
  void renew(snapshots_view snapshots) override;
  /// The round's slate: `slots` creations, each with its marginal exactly, then up to n − slots others as spares, the
  /// likeliest first. Values fall from 1 with the rank. Of those that `who` says alone (null: of all), which live in `snapshots`.
  /// O(K · iterations).
  [[nodiscard]] ranking choose(std::uint64_t round, std::size_t slots, std::size_t n, splitmix64 g, snapshots_view snapshots = {},
                               const eligibility* who = nullptr);
  /// How likely each creation of that round's slate was, exactly, if it is the last one; spares left out.
  [[nodiscard]] chances last(std::uint64_t round) const;
  /// Learns what was chosen in that round; of spares nothing, as nobody knows how likely they were.
  void learn(std::uint64_t round, std::span<const earned> entries) override;
  /// What had no feedback counts as reward 0.
  void forget(const slate_memory& slates) override;
  void save(policy_state& to) const override;

private:
  /// By arm: may it be shown?
  [[nodiscard]] std::vector<std::uint8_t> awake(snapshots_view snapshots, const eligibility& who) const;
  void learn(const awaited_marginal& s, double reward) noexcept;

  hybrid_ftrl learner_;
  std::vector<creation_id> arms_;         // by subspace and row
  std::vector<awaited_marginal> awaited_; // oldest first
};

} // namespace ammo
