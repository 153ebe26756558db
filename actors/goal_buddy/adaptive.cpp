#include "actors/goal_buddy/adaptive.hpp"

#include "actors/goal_buddy/audience.hpp"
#include "actors/goal_buddy/geometry.hpp"

namespace ammo {
namespace {

constexpr std::size_t remembered = 128;    ///< answers that aren't tried again
constexpr double least_probability = 0.05; ///< of each kind
constexpr double rate = 0.5;               ///< of Hedge, for gains in [−1, 1]
constexpr double same_place = 0.02;
constexpr double settling = 40;            ///< tries after which it tries in every other turn

} // namespace

adaptive::adaptive(const goal_config& config) { steps_.fill(4 * config.step); }

void adaptive::not_moved() {
  trying_.reset();
  home_.clear(); // where it is now is home
}

void adaptive::judge(const goal_view& view) {
  if (!trying_) {
    if (home_.empty() || !std::ranges::equal(home_, view.e)) {
      home_.assign(view.e.begin(), view.e.end());
      home_utility_ = view.utility;
    } else {
      home_utility_ = (home_utility_ + view.utility) / 2; // others move, too
    }
    return;
  }
  const auto k = static_cast<std::size_t>(*std::exchange(trying_, std::nullopt));
  const double gain = std::clamp((view.utility - home_utility_) / std::max(std::abs(home_utility_), 0.05), -1.0, 1.0);
  last_.fill(0);
  last_[k] = gain / probability_;
  gains_[k] += last_[k];
  const bool better = view.utility > home_utility_;
  steps_[k] = std::clamp(better ? 2 * steps_[k] : steps_[k] / 2, view.config.step / 8, 0.8);
  other_end_ = static_cast<kind>(k) == kind::line && !better && !other_end_;
  if (better) {
    home_.assign(view.e.begin(), view.e.end());
    home_utility_ = view.utility;
    tried_.clear();
  }
}

adaptive::weights adaptive::probabilities() const {
  weights p;
  double most = -1e300, sum = 0;
  for (std::size_t k = 0; k < kinds; ++k)
    most = std::max(most, p[k] = rate * (gains_[k] + last_[k]));
  for (double& x : p)
    sum += x = std::exp(x - most);
  for (double& x : p)
    x = least_probability + (1 - kinds * least_probability) * x / sum;
  return p;
}

std::optional<goal_move> adaptive::move(const goal_view& view) {
  judge(view);
  auto g = view.randomness();
  const double trying = std::max(view.config.curiosity, 1 / (1 + static_cast<double>(tries_) / settling));
  if (uniform01(g) >= trying)
    return std::ranges::equal(home_, view.e) ? std::nullopt : std::optional(goal_move{home_, home_});
  const weights p = probabilities();
  std::size_t k = 0;
  for (double left = uniform01(g); k + 1 < kinds && left >= p[k]; ++k)
    left -= p[k];
  auto to = attempt(static_cast<kind>(k), view, g);
  if (std::ranges::equal(to, home_))
    return std::ranges::equal(home_, view.e) ? std::nullopt : std::optional(goal_move{home_, home_});
  ++tries_;
  trying_ = static_cast<kind>(k);
  probability_ = p[k];
  return goal_move{std::move(to), home_};
}

std::vector<float> adaptive::attempt(kind k, const goal_view& view, splitmix64& g) {
  const double step = steps_[static_cast<std::size_t>(k)], cap = view.config.norm_cap;
  switch (k) {
    case kind::answer: return answer_to(view, g);
    case kind::demand: {
      const auto& demand = view.heard.demand.values;
      const double size = demand.size() == home_.size() && ball::finite(demand) ? ball::norm(demand) : 0;
      return size > 0 ? ball::along(home_, demand, step / size, cap) : home_;
    }
    case kind::line:
      if (!other_end_ || line_.size() != home_.size())
        line_ = ball::direction(g, home_.size());
      return ball::along(home_, line_, other_end_ ? -step : step, cap);
    case kind::truth:
    case kind::end_: break;
  }
  return ball::between(home_, view.grounded, std::min(step, 1.0), cap);
}

bool adaptive::tried(std::span<const float> x) const {
  return std::ranges::any_of(tried_, [x](const auto& t) { return ball::squared_distance(t, x) < same_place * same_place; });
}

std::vector<float> adaptive::remembering(std::vector<float> x) {
  if (tried_.size() == remembered)
    tried_.erase(tried_.begin());
  tried_.push_back(x);
  return x;
}

std::vector<float> adaptive::answer_to(const goal_view& view, splitmix64& g) {
  const audience people(view, g);
  if (people.empty())
    return home_;
  const bool from_home = uniform01(g) < 0.5;
  auto x = people.best_response(from_home ? std::span<const float>(home_) : view.grounded);
  return tried(x) ? home_ : remembering(std::move(x));
}

} // namespace ammo
