/// Judging a policy from another's log: what people would have got of it, without showing them anything.
/// Pure, of the standard library alone; hosts include it as <ammo/off_policy.hpp>.
#ifndef AMMO_OFF_POLICY_HPP // hosts see this file as ammo/off_policy.hpp: one guard for both
#define AMMO_OFF_POLICY_HPP

#include "actors/base/export.hpp"
#include "actors/base/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace ammo {

template <class Real>
class ridge_posterior; // actors/user_buddy/belief/posterior.hpp

/// One impression of a log, as the policy that is judged (the target) sees it.
struct judged_impression {
  double propensity = 0; ///< probability with which the log's policy showed it, in (0, 1]
  double target = 0;     ///< probability with which the target would show it in this round, in [0, 1]
  double reward = 0;
  double predicted = 0;  ///< reward that a model expects which hasn't seen this one; only `doubly_robust` reads it
};

/// One slate of a log.
struct judged_round {
  std::span<const judged_impression> shown;
  double slots = 0;       ///< expected size of the target's slate: Σ target over all live creations
  double predicted = 0;   ///< Σ target · predicted over all live creations; only `doubly_robust` reads it
  double unsupported = 0; ///< Σ target over the live creations that the log's policy could not show
};

/// What is known of a policy's value, in units of reward a slate.
struct policy_value {
  double mean = 0;
  double standard_error = 0;    ///< infinite after a single round
  double low = 0, high = 0;     ///< 95 % interval
  double effective_size = 0;    ///< (Σw)² / Σw², impressions: as many of the target's own would tell as much (Kish)
  std::uint64_t rounds = 0;
};

/// Estimates the value of a slate under the target, V = E Σ_{i∈S} r_i, from rounds that another policy chose. Rewards
/// are semi-bandit: one for each creation shown, the same whatever else is in the slate. With w_i = target_i /
/// propensity_i:
/// - importance weighted (IPS): the mean over rounds of Σ_{i∈S} w_i r_i. Unbiased where all that the target may show
///   has a propensity above 0; also for the log of a learner, as long as a round's target is fixed before its slate.
/// - self-normalised (SNIPS; Swaminathan, Joachims, NIPS 2015): slots · Σ w_i r_i / Σ w_i. Only consistent: its bias
///   falls as 1/rounds. Adding a constant c to all rewards moves it by c · slots.
/// - doubly robust (Dudík, Langford, Li, ICML 2011): the mean of `predicted` + Σ w_i (r_i − predicted_i). Unbiased
///   where propensities are right, whatever the predictions; or where predictions are, whatever the propensities.
/// Intervals are normal ones, the rounds' variance as seen: too narrow where a few large weights carry the sum
/// (`effective_size` below a hundred or so). State: a few sums.
class AMMO_EXPORT off_policy_judge {
public:
  /// Takes a round in. O(shown). Errors (nothing changes): `bad_propensity` outside (0, 1], `bad_value` for a target
  /// outside [0, 1], for negative `slots` or `unsupported`, and for `slots` below the sum of the targets shown;
  /// `not_finite`.
  errc add(const judged_round& r) noexcept;

  /// Errors of all: `no_overlap` where nothing that was shown could be the target's (or there is no round yet).
  [[nodiscard]] result<policy_value> importance_weighted() const;
  [[nodiscard]] result<policy_value> self_normalised() const;
  [[nodiscard]] result<policy_value> doubly_robust() const;

  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  /// Rounds in which the target might show what the log's policy could not: there, only `doubly_robust` knows
  /// anything of it (what its model says), and the other two leave it out.
  [[nodiscard]] std::uint64_t unsupported_rounds() const noexcept { return unsupported_rounds_; }
  /// Share of the target's slots that the log could fill, Σ w / Σ slots: 1 in expectation where it could show all. An
  /// interval that lies below 1 says that it could not. Errors: `no_overlap`, as there.
  [[nodiscard]] result<policy_value> overlap() const;

private:
  /// Mean and variance of one number a round (Welford).
  struct running {
    double mean = 0, squares = 0;
    void add(double x, std::uint64_t count) noexcept;
  };
  [[nodiscard]] result<policy_value> told(double mean, double variance_of_mean) const;
  [[nodiscard]] double variance_of_mean(const running& r) const noexcept;

  std::uint64_t rounds_ = 0, unsupported_rounds_ = 0;
  running weighted_, robust_, weight_;
  double slots_ = 0;                                // Σ slots
  double w_ = 0, ww_ = 0;                           // Σ w, Σ w² over impressions
  double a_ = 0, aa_ = 0, ab_ = 0, bb_ = 0;         // a = Σ w r, b = Σ w of a round: Σ a, Σ a², Σ ab, Σ b²
};

/// Predictions for `doubly_robust` from the past alone: reward ≈ e·q̂ by ridge regression. Ask it for a round's
/// predictions before it learns that round's rewards, else the estimate is biased. State O(d²).
class AMMO_EXPORT reward_model {
public:
  /// 1 ≤ `dim` ≤ max_posterior_dim; `lambda` > 0: ridge.
  explicit reward_model(std::uint32_t dim, double lambda = 1);
  reward_model(const reward_model& other);
  reward_model& operator=(const reward_model& other);
  reward_model(reward_model&& other) noexcept; ///< one that was moved from can be assigned to and destroyed, no more
  reward_model& operator=(reward_model&& other) noexcept;
  ~reward_model();
  /// `e`: dim coordinates (asserted). O(d).
  [[nodiscard]] double predict(std::span<const float> e) const noexcept;
  /// O(d²). Errors (nothing changes): `wrong_dimension`, `not_finite` (or beyond ±1e9).
  errc learn(std::span<const float> e, double reward);

private:
  std::unique_ptr<ridge_posterior<double>> belief_;
  std::vector<double> mean_; // q̂
};

} // namespace ammo

#endif
