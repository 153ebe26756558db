#include "actors/goal_buddy/climbing.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

/// Failures along demand before random lines are tried.
constexpr std::uint32_t demand_tries = 3;

} // namespace

climbing::climbing(const goal_config& config) : step_(config.step) {}

void climbing::not_moved() {
  stage_ = stage::measuring;
  best_.clear();
}

std::optional<goal_move> climbing::move(const goal_view& view) {
  const double longest = view.config.step;
  if (stage_ == stage::trying && !best_.empty()) {
    stage_ = stage::measuring;
    const bool worse = view.utility < best_utility_;
    step_ = std::clamp(worse ? step_ / 2 : step_ * 2, longest / 16, longest);
    failed_ = worse ? failed_ + 1 : 0;
    if (worse)
      return goal_move{best_, best_}; // its worth is measured anew: the others have moved too
  }
  best_.assign(view.e.begin(), view.e.end());
  best_utility_ = view.utility;
  auto to = next(view);
  if (std::ranges::equal(to, view.e))
    return std::nullopt;
  stage_ = stage::trying;
  return goal_move{std::move(to), best_};
}

std::vector<float> climbing::next(const goal_view& view) {
  if (failed_ < demand_tries) {
    if (auto g = uphill(view); !g.empty())
      return ball::along(view.e, g, step_, view.config.norm_cap);
    if (failed_ == 0)
      return best_; // nothing is known of where visibility lies
  }
  const bool other_way = (failed_ - std::min(failed_, demand_tries)) % 2 == 1 && !line_.empty();
  if (failed_ == demand_tries)
    step_ = view.config.step;
  if (!other_way) {
    auto g = view.randomness();
    line_ = ball::direction(g, view.e.size());
  }
  return ball::along(view.e, line_, other_way ? -step_ : step_, view.config.norm_cap);
}

std::vector<float> climbing::uphill(const goal_view& view) const {
  const auto wanted = view.wanted();
  std::vector<double> g(wanted.begin(), wanted.end());
  double square = 0;
  for (std::size_t k = 0; k < g.size(); ++k) {
    g[k] -= view.config.lambda * (double{view.e[k]} - view.grounded[k]);
    square += g[k] * g[k];
  }
  if (!(square > 0))
    return {};
  std::vector<float> unit(g.size());
  std::ranges::transform(g, unit.begin(), [&](double x) { return static_cast<float>(x / std::sqrt(square)); });
  return unit;
}

} // namespace ammo
