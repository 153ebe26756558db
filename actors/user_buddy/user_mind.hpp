/// The mind of a User Buddy: holds a posterior of its person's q, proposes slates, learns from rewards.
/// Pure: no CAF, no I/O, no clock; randomness follows from (seed, user, round).
#pragma once

#include "actors/base/boxed.hpp"
#include "actors/base/cloned.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/seen_catalogues.hpp"
#include "actors/user_buddy/showing_log.hpp"
#include "actors/user_buddy/slate/slate_memory.hpp"
#include "actors/user_buddy/slate/slate_policy.hpp"
#include "actors/user_buddy/user_config.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// What a slate is wanted for, and what the host says with it.
struct slate_wish {
  occasion why = occasion::request;
  std::uint64_t request = 0;   ///< comes back with the proposal
  std::uint32_t n = 0;         ///< N
  std::uint32_t situation = 0; ///< in which the person asks, from 1; 0: none in particular
  eligible_ptr eligible{};     ///< what may be shown; null: everything. A push goes by what was asked for last
  most_showings at_most{};     ///< of each creation. A push goes by what was asked for last
  std::int64_t now_s = 0;      ///< seconds since 1970
};

class user_mind {
public:
  user_mind(std::shared_ptr<const user_config> config, user_id user);
  user_mind(user_mind&&) noexcept = default;
  user_mind& operator=(user_mind&&) noexcept = default;
  user_mind(const user_mind&) = default;
  user_mind& operator=(const user_mind&) = default;

  /// All that it knows. What others hold too is shared with them: catalogue versions, and the numbers of a state that is
  /// already a value.
  [[nodiscard]] user_mind_state save() const;
  /// The same without catalogue versions: the embeddings that it refers to are among those of creations that are gone. Its
  /// restored mind sees the newest catalogues before it is asked again.
  [[nodiscard]] user_mind_state save_own() const;
  /// The mind that was saved under the same configuration, to the bit, whatever comes next. Where it began with another
  /// prior than `config` has, it gets a configuration of its own with that one.
  /// Errors: `bad_state` where the state contradicts itself or doesn't fit the configuration.
  [[nodiscard]] static result<user_mind> restore(std::shared_ptr<const user_config> config, const user_mind_state& state);

