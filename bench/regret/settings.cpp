#include "bench/regret/settings.hpp"

#include "actors/base/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>

namespace regret_bench {

namespace {

using namespace ammo;
using vec = std::vector<float>;

float dot(const vec& a, const vec& b) { return std::inner_product(a.begin(), a.end(), b.begin(), 0.0f); }

vec scaled(vec v, float by) {
  for (float& x : v)
    x *= by;
  return v;
}

vec sum(vec a, const vec& b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    a[i] += b[i];
  return a;
}

vec gaussian(splitmix64& g) {
  vec v(dim);
  standard_normal(g, v);
  return v;
}

vec unit(const vec& v) { return scaled(v, 1 / std::sqrt(dot(v, v))); }

vec in_unit_ball(vec v) {
  const float norm = std::sqrt(dot(v, v));
  return norm > 1 ? scaled(std::move(v), 1 / norm) : v;
}

/// A vector of norm 0.9 whose product with the unit vector q is `value`.
vec of_value(float value, const vec& q, splitmix64& g) {
  vec across = gaussian(g);
  across = unit(sum(across, scaled(q, -dot(across, q))));
  return sum(scaled(q, value), scaled(across, std::sqrt(0.81f - value * value)));
}

vec creation(setting s, std::uint32_t i, const std::vector<vec>& centres, const vec& q, splitmix64& g) {
  switch (s) {
    case setting::clustered:
      return unit(sum(centres[i % 10], scaled(gaussian(g), 0.3f / std::sqrt(static_cast<float>(dim)))));
    case setting::heavy_tailed: {
      const auto halved_chi2 = static_cast<float>(-std::log1p(-uniform01(g)));
      return in_unit_ball(scaled(unit(gaussian(g)), 0.3f / std::sqrt(std::max(halved_chi2, 1e-6f))));
    }
    case setting::near_duplicates:
      return in_unit_ball(sum(centres[i % 20], scaled(gaussian(g), 0.01f)));
    case setting::small_gaps: {
      const auto u = static_cast<float>(uniform01(g));
      return of_value(i < 50 ? 0.48f + 0.02f * u : -0.5f + 0.8f * u, q, g);
    }
    case setting::drifting:
    case setting::still: break;
  }
  return unit(gaussian(g));
}

} // namespace

scene make_scene(setting s, std::uint64_t seed) {
  splitmix64 people = generator(seed, stream::person, 1, 0), g = generator(seed, stream::data, 1, 0);
  scene made;
  for (int phase = 0; phase < (s == setting::drifting ? 4 : 1); ++phase)
    made.preferences.push_back(unit(gaussian(people)));
  std::vector<vec> centres;
  for (int c = 0; c < 20; ++c)
    centres.push_back(unit(gaussian(g)));
  catalogue c(subspace_id{0}, {0, dim});
  for (std::uint32_t i = 0; i < creations; ++i)
    if (!c.add(goal_id{i}, owner_id{i}, i, creation(s, i, centres, made.preferences.front(), g)))
      std::abort(); // all lie in the unit ball
  made.live = c.publish();
  return made;
}

} // namespace regret_bench
