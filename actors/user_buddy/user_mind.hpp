/// The mind of a User Buddy: holds a posterior of its person's q, proposes slates, learns from rewards.
/// Pure: no CAF, no I/O, no clock; randomness follows from (seed, user, round).
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/base/boxed.hpp"
#include "actors/user_buddy/belief/round_history.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"
#include "actors/user_buddy/slate/slate_memory.hpp"
#include "actors/user_buddy/slate/slate_policy.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

class user_mind {
public:
  user_mind(std::shared_ptr<const user_config> config, user_id user);
  user_mind(user_mind&&) noexcept = default;
  user_mind& operator=(user_mind&&) noexcept = default;
  user_mind(const user_mind&) = default;
  user_mind& operator=(const user_mind&) = default;

  [[nodiscard]] user_id user() const noexcept { return user_; }
  /// The newest snapshot of a subspace. Ignored: one no newer than the one held, and one of a subspace that the layout
  /// doesn't have. What the old one alone still knows of creations that await feedback is kept until they are learned.
  void see(std::shared_ptr<const catalogue_version> snapshot);
  /// Chooses at most `n` creations (plus spares), best first by the policy's value; counts a round.
  /// - Thompson: one sampled q, exact top-N under it, over all subspaces seen.
  /// - Greedy: top-N under the posterior mean (ties, and so the first slate, by a random direction).
  /// - Uniform: distinct live creations at random, with values that fall from 1 with the rank.
  /// - ε-greedy: uniform in a share ε of the rounds, greedy in the others.
  /// - C2UCB (Qin, Chen, Zhu, "Contextual combinatorial bandit and its application on diversified online
  ///   recommendation", SDM 2014): exact top-N by e·m + α σ sqrt(eᵀA⁻¹e), ties by chance. Regret is Õ(d√(NT) + dN)
  ///   (Takemura et al., arXiv 2101.07957) with probability 1 − δ for α ≥ sqrt(ln(det A / det λI) + 2 ln(1/δ)) +
  ///   |q| sqrt(λ)/σ. So wide an interval costs regret in practice: here α is a constant. Below 2 or so some users
  ///   never learn of the best creations.
  /// - Sampled UCB: C2UCB for the first `newcomer_rounds`; then one sampled q draws up a shortlist of 3n creations of each
  ///   subspace, up to a multiple of 16, by exact top-N, and the best n of it by C2UCB's bound are chosen. The default.
  /// - FTRL: against an adversary; N by `hybrid_ftrl` whatever the creations' coordinates, then spares, with values
  ///   that fall from 1 with the rank. It learns creation by creation, so it takes K/N rounds or more to begin to know any.
  /// - Host: `host_choice` of the host's own. `policy_fault` says why Thompson sampling had to stand in; else it is
  ///   `ok`.
  /// With `diversity`, all but FTRL value 4n creations of each subspace (64 at most, or as many as with spares), and
  /// `diversified` chooses of these; values are its gains then, and may be negative.
  /// Where not `exactly`, creations of negative value are left out (|S| ≤ N), but for uniform and FTRL. At most
  /// 4·max_slots candidates. O(d²) a factor, plus the top-N searches; O(d²) a live creation for C2UCB, a listed one for sampled UCB; uniform draws
  /// rows until n are live, n·rows/live times or so; FTRL O(K · iterations) of K live creations, 0.3 µs each.
  /// Each candidate says how likely it was, given all that was known before the round: n / live for uniform; 1 for
  /// greedy and C2UCB; ε n / live, and 1 − ε more in the greedy slate, for ε-greedy; FTRL's marginals; what a host says;
  /// by redrawing for Thompson and (past a newcomer's rounds) sampled UCB, if `propensity_draws` (each costs a sample and a top-N). Unknown elsewhere: with spares
  /// or `diversity`, where greedy or C2UCB chose between equals (so in the first round), and for a failed host.
  /// Errors (nothing changes): `no_slots`, `too_many_slots`, `no_catalogue` when nothing was seen yet.
  result<slate_proposal> propose(occasion why, std::uint64_t request, std::uint32_t n, errc* policy_fault = nullptr);
  /// Learns from a round's rewards, all or none, in any order of rounds: what is believed is the same afterwards as if they
  /// had come in order (to rounding for the linear belief without drift, else bit by bit, see `round_history`). O(m d²).
  /// A slate whose feedback is complete
  /// is forgotten when the next one is proposed.
  /// Errors (posterior as before): `unknown_user`, `feedback_not_shown` for a round that wasn't proposed yet,
  /// `feedback_late` when it is no longer remembered, `unknown_creation` for one that wasn't in its slate,
  /// `feedback_twice` for one already learned, `not_finite`, `reward_out_of_range` (beyond ±1e3),
  /// `posterior_not_definite` (coordinates beyond ±1e9).
  errc learn(const reward& r);
  /// Learns that the person prefers one creation to another, each of a slate that it proposed and that awaits its feedback;
  /// both have had it then. By Bradley–Terry: P = 1 / (1 + exp(−(u − u') / temperature)), as `learn_responses` does.
  /// Errors (posterior as before): as of rewards, and `bad_value` for a creation compared with itself, or where
  /// `drift` is restart.
  errc learn(const comparison& c);
  /// The person says what they are interested in: v, in the coordinates of the subspace's block, of any length > 0.
  /// Taken as a noisy look at q itself: over the block, q = s v/|v| + noise of variance (1 − s²) / width a coordinate,
  /// where s = `confidence` is the cosine expected between v and q when |q| = 1. So it weighs as much as
  /// σ² width / (1 − s²) observations along each coordinate, and the next slate is already theirs. O(width · d²).
  /// Errors (nothing changes): `unknown_subspace`, `wrong_dimension`, `not_finite` (or no direction at all),
  /// `bad_value` for a confidence outside (0, 0.99].
  errc take_interest(subspace_id subspace, std::span<const float> v, double confidence);
  /// The regret broadcast of a subspace: takes `group_weight` · agreement · q̄ for the prior mean of its block, in place of
  /// what was heard before. Exactly the belief of a mind that had started from it, so who has seen much hardly changes. O(d²).
  /// Ignored where the group has no weight, and for a block that overlaps another one: what is liked there
  /// can't be told apart. False where that is so, or where it isn't fit for the block (nothing changes).
  bool hear(subspace_id subspace, const shared_consensus& group);
  /// Plays by these from the next slate on; what is believed stays as it is.
  void adopt(const exploration& e) { explores_ = boxed(e); }
  [[nodiscard]] exploration explores() const noexcept { return explores_ ? *explores_ : config_->explores(); }
  /// Would any of these fresh creations enter the slate of n under the posterior mean? (Push.) Never while that is
  /// zero: a buddy that knows nothing of its person has no reason to disturb them.
  [[nodiscard]] bool would_enter(std::span<const creation_id> fresh, std::uint32_t n) const;
  /// What has to be known elsewhere to tell which creations could enter the slate of n, as long as the mean doesn't
  /// stray from where it is by more than `share` of its length. Nothing while the mean is zero or no catalogue was
  /// seen. A top-N search.
  [[nodiscard]] std::optional<watch> watching(std::uint32_t n, float share) const;
  /// Has the mean moved by more than the watch's slack? O(d²).
  [[nodiscard]] bool strayed(const watch& w) const;
  /// Version of the subspace's catalogue that was seen last; 0: none.
  [[nodiscard]] std::uint64_t seen(subspace_id s) const noexcept;
  /// What it believes, with both believed regrets of its last slate S (its first N creations), against the creations
  /// that are live now. Under the mean m: max_S' Σ_S' e·m − Σ_S e·m. Its bound: max_S' Σ_S'∖S (e·m + w) − Σ_S∖S' (e·m − w),
  /// where w = 1.96 σ sqrt(eᵀA⁻¹e) is the half-width of the 95 % interval of e·q. Creations of S that are neither live
  /// nor awaited any more are left out, and so are their slots. O(d²) a live creation: for operators, not each round.
  [[nodiscard]] belief believe() const;
  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  /// Rounds whose observations are kept because the belief depends on their order (see `round_history`).
  [[nodiscard]] std::size_t rounds_kept() const noexcept { return history_ ? history_->kept() : 0; }
  [[nodiscard]] std::uint64_t observations() const noexcept { return observations_; } ///< rewards learned
  /// `moments_of` each factor under its prior, one after the other, for a sum over many people. O(d³). Empty where
  /// `priors` don't fit the layout or a number can't be told.
  [[nodiscard]] std::vector<double> moments(std::span<const gaussian_prior> priors) const;

private:
  /// A creation where its coordinates are: in the current snapshot, or in an older one that still knows it.
  struct located {
    const catalogue_version* version = nullptr;
    std::uint32_t row = 0;
  };
  using coordinates = boost::container::small_vector<float, 256>;

