#include "actors/goal_buddy/adaptive.hpp"

#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

namespace ammo {
namespace {

constexpr double caution = 2; ///< how often the cost counts in a promise: what is given up is sure, what is promised isn't
constexpr double margin = 0.005;                                    ///< of promised utility: what a try must gain
constexpr std::array<double, 5> fractions{0.3, 0.45, 0.6, 0.8, 1};  ///< of the way to an anchor
constexpr std::size_t most_anchors = 6;                             ///< creations of others
constexpr double tries_a_turn = 8;                                  ///< of all others together
constexpr double most_often = 0.5;                                  ///< share of its turns with a try
constexpr double moves_a_try = 2;                                   ///< there and back
constexpr double expected = 0.25;                                   ///< tries that are taken for granted: a prior of one in four
constexpr double least_belief = 0.05, most_belief = 2;
constexpr double same_place = 1e-6;                                 ///< squared distance
constexpr std::uint32_t counted_rows = 8192;                        ///< of more creations, a sample is counted

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

/// What everybody's mean preference says of a place: a share of the people, as far as they agree.
class agreed_visibility {
public:
  agreed_visibility(const goal_view& view, double mean_reward) : group_(view.heard.group.now.get()), mean_(mean_reward) {
    if (group_ && (group_->mean.values.size() != view.e.size() || !(mean_reward > 0)))
      group_ = nullptr;
  }
  [[nodiscard]] double at(std::span<const float> x) const {
    if (!group_)
      return 0;
    const double spread = mean_ * (1.02 - group_->agreement), agreed = std::min(1.0, 2 * group_->agreement * group_->agreement);
    return agreed * normal_cdf((ball::dot(group_->mean.values, x) - mean_) / spread);
  }

private:
  const consensus* group_;
  double mean_;
};

} // namespace

void adaptive::not_moved() {
  tried_.reset();
  home_.clear();
}

void adaptive::count_moves(const goal_view& view) {
  if (!view.creations)
    return;
  const std::uint32_t rows = view.creations->rows(), stride = std::max(1u, rows / counted_rows);
  double sum = 0;
  for (std::uint32_t row = 0; row < rows; row += stride)
    sum += generation_of(view.creations->info(row).id);
  sum *= stride;
  if (const double before = std::exchange(generations_, sum); before > 0)
    moves_ += std::max(0.0, sum - before);
}

void adaptive::judge(const goal_view& view) {
  const auto tried = std::exchange(tried_, std::nullopt);
  if (view.error_of(view.e) == 0)
    facts_utility_ = view.asked == 0 ? view.utility : (facts_utility_ + view.utility) / 2;
  for (double& b : belief_)
    b += view.config.curiosity * std::max(0.0, 1 - b);
  if (!tried || home_.empty()) {
    const bool same = std::ranges::equal(home_, view.e);
    home_utility_ = same ? (home_utility_ + view.utility) / 2 : view.utility; // others move, too
    home_.assign(view.e.begin(), view.e.end());
    return;
  }
  const double visibility = view.utility + view.config.lambda * view.error_of(view.e);
  double& belief = belief_[static_cast<std::size_t>(*tried)];
  belief = std::clamp(belief * visibility / std::max(promised_, 1e-6), least_belief, most_belief);
  if (view.utility > home_utility_) {
    home_.assign(view.e.begin(), view.e.end());
    home_utility_ = view.utility;
  }
}

double adaptive::chance_of_trying(const goal_view& view) {
  const double others = view.creations ? static_cast<double>(view.creations->live()) : 1;
  const double adapting = others * std::min(1.0, (moves_ / moves_a_try + expected) / (foreseen_ + expected));
  const double chance = std::min(most_often, tries_a_turn / std::max(1.0, adapting));
  foreseen_ += chance * others;
  return chance;
}

std::optional<adaptive::place> adaptive::most_promising(const goal_view& view) const {
  const catalogue_version* live = view.creations;
  if (!live || live->coordinates().width != view.e.size())
    return std::nullopt;
  std::vector<const exposure*> seen;
  double engagement = 0, impressions = 0;
  for (const exposure& x : view.heard.exposures) {
    engagement += sum_of(x.engagement).value();
    impressions += static_cast<double>(x.impressions);
    if (x.creation != view.creation && live->find(x.creation))
      seen.push_back(&x);
  }
  if (seen.empty() || !(impressions > 0) || !std::isfinite(engagement))
    return std::nullopt;
  const auto n = std::min(most_anchors, seen.size());
  const auto attention = [&](const exposure* x) { return attention_in(*x, view.config.by_merit); };
  std::ranges::partial_sort(seen, seen.begin() + static_cast<std::ptrdiff_t>(n), std::ranges::greater{}, attention);
  seen.resize(n);
  const auto share = [&](const exposure* x) { return std::max(0.0, attention(x) / static_cast<double>(view.heard.rounds)); };
  const agreed_visibility agreed(view, engagement / impressions);

  place best;
  const float cap = view.config.norm_cap;
  const auto consider = [&](anchor near, std::span<const float> at, double seen_there) {
    for (const double t : fractions) {
      place p{ball::between(view.grounded, at, t, cap), near};
      ball::rescale(p.e, cap); // the arc: seen more than the chord
      const double promise = std::max(seen_there * t * t, near == anchor::demand ? agreed.at(p.e) : 0.0);
      p.visibility = std::min(1.0, belief_[static_cast<std::size_t>(near)] * promise);
      p.utility = p.visibility - caution * view.config.lambda * view.error_of(p.e);
      if (p.utility > best.utility && ball::squared_distance(p.e, home_) > same_place)
        best = std::move(p);
    }
  };
  auto demand = view.wanted();
  ball::rescale(demand, cap);
  consider(anchor::demand, demand, share(seen.front()));
  std::vector<float> other(view.e.size());
  for (const exposure* x : seen) {
    live->embedding(row_of(x->creation), other);
    consider(anchor::other, other, share(x));
  }
  return best.utility < home_utility_ + margin ? std::nullopt : std::optional(std::move(best));
}

std::optional<goal_move> adaptive::move(const goal_view& view) {
  count_moves(view);
  judge(view);
  if (home_utility_ < facts_utility_ && view.error_of(home_) > 0) { // the crowd has come
    home_.assign(view.grounded.begin(), view.grounded.end());
    home_utility_ = facts_utility_;
  }
  auto g = view.randomness();
  if (uniform01(g) < chance_of_trying(view))
    if (auto to = most_promising(view)) {
      tried_ = to->near;
      promised_ = to->visibility;
      return goal_move{std::move(to->e), home_};
    }
  if (std::ranges::equal(home_, view.e))
    return std::nullopt;
  return goal_move{home_, home_};
}

} // namespace ammo
