#include "actors/goal_buddy/adaptive.hpp"

#include "actors/space/ball.hpp"
#include "actors/protocol/exposures.hpp"

namespace ammo {
namespace {

constexpr std::size_t remembered = 96;     ///< places
constexpr double least_probability = 0.05; ///< of each kind
constexpr double boldness = 0.5;            ///< utility that it would risk by its own guess, at first
constexpr double caution = 0.003;           ///< and in the long run
constexpr double rate = 0.5;               ///< of Hedge, for gains in [−1, 1]
constexpr double settling = 110;           ///< tries after which its share of tries falls

} // namespace

adaptive::adaptive(const goal_config& config) { steps_.fill(4 * config.step); }

void adaptive::not_moved() {
  trying_.reset();
  home_.clear(); // where it is now is home
}

void adaptive::judge(const goal_view& view) {
  if (known_.size() == remembered)
    known_.erase(known_.begin());
  const auto* mine = exposure_of(view.heard.exposures, view.creation);
  known_.push_back({{view.e.begin(), view.e.end()},
                    view.utility + view.config.lambda * view.error_of(view.e),
                    mine ? mean_reward(*mine) : 0});
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
  const double trying = std::max(view.config.curiosity, std::exp(-std::pow(static_cast<double>(tries_) / settling, 4)));
  if (uniform01(g) >= trying)
    return std::ranges::equal(home_, view.e) ? std::nullopt : std::optional(goal_move{home_, home_});
  ++tries_;
  const audience people(view, known_, g);
  const weights p = probabilities();
  std::size_t k = 0;
  for (double left = uniform01(g); k + 1 < kinds && left >= p[k]; ++k)
    left -= p[k];
  auto to = attempt(static_cast<kind>(k), view, people, g);
  const auto guessed = [&](std::span<const float> x) { return people.visibility_at(x) - view.config.lambda * view.error_of(x); };
  const double risk = boldness * std::exp(-static_cast<double>(tries_) / 15) + caution;
  if (std::ranges::equal(to, home_) || guessed(to) < guessed(home_) - risk)
    return std::ranges::equal(home_, view.e) ? std::nullopt : std::optional(goal_move{home_, home_});
  trying_ = static_cast<kind>(k);
  probability_ = p[k];
  return goal_move{std::move(to), home_};
}

std::vector<float> adaptive::attempt(kind k, const goal_view& view, const audience& people, splitmix64& g) {
  const double step = steps_[static_cast<std::size_t>(k)], cap = view.config.norm_cap;
  switch (k) {
    case kind::answer:
      return people.empty() ? home_ : people.best_response(uniform01(g) < 0.5 ? std::span<const float>(home_) : view.grounded);
    case kind::bold:
      return people.empty() ? home_ : ball::between(view.grounded, people.someone(g), 0.2 + 0.8 * uniform01(g), cap);
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
