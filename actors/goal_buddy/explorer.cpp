#include "actors/goal_buddy/explorer.hpp"

#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"

#include <array>

namespace ammo {
namespace {

constexpr int looks = 16;

/// Dot product of x with the nearest public creation of another; 0 where none is known.
double nearness(const goal_view& view, std::span<const float> x) {
  if (!view.creations || view.creations->coordinates().width != x.size())
    return 0;
  std::array<scored, 2> found;
  const auto n = top_n(*view.creations, x, found.size(), found);
  for (const scored& s : std::span(found).first(n))
    if (s.creation != view.creation)
      return s.score;
  return 0;
}

} // namespace

explorer::explorer(const goal_config& config) : step_(config.step) {}

std::optional<goal_move> explorer::move(const goal_view& view) {
  const double worth = 1 - nearness(view, view.e) + view.utility;
  if (std::exchange(away_, false) && !best_.empty() && worth < best_worth_) {
    best_worth_ -= (best_worth_ - worth) / 4; // what was best may be so no longer
    return goal_move{best_, best_};
  }
  best_.assign(view.e.begin(), view.e.end());
  best_worth_ = worth;

  const auto wanted = view.wanted();
  const double demanded = ball::norm(wanted);
  auto g = view.randomness();
  std::vector<float> to = best_;
  double most = -1e30;
  for (int i = 0; i < looks; ++i) {
    auto x = ball::along(view.e, ball::direction(g, view.e.size()), step_, view.config.norm_cap);
    const double promise = 1 - nearness(view, x) + (demanded > 0 ? ball::dot(x, wanted) / demanded : 0) -
                           view.config.lambda * view.error_of(x);
    if (promise > most) {
      most = promise;
      to = std::move(x);
    }
  }
  away_ = true;
  return goal_move{std::move(to), best_};
}

} // namespace ammo
