#include "actors/goal_buddy/adaptive.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double least_probability = 0.05; ///< of each kind
constexpr double rate = 0.5;               ///< of Hedge, for gains in [−1, 1]
constexpr double head_start = 4;            ///< gains of what guesses the people, before anything is known
constexpr double settling = 145;           ///< turns after which its share of tries falls

} // namespace

adaptive::adaptive(const goal_config& config) {
  steps_.fill(4 * config.step);
  gains_[static_cast<std::size_t>(kind::answer)] = gains_[static_cast<std::size_t>(kind::hope)] = head_start;
}

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
  const double gain = std::clamp((view.utility - home_utility_) / std::max(std::abs(home_utility_), 0.05), 0.0, 1.0);
  last_.fill(0);
  last_[k] = gain / probability_;
  gains_[k] += last_[k];
  const bool better = view.utility > home_utility_;
  steps_[k] = std::clamp(better ? 2 * steps_[k] : steps_[k] / 2, view.config.step / 8, 0.8);
  other_end_ = static_cast<kind>(k) == kind::line && !better && !other_end_;
  if (better) {
    home_.assign(view.e.begin(), view.e.end());
    home_utility_ = view.utility;
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
  const double trying = std::max(view.config.curiosity, std::exp(-std::pow(static_cast<double>(view.asked) / settling, 16)));
  const auto stay = [&] { return std::ranges::equal(home_, view.e) ? std::nullopt : std::optional(goal_move{home_, home_}); };
  if (uniform01(g) >= trying)
    return stay();
  people_.hear(view, home_, g);
  const weights p = probabilities();
  std::size_t k = 0;
  for (double left = uniform01(g); k + 1 < kinds && left >= p[k]; ++k)
    left -= p[k];
  auto to = attempt(static_cast<kind>(k), view, g);
  if (std::ranges::equal(to, home_))
    return stay();
  trying_ = static_cast<kind>(k);
  probability_ = p[k];
  return goal_move{std::move(to), home_};
}

std::vector<float> adaptive::answered(double margin, const goal_view& view, splitmix64& g) const {
  auto people = people_.people();
  for (auto& one : people)
    one.least += static_cast<float>(margin);
  if (people.empty())
    return home_;
  auto to = response(view, std::move(people)).best(home_, 0.005 * std::pow(6, uniform01(g)), g);
  if (people_.was_at(to))
    to = ball::along(to, ball::direction(g, to.size()), 0.01 + 0.06 * uniform01(g), view.config.norm_cap);
  return to;
}

std::vector<float> adaptive::attempt(kind k, const goal_view& view, splitmix64& g) {
  const double step = steps_[static_cast<std::size_t>(k)], cap = view.config.norm_cap;
  switch (k) {
    case kind::answer: return answered(0.03 * uniform01(g) * uniform01(g), view, g);
    case kind::hope: return answered(-0.06 * uniform01(g), view, g);
    case kind::demand: {
      const auto wanted = view.wanted();
      const double size = ball::norm(wanted);
      return size > 0 ? ball::along(home_, wanted, step / size, cap) : home_;
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

} // namespace ammo