  [[nodiscard]] user_id user() const noexcept { return user_; }
  /// The newest snapshot of a subspace. Ignored: one no newer than the one held, and one of a subspace that the layout
  /// doesn't have. What the old one alone still knows of creations that await feedback is kept until they are learned.
  void see(std::shared_ptr<const catalogue_version> snapshot) { see(std::span(&snapshot, 1)); }
  /// The same of several subspaces at once: one that was restored without catalogues is to see all of them so.
  void see(std::span<const std::shared_ptr<const catalogue_version>> snapshots);
  /// The newest of each subspace, by subspace; null: none was seen.
  [[nodiscard]] snapshots_view catalogues() const noexcept { return catalogues_.newest(); }
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
  /// Where not `exactly`, creations worth less than `empty_slot_worth` are left out (|S| ≤ N), but for uniform, FTRL and a host's; a slate that
  /// would be empty is filled all the same with probability `empty_slate_retry`, but for a push (its propensities are unknown). At most
  /// 4·max_slots candidates. O(d²) a factor, plus the top-N searches; O(d²) a live creation for C2UCB, a listed one for sampled UCB; uniform draws
  /// rows until n are live, n·rows/live times or so; FTRL O(K · iterations) of K live creations, 0.3 µs each.
  /// Each candidate says how likely it was, given all that was known before the round: n / live for uniform; 1 for
  /// greedy and C2UCB; ε n / live, and 1 − ε more in the greedy slate, for ε-greedy; FTRL's marginals; what a host says;
  /// by redrawing for Thompson and (past a newcomer's rounds) sampled UCB, if `propensity_draws` (each costs a sample and a top-N). Unknown elsewhere: with spares
  /// or `diversity`, where greedy or C2UCB chose between equals (so in the first round), and for a failed host.
  /// A share `control_share` of the rounds that are no pushes is drawn as uniform draws, whatever the policy; its candidates say `control`, with
  /// n / live, or 0 where spares are wanted: caps have a say then. What any other candidate says is how likely it was, given that its round is
  /// not of control.
  /// All of it among what is eligible, by every policy: top-N, equals, chances, what a host's policy sees, and what caps are filled up
  /// with. Where nothing is, the proposal is empty.
  /// `at_most`: what was shown as often isn't eligible. Showings count from the first ask with a limit on; where a proposal has spares
  /// (`wants_grant`) all of it counts until `granted`.
  /// Errors (nothing changes): `no_slots`, `too_many_slots`, `no_catalogue` when nothing was seen yet, `bad_value` for a
  /// situation beyond `most_situations`.
  /// `host`: chooses in place of the host's policy, where that is played.
  result<slate_proposal> propose(const slate_wish& w, errc* policy_fault = nullptr, const slate_policy* host = nullptr);
  result<slate_proposal> propose(occasion why, std::uint64_t request, std::uint32_t n, errc* policy_fault = nullptr,
                                 const slate_policy* host = nullptr, std::uint32_t situation = 0) {
    return propose({.why = why, .request = request, .n = n, .situation = situation}, policy_fault, host);
  }
  /// Does its policy remember anything of its user?
  [[nodiscard]] bool remembers() const noexcept { return static_cast<bool>(memory_); }
  /// What its log is to say of the slate that it proposed last. Of round 0: of what its policy remembers alone.
  [[nodiscard]] slate_frame frame_of(slate_proposal proposed, std::uint32_t situation) const;
  /// A creation's embedding, as far as it is known; else null.
  [[nodiscard]] embedding_store::handle embedding_of(creation_id creation) const;
  /// Proposes again what its log says that it has proposed: nothing is chosen. `named`: its creations, all of them.
  /// Errors: `bad_state` where that isn't its next slate.
  [[nodiscard]] result<void> repeat(const slate_frame& slate, std::span<const embedding_store::handle> named);
  /// Would `propose` be refused, and by what name?
  [[nodiscard]] result<void> can_propose(std::uint32_t n) const;
  /// Of that round's proposal only these are shown, where it wanted to know.
  void granted(std::uint64_t round, std::span<const impression> shown);
  /// What the host's policy chooses, `ahead` rounds from now. Runs the host's code, so a body calls it for a copy of its mind, elsewhere.
  /// Throws what the policy throws. Only where the policy is the host's and `can_propose`.
  [[nodiscard]] host_choice_made ask_host(const slate_wish& w, std::uint64_t ahead = 0);
  /// What was eligible for the last slate; null: everything.
  [[nodiscard]] const eligible_ptr& eligible() const noexcept { return asked_.eligible; }
  /// Learns from a round's rewards, all or none, in any order of rounds: what is believed is the same afterwards as if they
  /// had come in order (see `belief_model::learn`). O(m d²).
  /// A slate whose feedback is complete
  /// is forgotten when the next one is proposed.
  /// Errors (posterior as before): `unknown_user`, `feedback_not_shown` for a round that wasn't proposed yet,
  /// `feedback_late` when it is no longer remembered, `unknown_creation` for one that wasn't in its slate,
  /// `feedback_twice` for one already learned, `not_finite`, `reward_out_of_range` (beyond ±1e15; of a classic learner, ±1e3),
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
  /// `situation`: they are interested in this one; 0: in all. The learner `people` alone tells situations apart.
  /// Errors (nothing changes): `unknown_subspace`, `wrong_dimension`, `not_finite` (or no direction at all),
  /// `bad_value` for a confidence outside (0, 0.99], or a situation beyond `most_situations`.
  errc take_interest(subspace_id subspace, std::span<const float> v, double confidence, std::uint32_t situation = 0);
  /// The regret broadcast of a subspace, see `belief_model::hear`. O(d²).
  /// Ignored where the group has no weight, and for a block that overlaps another one: what is liked there
  /// can't be told apart. False where that is so, or where it isn't fit for the block (nothing changes).
  bool hear(subspace_id subspace, const shared_consensus& group);
  /// Slate regret a round of the last regret broadcast, whichever subspace's.
  void hear_regret(double slate) noexcept { heard_regret_ = slate; }
  /// Plays by these from the next slate on; what is believed stays as it is.
  void adopt(const exploration& e) { explores_ = boxed(e); }
  [[nodiscard]] exploration explores() const noexcept { return explores_ ? *explores_ : config_->explores(); }
  /// Would any of these fresh creations, eligible as of the last slate, enter the slate of n under the posterior mean? (Push.) Never while that is
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
  /// where w = 1.96 σ sqrt(eᵀA⁻¹e) is the half-width of the 95 % interval of e·q. S' is of what was eligible for S. Creations of S that are neither live
  /// nor awaited any more are left out, and so are their slots. O(d²) a live creation: for operators, not each round.
  [[nodiscard]] belief believe() const;
  /// Why it showed its user the creation of that impression: score and chance of the slate, as long as it is remembered, and where its
  /// belief has from what it expects of the creation now. Takes what the question says of the impression. Errors: `unknown_creation` where
  /// the creation has gone and nothing refers to it any more. O(d²), and O(d) a reward that is kept.
  [[nodiscard]] result<explanation> explain(const impression_question& q) const;
  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  /// Rounds whose observations are kept because the belief depends on their order.
  [[nodiscard]] std::size_t rounds_kept() const noexcept { return belief_->rounds_kept(); }
  [[nodiscard]] std::uint64_t observations() const noexcept { return observations_; } ///< rewards learned
  /// By factor: see `belief_model::statistics` and `belief_model::facts`.
  [[nodiscard]] std::vector<pooled_sums> statistics() const {
    catch_up();
    return belief_->statistics();
  }
  [[nodiscard]] reward_facts facts(std::size_t factor) const {
    catch_up();
    return belief_->facts(factor);
  }
  /// Adds them to a masked ring sum. False, and the sum as before, where that isn't one of them by factor.
  [[nodiscard]] bool add_to_ring(std::span<std::uint64_t> ring) const;
  /// Sums over people, by factor. False, and nothing changes, for those of another layout, or that are no sums over people.
  bool hear_people(std::span<const pooled_sums> sums);
  /// See `belief_model::moments`.
  [[nodiscard]] std::vector<double> moments(std::span<const gaussian_prior> priors) const {
    return belief_->moments(*config_, priors);
  }

private:
  /// With what the last slate was asked for.
  struct last_asked {
    eligible_ptr said;     // by the host; null: everything is eligible
    most_showings at_most; // the same
    bool anew = false;     // something else than the ask before
    eligible_ptr eligible; // limits counted; null: everything
  };

