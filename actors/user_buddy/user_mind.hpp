/// The mind of a User Buddy: holds a posterior of its person's q, proposes slates, learns from rewards.
/// Pure: no CAF, no I/O, no clock; randomness follows from (seed, user, round).
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/top_n.hpp"
#include "actors/user_buddy/posterior.hpp"

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

namespace ammo {

/// How a slate is chosen.
enum class user_policy : std::uint8_t { thompson, greedy, uniform };

[[nodiscard]] std::string_view name_of(user_policy p) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<user_policy> user_policy_named(std::string_view name);

/// Shared by all User Buddies of a deployment; immutable.
struct user_config {
  layout space;                        ///< required
  user_policy policy = user_policy::thompson;
  double noise = 0.3;                  ///< σ of a reward around e·q
  double prior_variance = 0;           ///< of each coordinate of q; 0: 1 / (width of the factor), |q| ≈ 1
  bool exactly = false;                ///< fill all N slots, also with creations of negative value
  std::uint32_t spare_candidates = 0;  ///< candidates beyond N, so that caps can bite
  std::uint32_t remembered_slates = 64;///< slates whose feedback is still awaited; older ones are forgotten
  std::uint64_t seed = 1;
};

class user_mind {
public:
  user_mind(std::shared_ptr<const user_config> config, user_id user);

  [[nodiscard]] user_id user() const noexcept { return user_; }
  /// The newest snapshot of a subspace. One older than the one held is ignored.
  void see(std::shared_ptr<const catalogue_epoch> snapshot);
  /// Chooses at most `n` creations (plus spares), best first by the policy's value; counts a round.
  /// Thompson: one sampled q, exact top-N under it, over all subspaces seen. Greedy: top-N under the posterior
  /// mean (ties, and so the first slate, by a random direction). Uniform: distinct live creations at random.
  /// Where not `exactly`, creations of negative value are left out (|S| ≤ N), but for uniform.
  /// Errors (nothing changes): `no_slots`, `too_many_slots`, `no_catalogue` when nothing was seen yet.
  result<slate_proposal> propose(occasion why, std::uint64_t request, std::uint32_t n);
  /// Learns from a round's rewards. Errors (posterior as before): `unknown_user`, `feedback_late` when the round is no longer
  /// remembered, `unknown_creation`, `feedback_twice` for one already learned, `not_finite`, `reward_out_of_range`
  /// (beyond ±1e3), `posterior_not_definite`.
  errc learn(const reward& r);
  /// Would any of these fresh creations enter the slate of n under the posterior mean? (Push.)
  [[nodiscard]] bool would_enter(std::span<const creation_id> fresh, std::uint32_t n) const;
  /// What it believes, with both believed regrets of its last slate.
  [[nodiscard]] belief believe() const;
  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }

private:
  struct remembered {
    std::uint64_t round = 0;
    std::shared_ptr<const catalogue_epoch> snapshot; // unused when the creation is still live in the current one
    per_slot<creation_id> creations;                 // proposed and not yet learned
  };
  std::shared_ptr<const user_config> config_;
  user_id user_;
  std::uint64_t rounds_ = 0;
  std::uint64_t observations_ = 0;
  std::vector<ridge_posterior<float>> posteriors_;                 // by factor
  std::vector<std::shared_ptr<const catalogue_epoch>> snapshots_;  // by subspace seen
  // The implementer chooses how slates are remembered; memory a buddy counts (see README of bench).
  std::vector<remembered> slates_;
};

} // namespace ammo
