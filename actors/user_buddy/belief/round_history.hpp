/// What has been learned of the last rounds, so that a belief that depends on their order can be put right when something
/// comes late. Pure.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/boxed.hpp"
#include "actors/user_buddy/belief/drifting_posterior.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <vector>

namespace ammo {

struct user_config;

/// One creation's reward, or one preference between two, in the coordinates of its factor.
struct observed {
  std::uint32_t factor = 0;
  creation_id creation = no_creation;
  creation_id than = no_creation; ///< compared with that one; `no_creation`: a reward
  float value = 0;                ///< reward; of a comparison: 1 where `creation` is preferred, 0 where `than` is
  std::vector<float> e;           ///< of a comparison within a factor: the difference of the two
};

/// A round's observations, by factor and creation.
struct observed_round {
  std::uint64_t round = 0;
  std::vector<observed> all;
};

/// What a belief about a person who changes has beside its posteriors.
struct drift_state {
  std::vector<drifting_posterior<float>> runs; ///< restart: by factor
  std::uint64_t discounted_to = 0;             ///< discount: the round from which on nothing is discounted yet
};

/// What is believed of every factor; see `user_mind`.
struct factor_beliefs {
  boost::container::small_vector<ridge_posterior<float>, 1> posteriors; ///< by factor, but for restart
  boxed<drift_state> drift;                                             ///< but for none
  [[nodiscard]] bool restarts() const noexcept { return drift && !drift->runs.empty(); }
};

/// Learns one round, as the configuration's belief and drift say. False, and the beliefs in an unknown state, where a
/// posterior refuses: check the numbers first.
[[nodiscard]] bool learn_round(const user_config& config, const observed_round& r, factor_beliefs& beliefs);

/// Bit by bit the same belief in whatever order rounds come. Holds the belief before the oldest round of which feedback may
/// still come, and every observation since. Memory: a second belief, and the observations of rounds from the oldest
/// incomplete one on.
class round_history {
public:
  explicit round_history(factor_beliefs now) : base_(std::move(now)) {}

  /// Takes observations of a round into `now`: at once where they are the newest, else all is learned anew from the base.
  /// False, and `now` and the history as before, where a posterior refuses.
  [[nodiscard]] bool take(const user_config& config, observed_round r, factor_beliefs& now);
  /// No more feedback comes of rounds before this one: they are learned for good.
  void settle(const user_config& config, std::uint64_t before);
  /// What isn't an observation of a round (a stated interest) is believed from the start.
  [[nodiscard]] factor_beliefs& base() noexcept { return base_; }
  /// Learns all kept rounds anew.
  [[nodiscard]] bool replay(const user_config& config, factor_beliefs& now) const;
  [[nodiscard]] std::size_t kept() const noexcept { return rounds_.size(); }

private:
  factor_beliefs base_;
  std::vector<observed_round> rounds_; // ascending
};

} // namespace ammo
