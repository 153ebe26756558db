/// What a User Buddy believes of its person's q, whatever it takes rewards for: one interface, and who is behind it.
/// Pure: values in, values out. A belief holds no options: each call that needs them gets the same ones.
#pragma once

#include "actors/base/random.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/pooled.hpp"
#include "actors/user_buddy/belief/belief_options.hpp"
#include "actors/protocol/state/user_state.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ammo {

/// Where a belief finds the creations that its observations name.
class creation_lookup {
public:
  virtual ~creation_lookup() = default;
  /// e in the coordinates of its factor, out.size() of them. The creation is one of an observation, or one that
  /// `belief_model::refer` names.
  virtual void embed(creation_id creation, std::span<float> out) const noexcept = 0;
};

/// What comes of one round at a time.
struct observed_round {
  std::uint64_t round = 0;
  std::span<const observation> all;
  std::uint64_t settled = 0; ///< no more feedback comes of rounds before this one
  bool shuffled = false;     ///< its slots were in random order
  std::uint32_t situation = 0; ///< in which it was; 0: none in particular
};

/// What the person says they like: q lies along `direction` (of length 1, in the coordinates of the factor; zero outside of the block
/// `within`) with an expected cosine of `confidence`.
struct belief_interest {
  std::span<const float> direction;
  block within;
  double confidence = 0;
  std::uint32_t situation = 0; ///< in which they do; 0: in all. A belief without situations takes it for all
};

/// What was found out about a person's rewards, for who looks at it.
struct reward_facts {
  std::string_view kind{};       ///< "two_valued", "linear", "heavy"; empty: nothing is measured
  double unit = 1;               ///< of values and widths: so much reward
  double offset = 0;             ///< expected reward of a creation of value 0
  double noise = 0;              ///< σ of a reward around its expectation; two-valued: 0
  std::uint64_t restarts = 0;    ///< how often a change of taste was noticed
  std::vector<float> looks{};    ///< by slot: the share of slates in which somebody looks that far; empty: slots aren't told apart
  double apart = 0;              ///< probability that tastes differ by situation, at even odds before; 0: they are taken to be the same
};

/// What is expected of a creation now, and where that is from; see `explanation`, whose creations' names it doesn't know.
struct belief_reasons {
  double expected = 0, low = 0, high = 0, usual = 0;
  std::optional<std::uint64_t> rewards{}; ///< nothing: the belief doesn't count them by factor
  double from_group = 0, from_rewards = 0;
  std::vector<reason> largest{}; ///< all creations whose rewards are kept, the largest contributions first
};

/// Half of the 95 % interval of a normal distribution, in standard deviations.
inline constexpr double two_sided_95 = 1.96;

/// So many rounds of a user is somebody new, unless a belief says otherwise.
inline constexpr std::uint64_t newcomer_rounds = 32;

/// What throws has changed nothing: only memory can be wanting.
class belief_model {
public:
  /// Vectors that `confidence` takes at a time.
  static constexpr std::size_t side_by_side = ridge_posterior<float>::side_by_side;

  virtual ~belief_model() = default;
  [[nodiscard]] virtual std::unique_ptr<belief_model> clone() const = 0;

  /// Posterior mean of a factor's coordinates, to `out`. O(d²).
  virtual void mean(std::size_t factor, std::span<float> out) const = 0;
  /// m + scale·R⁻¹z: a draw when z is standard normal, with `scale` σ. `z` may be `out`. O(d²).
  virtual void sample(std::size_t factor, std::span<const float> z, float scale, std::span<float> out) const = 0;
  /// Standard deviation of e·q in units of `belief_options::noise`. O(d²).
  [[nodiscard]] virtual float width(std::size_t factor, std::span<const float> e) const = 0;
  /// e·m and `width` of `side_by_side` vectors at once; see `ridge_posterior::confidence`. O(d²) a vector.
  virtual void confidence(std::size_t factor, std::span<const float> e, std::uint32_t first,
                          std::span<float, side_by_side> means, std::span<float, side_by_side> widths) const = 0;

