#include "bench/attack/attacker.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr double settling = 165;            ///< turns after which its share of tries falls
constexpr std::uint32_t introductions = 40; ///< meetings after which it meets nobody new
constexpr double most_interest = 6;         ///< in what isn't sure, at first; it falls until it has settled
constexpr int draws = 3;                    ///< of what people may like, from whose best responses it climbs
constexpr int looks = 3;                    ///< for a place where it wasn't

} // namespace

void attacker::not_moved() {
  trying_ = false;
  home_.clear(); // where it is now is home
}

void attacker::judge(const goal_view& view) {
  const bool tried = std::exchange(trying_, false), at_home = std::ranges::equal(home_, view.e);
  if (!tried && at_home) {
    home_utility_ = (home_utility_ + view.utility) / 2;
  } else if (!tried || home_.empty() || view.utility > home_utility_) {
    home_.assign(view.e.begin(), view.e.end());
    home_utility_ = view.utility;
  }
}

std::optional<goal_move> attacker::move(const goal_view& view) {
  judge(view);
  auto g = view.randomness();
  const double trying = std::max(view.config.curiosity, std::exp(-std::pow(static_cast<double>(view.asked) / settling, 16)));
  std::vector<float> to = home_;
  if (uniform01(g) < trying) {
    people_.hear(view, g);
    knows_prices_ = knows_prices_ || view.error_of(view.e) > 0;
    to = knows_prices_ && people_.still() ? next(view, g) : nearby(view, g);
    trying_ = !std::ranges::equal(to, home_);
  }
  if (!trying_ && std::ranges::equal(home_, view.e))
    return std::nullopt;
  return goal_move{std::move(to), home_};
}

std::vector<float> attacker::next(const goal_view& view, splitmix64& g) {
  auto demand = view.wanted();
  ball::rescale(demand, view.config.norm_cap);
  if (!people_.open()) {
    meetings_ = 0;
    ball::rescale(demand, -view.config.norm_cap);
    return ball::squared_distance(demand, view.e) < 1e-6 ? nearby(view, g) : demand; // somebody is shown it even there
  }
  const auto n = meetings_++;
  if (n == 0)
    return demand;
  auto to = n < introductions && n % 2 == 0 ? people_.towards_unknown(view, g) : std::vector<float>{};
  return to.empty() ? answered(view, g) : to;
}

std::vector<float> attacker::nearby(const goal_view& view, splitmix64& g) const {
  return ball::along(home_, ball::direction(g, home_.size()), 0.01 + 0.08 * uniform01(g), view.config.norm_cap);
}

std::vector<float> attacker::answered(const goal_view& view, splitmix64& g) const {
  const bool settled = static_cast<double>(view.asked) > settling;
  std::vector<std::vector<float>> from{home_, {view.grounded.begin(), view.grounded.end()}};
  from.push_back(view.wanted());
  ball::rescale(from.back(), view.config.norm_cap);
  for (int i = 0; i < draws; ++i)
    from.push_back(response(view, people_.sampled(g)).best({home_}, {}));
  double interest = most_interest * uniform01(g) * std::max(0.0, 1 - static_cast<double>(view.asked) / settling);
  for (int i = 0; i < looks; ++i, ++interest) {
    const expected_utility hopes(view, people_.people(), interest);
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
  return nearby(view, g);
}

} // namespace ammo
