#include "bench/papers/exposure_game.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>
#include <string>

namespace ammo {

namespace {

double dot(std::span<const double> a, std::span<const double> b) noexcept {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void normalise(std::span<double> v) noexcept {
  const double norm = std::sqrt(dot(v, v));
  if (norm > 0)
    for (double& x : v)
      x /= norm;
}

std::vector<double> directions(std::span<const double> thetas, std::size_t dimension) {
  std::vector<double> s(thetas.begin(), thetas.end());
  for (std::size_t at = 0; at < s.size(); at += dimension)
    normalise(std::span(s).subspan(at, dimension));
  return s;
}

} // namespace

exposure_game::exposure_game(std::vector<double> users, std::size_t dimension, double temperature)
  : users_(std::move(users)), dimension_(dimension), temperature_(temperature) {}

result<exposure_game> exposure_game::open(std::vector<double> users, std::size_t dimension, double temperature) {
  if (dimension == 0 || users.empty() || users.size() % dimension != 0)
    return {errc::wrong_dimension, std::to_string(users.size()) + " coordinates of " + std::to_string(dimension)};
  if (!std::ranges::all_of(users, [](double c) { return std::isfinite(c); }))
    return {errc::not_finite, "a user's coordinate"};
  if (!(temperature > 0) || !std::isfinite(temperature))
    return {errc::bad_value, "temperature " + std::to_string(temperature)};
  return exposure_game(std::move(users), dimension, temperature);
}

std::vector<double> exposure_game::mean_direction() const {
  std::vector<double> mean(dimension_, 0.0);
  for (std::size_t at = 0; at < users_.size(); ++at)
    mean[at % dimension_] += users_[at] / static_cast<double>(users_.size() / dimension_);
  normalise(mean);
  return mean;
}

/// visit(c, p): each user, and the creator's exposure to it.
template <class Visit>
void exposure_game::each_user(std::span<const double> thetas, std::size_t creator, Visit visit) const {
  assert(thetas.size() % dimension_ == 0 && creator < thetas.size() / dimension_);
  const auto s = directions(thetas, dimension_);
  std::vector<double> scores(s.size() / dimension_);
  for (std::size_t at = 0; at < users_.size(); at += dimension_) {
    const auto c = std::span(users_).subspan(at, dimension_);
    for (std::size_t j = 0; j < scores.size(); ++j)
      scores[j] = dot(c, std::span(s).subspan(j * dimension_, dimension_)) / temperature_;
    double total = 0; // relative to the creator's own
    for (const double score : scores)
      total += std::exp(score - scores[creator]);
    visit(c, 1 / total);
  }
}

double exposure_game::utility(std::span<const double> thetas, std::size_t creator) const {
  double sum = 0;
  each_user(thetas, creator, [&](auto, double p) { sum += p; });
  return sum / static_cast<double>(users_.size() / dimension_);
}

std::vector<double> exposure_game::gradient(std::span<const double> thetas, std::size_t creator) const {
  std::vector<double> g(dimension_, 0.0);
  each_user(thetas, creator, [&](std::span<const double> c, double p) {
    for (std::size_t k = 0; k < dimension_; ++k)
      g[k] += p * (1 - p) * c[k];
  });
  std::vector<double> s(thetas.begin() + static_cast<std::ptrdiff_t>(creator * dimension_),
                        thetas.begin() + static_cast<std::ptrdiff_t>((creator + 1) * dimension_));
  const double norm = std::sqrt(dot(s, s));
  normalise(s);
  const double along = dot(g, s), scale = static_cast<double>(users_.size() / dimension_) * temperature_ * norm;
  for (std::size_t k = 0; k < dimension_; ++k)
    g[k] = (g[k] - along * s[k]) / scale;
  return g;
}

std::size_t exposure_game::climb(std::vector<double>& thetas, double step, std::size_t rounds,
                                 double tolerance) const {
  const std::size_t creators = thetas.size() / dimension_;
  const double scale = step * static_cast<double>(creators) * temperature_;
  thetas = directions(thetas, dimension_);
  for (std::size_t round = 0; round < rounds; ++round) {
    auto next = thetas;
    double longest = 0;
    for (std::size_t i = 0; i < creators; ++i) {
      const auto g = gradient(thetas, i);
      longest = std::max(longest, scale * std::sqrt(dot(g, g)));
      for (std::size_t k = 0; k < dimension_; ++k)
        next[i * dimension_ + k] += scale * g[k];
    }
    if (longest <= tolerance)
      return round;
    thetas = directions(next, dimension_);
  }
  return rounds;
}

} // namespace ammo
