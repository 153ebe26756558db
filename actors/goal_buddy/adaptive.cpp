#include "actors/goal_buddy/adaptive.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double least_probability = 0.05; ///< of each kind
constexpr double rate = 0.5;               ///< of Hedge, for gains in [−1, 1]
constexpr double settling = 165;           ///< turns after which its share of tries falls

} // namespace

adaptive::adaptive(const goal_config& config) { steps_.fill(4 * config.step); }

void adaptive::not_moved() {
  trying_ = false;
  home_.clear(); // where it is now is home
}

void adaptive::judge(const goal_view& view) {
  const bool tried = std::exchange(trying_, false), at_home = std::ranges::equal(home_, view.e);
  const bool better = home_.empty() || view.utility > home_utility_;
  if (tried && kind_)
    learn(*kind_, view, better);
  if (!tried && at_home) {
    home_utility_ = (home_utility_ + view.utility) / 2; // others move, too
  } else if (!tried || better) {
    home_.assign(view.e.begin(), view.e.end());
    home_utility_ = view.utility;
  }
}

void adaptive::learn(kind tried, const goal_view& view, bool better) {
  const auto k = static_cast<std::size_t>(tried);
  const double gain = std::clamp((view.utility - home_utility_) / std::max(std::abs(home_utility_), 0.05), 0.0, 1.0);
  last_.fill(0);
  last_[k] = gain / probability_;
  gains_[k] += last_[k];
  steps_[k] = std::clamp(better ? 2 * steps_[k] : steps_[k] / 2, view.config.step / 8, 0.8);
  other_end_ = tried == kind::line && !better && !other_end_;
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
  std::vector<float> to = home_;
  if (uniform01(g) < trying) {
    to = hedged(view, g);
    trying_ = !std::ranges::equal(to, home_);
  }
  if (!trying_ && std::ranges::equal(home_, view.e))
    return std::nullopt;
  return goal_move{std::move(to), home_};
}

std::vector<float> adaptive::hedged(const goal_view& view, splitmix64& g) {
  const weights p = probabilities();
  std::size_t k = 0;
  for (double left = uniform01(g); k + 1 < kinds && left >= p[k]; ++k)
    left -= p[k];
  kind_ = static_cast<kind>(k);
  probability_ = p[k];
  return attempt(*kind_, view, g);
}

std::vector<float> adaptive::attempt(kind k, const goal_view& view, splitmix64& g) {
  const double step = steps_[static_cast<std::size_t>(k)], cap = view.config.norm_cap;
  switch (k) {
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
