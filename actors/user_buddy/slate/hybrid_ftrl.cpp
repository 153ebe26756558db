#include "actors/user_buddy/slate/hybrid_ftrl.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace ammo {

namespace {

/// x as a function of y, where 1/(2√x) + γ log(1 − x) = y: the regulariser's gradient, turned round.
struct point {
  double x, slope; // dx/dy
};

/// Newton in u = log(x / (1 − x)), in which both ends of [0, 1] are far away and keep their digits.
point conjugate(double y, double gamma) noexcept {
  constexpr double longest_step = 4;
  double u = y > 1 ? -2 * std::log(2 * y) : y < -1 ? (0.5 - y) / gamma : 0;
  for (int i = 0; i < 100; ++i) {
    const double odds = std::exp(-u), root = std::sqrt(1 + odds), x = 1 / (1 + odds);
    const double softplus = u > 0 ? u + std::log1p(odds) : -std::log(odds * x);
    const double slope = -(0.25 * odds / root + gamma * x);
    const double step = std::clamp((y - 0.5 * root + gamma * softplus) / slope, -longest_step, longest_step);
    u += step;
    if (std::abs(step) < 1e-9)
      return {x, x * odds * x / slope};
  }
  const double x = 1 / (1 + std::exp(-u));
  return {x, -x};
}

} // namespace

void hybrid_marginals(std::span<const double> losses, double eta, std::size_t m, double& level, std::span<double> out) {
  assert(m > 0 && m < losses.size() && losses.size() == out.size());
  const double k = static_cast<double>(losses.size()), wanted = static_cast<double>(m);
  const double gamma = 2 * wanted <= k ? 1 : std::min(1.0, 1 / std::sqrt(std::log(k / (k - wanted))));
  // At `even` an arm has its equal share, so that the most costly arm has it at the lower end, and the least at the
  // upper.
  const double even = 0.5 / std::sqrt(wanted / k) + gamma * std::log1p(-wanted / k);
  const auto [least, most] = std::ranges::minmax(losses);
  double low = even - eta * most, high = even - eta * least;
  level = std::clamp(level, low, high);
  for (int i = 0; i < 200; ++i) {
    double sum = 0, slope = 0;
    for (std::size_t a = 0; a < losses.size(); ++a) {
      const point p = conjugate(eta * losses[a] + level, gamma);
      out[a] = p.x;
      sum += p.x;
      slope += p.slope;
    }
    const double excess = sum - wanted;
    if (std::abs(excess) <= 1e-10 * wanted)
      return;
    (excess > 0 ? low : high) = level;
    const double newton = level - excess / slope;
    level = newton > low && newton < high ? newton : std::midpoint(low, high);
  }
}

std::vector<std::uint32_t> pivotal_sample(std::span<const double> x, splitmix64& g) {
  std::vector<std::uint32_t> chosen;
  if (x.empty())
    return chosen;
  std::uint32_t open = 0; // all before it are decided
  double p = x[0];
  for (std::uint32_t other = 1; other < x.size(); ++other) {
    const double q = x[other], both = p + q, u = uniform01(g);
    if (both < 1) { // one of them is out, the other has the chance of both
      if (u * both >= p)
        open = other;
      p = both;
    } else { // one of them is in, the other keeps the rest
      const bool first = u * (2 - both) < 1 - q;
      chosen.push_back(first ? open : other);
      if (first)
        open = other;
      p = both - 1;
    }
  }
  if (p > 0.5)
    chosen.push_back(open);
  std::ranges::sort(chosen);
  return chosen;
}

std::optional<hybrid_ftrl> hybrid_ftrl::restored(std::vector<double> losses, std::vector<double> marginals, double level,
                                                 std::uint64_t rounds) {
  const auto probable = [](double x) { return x >= 0 && x <= 1; };
  const auto sound = [](double x) { return x >= 0 && x <= 1e15; };
  if (losses.size() != marginals.size() || !sound(std::abs(level)) || !std::ranges::all_of(losses, sound) ||
      !std::ranges::all_of(marginals, probable))
    return {};
  hybrid_ftrl learner;
  learner.losses_ = std::move(losses);
  learner.marginals_ = std::move(marginals);
  learner.level_ = level;
  learner.rounds_ = rounds;
  return learner;
}

void hybrid_ftrl::begin_without_sleepers(std::size_t m, std::span<const std::uint8_t> awake) {
  hybrid_ftrl those;
  those.rounds_ = rounds_;
  those.level_ = level_;
  for (std::size_t a = 0; a < arms(); ++a)
    if (awake[a])
      those.losses_.push_back(losses_[a]);
  those.marginals_.resize(those.losses_.size());
  those.begin(m);
  const double shown = std::reduce(those.marginals_.begin(), those.marginals_.end());
  const double lost = std::inner_product(those.losses_.begin(), those.losses_.end(), those.marginals_.begin(), 0.0);
  const double absent = shown > 0 && rounds_ > 0 ? lost / shown / static_cast<double>(rounds_) : 0;
  for (std::size_t a = 0, i = 0; a < arms(); ++a) {
    marginals_[a] = awake[a] ? those.marginals_[i++] : 0;
    losses_[a] += awake[a] ? 0 : absent;
  }
  level_ = those.level_;
  rounds_ = those.rounds_;
}

void hybrid_ftrl::begin(std::size_t m, std::span<const std::uint8_t> awake) {
  if (std::ranges::find(awake, std::uint8_t{0}) != awake.end())
    return begin_without_sleepers(m, awake);
  ++rounds_;
  if (m >= arms())
    std::ranges::fill(marginals_, 1.0);
  else if (m == 0)
    std::ranges::fill(marginals_, 0.0);
  else
    hybrid_marginals(losses_, 1 / std::sqrt(static_cast<double>(rounds_)), m, level_, marginals_);
}

void hybrid_ftrl::renew(std::span<const std::size_t> origin) {
  const double shown = std::reduce(marginals_.begin(), marginals_.end());
  const double newcomer =
    shown > 0 ? std::inner_product(losses_.begin(), losses_.end(), marginals_.begin(), 0.0) / shown : 0;
  std::vector<double> losses(origin.size()), marginals(origin.size());
  for (std::size_t i = 0; i < origin.size(); ++i) {
    losses[i] = origin[i] == new_arm ? newcomer : losses_[origin[i]];
    marginals[i] = origin[i] == new_arm ? 0 : marginals_[origin[i]];
  }
  losses_ = std::move(losses);
  marginals_ = std::move(marginals);
}

} // namespace ammo