  /// What is believed of a factor before anything is seen.
  [[nodiscard]] ridge_posterior<float> start(std::size_t factor) const;
  /// What is believed of a factor's coordinates.
  [[nodiscard]] const ridge_posterior<float>& posterior(std::size_t factor) const noexcept;
  [[nodiscard]] const catalogue_version* current(creation_id id) const noexcept;
  [[nodiscard]] located locate(creation_id id) const noexcept;
  [[nodiscard]] errc check(const reward& r) const noexcept;
  [[nodiscard]] errc check(const comparison& c) const noexcept;
  /// A round's rewards as the history takes them.
  [[nodiscard]] observed_round seen_in(const reward& r) const;
  /// Learns at once, whatever came before. False, and nothing is learned, where a posterior refuses.
  [[nodiscard]] bool learn_at_once(const reward& r);
  /// Learns in the order of rounds. False as above.
  [[nodiscard]] bool learn_in_order(observed_round r);
  [[nodiscard]] coordinates mean() const;
  /// The best n over all subspaces, equal scores by lower subspace and row.
  [[nodiscard]] ranking best(std::span<const float> q, std::size_t n) const;
  [[nodiscard]] float held_up(std::span<const scored> slate, std::size_t n, float slack) const;
  /// What the policy would show.
  [[nodiscard]] ranking choose(std::uint64_t round, std::size_t slots, std::size_t n, errc& fault, chances& told) const;
  /// e in the coordinates of its factor.
  void embed(const located& at, std::span<float> out) const noexcept;
  void release_snapshots();
  /// Of the 95 % interval of e·q.
  [[nodiscard]] float half_width(const located& at) const;
  /// The best n when what is shown is worth the least that can't be ruled out, and all else the most.
  [[nodiscard]] ranking best_possible(std::span<const float> m, std::span<const creation_id> shown,
                                      std::size_t n) const;
  void believe_regret(belief& b, std::span<const float> m) const;

  std::shared_ptr<const user_config> config_;
  user_id user_;
  boxed<exploration> explores_; // where a strain says so
  std::uint64_t rounds_ = 0;
  std::uint64_t observations_ = 0;
  factor_beliefs beliefs_;
  boxed<round_history> history_; // where what is believed depends on the order of what was seen
  boost::container::small_vector<std::shared_ptr<const catalogue_version>, 1> snapshots_; // the newest, by subspace
  boxed<std::vector<std::shared_ptr<const catalogue_version>>> older_; // that alone know a creation that awaits feedback
  boxed<ftrl_memory> ftrl_;                                          // of that policy only
  std::vector<std::shared_ptr<const consensus>> heard_;              // by factor, once any was heard
  slate_memory slates_;
};

} // namespace ammo