  /// Learns a round, in any order of rounds: what is believed is the same afterwards as if they had come in order (to
  /// rounding for the linear belief without drift, else bit by bit). Values are finite.
  /// False, and the belief as before, where a coordinate or a value is refused.
  [[nodiscard]] virtual bool learn(const belief_options& options, const observed_round& r, const creation_lookup& where) = 0;
  /// Can it learn from comparisons?
  [[nodiscard]] virtual bool compares() const noexcept { return true; }
  /// Learns what the person says of themselves, as if it had been known from the start. False, and the belief as before, where a
  /// number is refused.
  [[nodiscard]] virtual bool take(const belief_options& options, std::size_t factor, const belief_interest& interest,
                                  const creation_lookup& where) = 0;
  /// Learns what was put off. Call it before asking what is believed; it changes no answer but those that would be out of date.
  virtual void catch_up(const creation_lookup&) const {}
  /// From the next `catch_up` on it is asked for this situation; 0: for none in particular.
  virtual void situate(std::uint32_t) noexcept {}
  /// For which it is asked.
  [[nodiscard]] virtual std::uint32_t situation() const noexcept { return 0; }
  /// Does it know so little in the user's `round` that every creation has to be valued?
  [[nodiscard]] virtual bool newcomer(std::uint64_t round) const;
  /// Should the slots of this slate be in random order, so that what slots are worth can be learned?
  [[nodiscard]] virtual bool shuffles(splitmix64&) const { return false; }
  /// The e·m of a creation whose expected reward is `reward`, as `mean` and `sample` tell values.
  [[nodiscard]] virtual double level(std::size_t, double reward) const { return reward; }
  /// The same as `confidence` tells values.
  [[nodiscard]] virtual double bound_level(std::size_t, double reward) const noexcept { return reward; }
  /// How much reward a value of 1 is.
  [[nodiscard]] virtual double unit(std::size_t) const noexcept { return 1; }
  [[nodiscard]] virtual reward_facts facts(std::size_t) const { return {}; }
  /// Why a creation e, in the coordinates of its factor, is expected to earn what it is. Of `situation`; nothing: of that which was asked
  /// for last. O(d²), and O(d) a reward that is kept.
  [[nodiscard]] virtual belief_reasons reasons(const belief_options& options, std::size_t factor, std::span<const float> e,
                                               std::optional<std::uint32_t> situation, const creation_lookup& where) const;
  /// By factor: what this person adds to sums over people, none of it their q. Empty where a belief has no such numbers.
  [[nodiscard]] virtual std::vector<pooled_sums> statistics() const { return {}; }
  /// Such sums over many people, by factor: what is known of people in general from now on. False, and nothing changes, where the
  /// belief has no use for them, or they can't be sums over people.
  [[nodiscard]] virtual bool hear_people(std::span<const pooled_sums>) { return false; }
  /// Takes `group_weight` · agreement · q̄ for the prior mean of a factor, in place of what was heard before. Exactly the
  /// belief of one that had started from it, so who has seen much hardly changes. O(d²).
  /// False (nothing changes) where the belief can't, or what is heard isn't fit for the factor.
  [[nodiscard]] virtual bool hear(const belief_options& options, std::size_t factor, const shared_consensus& group);
  /// `moments_of` each factor under its prior, one after the other, for a sum over many people. O(d³). Empty where
  /// `priors` don't fit the layout or a number can't be told.
  [[nodiscard]] virtual std::vector<double> moments(const belief_options& options,
                                                    std::span<const gaussian_prior> priors) const = 0;

  /// Adds the creations that it will look up again, some of them twice.
  virtual void refer(std::vector<creation_id>& to) const;
  /// Rounds whose observations are kept, because the belief depends on their order.
  [[nodiscard]] virtual std::size_t rounds_kept() const noexcept { return 0; }
  [[nodiscard]] virtual belief_state save() const = 0;
};

/// A factor of a belief, for who looks at one alone.
struct factor_belief {
  const belief_model& of;
  std::size_t factor = 0;
  void confidence(std::span<const float> e, std::uint32_t first, std::span<float, belief_model::side_by_side> means,
                  std::span<float, belief_model::side_by_side> widths) const {
    of.confidence(factor, e, first, means, widths);
  }
};

/// What the options describe, before anything is seen. `options` in their ranges (asserted).
[[nodiscard]] std::unique_ptr<belief_model> belief_of(const belief_options& options);
/// What was saved under the same options; null where the state doesn't fit them.
[[nodiscard]] std::unique_ptr<belief_model> belief_of(const belief_options& options, const belief_state& saved);

} // namespace ammo
