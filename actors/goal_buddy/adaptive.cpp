#include "actors/goal_buddy/adaptive.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double least_probability = 0.05;  ///< of each kind
constexpr double rate = 0.5;                ///< of Hedge, for gains in [−1, 1]
constexpr double settling = 165;            ///< turns after which its share of tries falls
constexpr std::uint32_t introductions = 40; ///< meetings after which it meets nobody new
constexpr double most_interest = 6;         ///< in what isn't sure, at first; it falls until it has settled
constexpr int draws = 3;                    ///< of what people may like, from whose best responses it climbs
constexpr int looks = 3;                    ///< for a place where it wasn't

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
    people_.hear(view, g);
    kind_.reset();
    knows_prices_ = knows_prices_ || view.error_of(view.e) > 0;
    to = knows_prices_ && people_.still() ? met(view, g) : hedged(view, g);
    trying_ = !std::ranges::equal(to, home_);
  }
  if (!trying_ && std::ranges::equal(home_, view.e))
    return std::nullopt;
  return goal_move{std::move(to), home_};
}

std::vector<float> adaptive::met(const goal_view& view, splitmix64& g) {
  auto demand = view.wanted();
  ball::rescale(demand, view.config.norm_cap);
  if (!people_.open()) {
    meetings_ = 0;
    ball::rescale(demand, -view.config.norm_cap);
    return ball::squared_distance(demand, view.e) < 1e-6 ? hedged(view, g) : demand; // somebody is shown it even there
  }
  const auto n = meetings_++;
  if (n == 0)
    return demand;
  auto to = n < introductions && n % 2 == 0 ? people_.unknown(view, g) : std::vector<float>{};
  return to.empty() ? answered(view, g) : to;
}

std::vector<float> adaptive::answered(const goal_view& view, splitmix64& g) const {
  const bool settled = static_cast<double>(view.asked) > settling;
  std::vector<std::vector<float>> from{home_, {view.grounded.begin(), view.grounded.end()}};
  from.push_back(view.wanted());
  ball::rescale(from.back(), view.config.norm_cap);
  for (int i = 0; i < draws; ++i)
    from.push_back(response(view, people_.imagined(g)).best({home_}, {}));
  double interest = most_interest * uniform01(g) * std::max(0.0, 1 - static_cast<double>(view.asked) / settling);
  for (int i = 0; i < looks; ++i, ++interest) {
    const prospect hopes(view, people_.people(), interest);
    double most = settled ? home_utility_ : -1e300;
    std::vector<float> to;
    for (auto& x : from) {
      x = hopes.climbed(std::move(x));
      if (const double value = hopes.value(x); value > most) {
        most = value;
        to = x;
      }
    }
    if (settled)
      return to.empty() || people_.was_at(to) ? home_ : to;
    if (!to.empty() && !people_.was_at(to))
      return to;
  }
  return ball::along(home_, ball::direction(g, home_.size()), 0.01 + 0.08 * uniform01(g), view.config.norm_cap);
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