  /// A mind that has a configuration and nothing else yet.
  user_mind(user_id user, std::shared_ptr<const user_config> config) : config_(std::move(config)), user_(user) {}

  [[nodiscard]] const slate_policy& policy() const noexcept;
  /// The creations that it may still have to look up, some of them twice.
  [[nodiscard]] std::vector<creation_id> referred() const;
  [[nodiscard]] slate_proposal proposed(const slate_wish& w, errc* policy_fault, const slate_policy* host);
  /// A slate is on its way: it is remembered, and its round counts. Where it throws, neither.
  void count(const slate_proposal& p, std::uint32_t situation, bool by_chance);
  [[nodiscard]] errc check(const reward& r) const noexcept;
  [[nodiscard]] errc check(const comparison& c) const noexcept;
  [[nodiscard]] bool learn(std::uint64_t round, std::span<const observation> all);
  [[nodiscard]] coordinates mean() const;
  void catch_up() const;
  /// The best n over all subspaces, equal scores by lower subspace and row.
  [[nodiscard]] ranking best(std::span<const float> q, std::size_t n) const;
  [[nodiscard]] float held_up(std::span<const scored> slate, std::size_t n, float slack, float least) const;
  /// The least e·m that is worth a slot; no bound where slots are filled.
  [[nodiscard]] float least(subspace_id s) const;
  [[nodiscard]] bool tries_again(std::uint64_t round, const slate_wish& w) const noexcept;
  /// What the policy would show.
  [[nodiscard]] ranking choose(std::uint64_t round, const slate_wish& w, errc& fault, chances& told, bool& by_chance, const slate_policy* host);
  [[nodiscard]] bool diverse() const noexcept { return config_->diversity > 0 && !memory_; }
  /// Nobody else has a say in the slate.
  [[nodiscard]] bool alone() const noexcept { return config_->spare_candidates == 0 && !diverse(); }
  [[nodiscard]] std::size_t pool_of(std::size_t slots) const;
  /// Is it a slate of control?
  [[nodiscard]] bool controls(std::uint64_t round, const slate_wish& w) const noexcept;
  /// At random among what is eligible. Its propensities are exact, but for spares.
  [[nodiscard]] ranking choose_for_control(std::uint64_t round, const slate_wish& w, chances& told) const;
  /// What a policy sees in a round.
  [[nodiscard]] slate_view view_of(std::uint64_t round, const slate_wish& w, std::size_t n, chances* told) const;
  /// Makes the situation and what is eligible those of a wish.
  void attend(const slate_wish& w);
  /// e·m of a creation that is kept and not live.
  [[nodiscard]] float value_of_gone(creation_id creation, std::span<const float> m) const;
  /// Of the 95 % interval of e·q.
  [[nodiscard]] float half_width(creation_id creation) const;
  /// The best n when what is shown is worth the least that can't be ruled out, and all else the most.
  [[nodiscard]] ranking best_possible(std::span<const float> m, std::span<const creation_id> shown,
                                      std::size_t n) const;
  void believe_regret(belief& b, std::span<const float> m) const;
  /// False where that isn't what a host can say.
  [[nodiscard]] bool adopt(const last_ask_state& asked);
  [[nodiscard]] decision_context context_of(const slate_proposal& p) const;
  /// Fills what is its own; says what doesn't fit.
  [[nodiscard]] result<void> adopt(const user_mind_state& state);

  std::shared_ptr<const user_config> config_;
  user_id user_;
  boxed<exploration> explores_; // where a strain says so
  std::uint64_t rounds_ = 0;
  std::uint64_t observations_ = 0;
  double heard_regret_ = 0; // of the last regret broadcast
  cloned<belief_model> belief_;  // never null
  seen_catalogues catalogues_;
  cloned<policy_memory> memory_; // of policies that have one
  slate_memory slates_;
  last_asked asked_;
  boxed<showing_log> showings_; // once an ask had a limit
};

} // namespace ammo
