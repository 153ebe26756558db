#include "actors/goal_buddy/response.hpp"

#include "actors/space/ball.hpp"

namespace ammo {
namespace {

constexpr std::size_t promising = 4;  ///< starts
constexpr int ascents = 10;           ///< steps at one softness
constexpr int most_rounds = 20;       ///< of winning or leaving one more
constexpr std::size_t crowded = 60;   ///< people won, from which on one more is hardly looked for
constexpr float tolerance = 2e-5f;    ///< of a score

double logistic(double z) noexcept { return 1 / (1 + std::exp(std::clamp(-z, -30.0, 30.0))); }

} // namespace

double response::utility(std::span<const float> x) const {
  const auto won = std::ranges::count_if(
    people_, [&](const taste& p) { return ball::quick_dot(x, p.likes) >= p.least - tolerance; });
  return static_cast<double>(won) / static_cast<double>(people_.size()) - view_.config.lambda * view_.error_of(x);
}

double response::softened(std::span<const float> x, double softness) const {
  double sum = 0;
  for (const taste& p : people_)
    sum += logistic((ball::quick_dot(x, p.likes) - p.least) / softness);
  return sum / static_cast<double>(people_.size()) - view_.config.lambda * view_.error_of(x);
}

std::vector<std::vector<float>> response::starts(double softness, splitmix64& g) const {
  const double size = ball::norm(view_.grounded), cap = view_.config.norm_cap;
  std::vector<std::pair<double, std::vector<float>>> found;
  for (const taste& p : people_) {
    const double score = ball::quick_dot(view_.grounded, p.likes);
    if (score >= p.least)
      continue;
    const double shortest = std::min(1.0, 1.5 * (p.least - score) / std::max(1e-3, 1 - score));
    for (double t : {shortest, 0.2 + 0.8 * uniform01(g)}) {
      auto x = ball::between(view_.grounded, p.likes, t, cap);
      ball::rescale(x, std::min(cap, std::max(size, 1.0))); // a chord is shorter than the arc, and seen less
      found.emplace_back(-softened(x, std::max(softness, 0.02)), std::move(x));
    }
  }
  const auto n = static_cast<std::ptrdiff_t>(std::min(promising, found.size()));
  std::ranges::partial_sort(found, found.begin() + n);
  std::vector<std::vector<float>> out;
  for (auto it = found.begin(); it != found.begin() + n; ++it)
    out.push_back(std::move(it->second));
  return out;
}

std::vector<float> response::ascended(std::vector<float> x, double softness) const {
  std::vector<float> up(x.size());
  for (double width = 0.1;; width = std::max(width / 2, softness)) {
    for (int i = 0; i < ascents; ++i) {
      std::ranges::fill(up, 0.0f);
      ball::add(up, view_.grounded, view_.config.lambda);
      ball::add(up, x, -view_.config.lambda);
      for (const taste& p : people_)
        if (const double z = (ball::quick_dot(x, p.likes) - p.least) / width; std::abs(z) < 8) {
          const double c = logistic(z);
          ball::add(up, p.likes, c * (1 - c) / (width * static_cast<double>(people_.size())));
        }
      x = ball::along(x, up, std::min(1.0, 4 * width), view_.config.norm_cap);
    }
    if (width <= softness)
      return x;
  }
}

/// The place nearest to the facts that wins these people, in the ball: Dykstra's projections on half-spaces and the ball
/// (Boyle & Dykstra 1986).
std::vector<float> response::nearest(std::span<const std::size_t> won) const {
  std::vector<float> x(view_.grounded.begin(), view_.grounded.end()), pulled(x.size()), forced(won.size());
  for (int sweep = 0; sweep < (won.size() > crowded ? 25 : 40); ++sweep) {
    float moved = 0;
    for (std::size_t i = 0; i < won.size(); ++i) {
      const taste& p = people_[won[i]];
      const float more = std::max(-forced[i], p.least - ball::quick_dot(x, p.likes));
      forced[i] += more;
      moved += std::abs(more);
      if (more != 0)
        ball::add(x, p.likes, more);
    }
    ball::add(x, pulled, 1);
    const double scale = std::min(1.0, view_.config.norm_cap / std::max(ball::norm(x), 1e-9));
    for (std::size_t k = 0; k < x.size(); ++k) {
      pulled[k] = static_cast<float>(x[k] * (1 - scale));
      x[k] = static_cast<float>(x[k] * scale);
    }
    if (moved < 1e-5f)
      break;
  }
  return x;
}

std::vector<float> response::improved(std::span<const float> x) const {
  std::vector<std::size_t> won;
  std::vector<std::pair<float, std::size_t>> lost;
  for (std::size_t j = 0; j < people_.size(); ++j)
    if (const float gap = people_[j].least - ball::quick_dot(x, people_[j].likes); gap <= tolerance)
      won.push_back(j);
    else
      lost.emplace_back(gap, j);
  const auto tries = static_cast<std::ptrdiff_t>(std::min<std::size_t>(lost.size(), won.size() > crowded ? 3 : 12));
  std::ranges::partial_sort(lost, lost.begin() + tries);

  std::vector<float> best;
  double most = utility(x) + 1e-6;
  const auto consider = [&](std::span<const std::size_t> people) {
    auto at = nearest(people);
    if (const double u = utility(at); u > most) {
      most = u;
      best = std::move(at);
    }
  };
  consider(won);
  for (auto it = lost.begin(); it != lost.begin() + tries; ++it) {
    won.push_back(it->second);
    consider(won);
    won.pop_back();
  }
  if (best.empty() && won.size() <= crowded)
    for (std::size_t& one : won) { // all but this one
      std::swap(one, won.back());
      consider(std::span(won).first(won.size() - 1));
      std::swap(one, won.back());
    }
  return best;
}

std::vector<float> response::best(std::span<const float> home, double softness, splitmix64& g) const {
  auto from = starts(softness, g);
  from.emplace_back(home.begin(), home.end());
  from.emplace_back(view_.grounded.begin(), view_.grounded.end());
  std::vector<float> best;
  double most = -1e300;
  for (auto& x : from) {
    auto here = ascended(std::move(x), softness);
    for (int round = 0; round < most_rounds; ++round) {
      auto better = improved(here);
      if (better.empty())
        break;
      here = std::move(better);
    }
    if (const double u = utility(here); u > most) {
      most = u;
      best = std::move(here);
    }
  }
  return best;
}

} // namespace ammo
