#include "bench/people/worlds.hpp"

#include "actors/space/ball.hpp"
#include "actors/base/gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace people_bench {

using namespace ammo;

namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }
double phi(double x) { return std::erfc(-x / std::sqrt(2.0)) / 2; }

std::vector<float> mix(const std::vector<float>& a, double wa, const std::vector<float>& b, double wb) {
  std::vector<float> v(a.size());
  for (std::size_t k = 0; k < v.size(); ++k)
    v[k] = static_cast<float>(wa * a[k] + wb * b[k]);
  ball::rescale(v, 1);
  return v;
}

/// b without its part along a, of length 1.
std::vector<float> across(const std::vector<float>& b, const std::vector<float>& a) {
  std::vector<float> v(b);
  ball::add(v, a, -ball::dot(a, b));
  ball::rescale(v, 1);
  return v;
}

} // namespace

std::vector<world> listed_worlds() {
  using enum response;
  return {
    {.name = "linear", .rounds = 6000, .bar = 165, .today = 130},
    {.name = "linear-32", .rounds = 2000, .bar = 240, .today = 195, .dim = 32, .creations = 1000},
    {.name = "quiet", .rounds = 2000, .bar = 15, .today = 62, .sigma = 0.03},
    {.name = "loud", .rounds = 6000, .bar = 3900, .today = 3585, .sigma = 3},
    {.name = "offset-0.6", .bar = 130, .today = 3715, .offset = -0.6},
    {.name = "offset-0.3", .bar = 130, .today = 245, .offset = -0.3},
    {.name = "offset0", .bar = 130, .today = 96},
    {.name = "offset+0.3", .bar = 130, .today = 133, .offset = 0.3},
    {.name = "offset+0.6", .bar = 130, .today = 316, .offset = 0.6},
    {.name = "stars", .answers = stars, .bar = 370, .today = 4587},
    {.name = "stars-mapped", .answers = stars, .bar = 370, .today = 268, .told_scale = 0.5, .told_offset = -1.5},
    {.name = "clicks-0.5", .answers = clicks, .rounds = 10000, .bar = 320, .today = 473, .base = 0.005},
    {.name = "clicks-2", .answers = clicks, .rounds = 10000, .bar = 440, .today = 524},
    {.name = "clicks-2-coded", .answers = clicks, .rounds = 10000, .bar = 440, .today = 7816, .told_scale = 2, .told_offset = -1},
    {.name = "clicks-10", .answers = clicks, .rounds = 3000, .bar = 340, .today = 272, .base = 0.1},
    {.name = "clicks-50", .answers = clicks, .rounds = 3000, .bar = 210, .today = 343, .base = 0.5},
    {.name = "revenue", .answers = revenue, .rounds = 2000, .bar = 9000},
    {.name = "revenue-100th", .answers = revenue, .rounds = 2000, .bar = 9000, .today = 12572, .told_scale = 0.01},
    {.name = "purchase-2000", .answers = purchase, .rounds = 2000, .bar = 0, .today = 608},
    {.name = "purchase", .answers = purchase, .rounds = 10000, .bar = 1850, .today = 2086},
    {.name = "late-20", .rounds = 2000, .bar = 185, .today = 165, .delay = 20},
    {.name = "late-100", .rounds = 2000, .bar = 440, .today = 384, .delay = 100},
    {.name = "late-300", .rounds = 2000, .bar = 1060, .delay = 300},
    {.name = "drift-slow", .rounds = 2500, .bar = 1150, .today = 3841, .drifts = drift::slow},
    {.name = "drift-jumps", .rounds = 2500, .bar = 480, .today = 4181, .drifts = drift::jumps},
    {.name = "dayparts-same", .rounds = 2000, .bar = 145, .today = 104, .situations = 4, .alike = 1},
    {.name = "dayparts-0.5", .rounds = 2000, .bar = 360, .today = 1419, .situations = 4, .alike = 0.5},
    {.name = "dayparts-0", .rounds = 2000, .bar = 340, .today = 3211, .situations = 4, .alike = 0},
    {.name = "positions", .bar = 215, .today = 409, .positions = true},
    {.name = "positions-clicks", .answers = clicks, .rounds = 3000, .bar = 340, .today = 814, .base = 0.1, .positions = true},
    {.name = "heart", .answers = heart, .bar = 100, .sigma = 0.1},
  };
}

std::vector<world> unlisted_worlds() {
  using enum response;
  return {
    {.name = "offset+40", .bar = 130, .offset = 40},
    {.name = "offset-3", .bar = 130, .offset = -3},
    {.name = "scaled-1024", .bar = 130, .told_scale = 1024},
    {.name = "scaled-1e9", .bar = 130, .offset = 0.5, .told_scale = 1e9},
    {.name = "scaled-1e-6", .bar = 130, .told_scale = 1e-6},
    {.name = "sigma-1", .rounds = 3000, .sigma = 1},
    {.name = "sigma-0.1", .rounds = 2000, .sigma = 0.1},
    {.name = "stars-hundred", .answers = stars, .bar = 370, .told_scale = 20},
    {.name = "clicks-1", .answers = clicks, .rounds = 10000, .base = 0.01},
    {.name = "clicks-5", .answers = clicks, .rounds = 5000, .base = 0.05},
    {.name = "clicks-30", .answers = clicks, .rounds = 3000, .base = 0.3},
    {.name = "clicks-80", .answers = clicks, .rounds = 3000, .base = 0.8},
    {.name = "clicks-2-turned", .answers = clicks, .rounds = 10000, .bar = 440, .told_scale = 7, .told_offset = 3},
    {.name = "revenue-cents", .answers = revenue, .rounds = 2000, .bar = 9000, .told_scale = 100},
    {.name = "purchase-10", .answers = purchase, .rounds = 5000, .base = 0.1},
    {.name = "late-40-spread-60", .rounds = 2000, .bar = 440, .delay = 40, .spread = 60},
    {.name = "late-clicks", .answers = clicks, .rounds = 3000, .base = 0.1, .delay = 50, .spread = 10},
    {.name = "drift-slow-8", .rounds = 4000, .drifts = drift::slow, .pieces = 8},
    {.name = "drift-slow-3", .rounds = 2500, .drifts = drift::slow, .pieces = 3},
    {.name = "drift-jumps-3", .rounds = 2500, .drifts = drift::jumps, .pieces = 3},
    {.name = "drift-clicks", .answers = clicks, .rounds = 4000, .base = 0.1, .drifts = drift::jumps, .pieces = 3},
    {.name = "two-situations", .rounds = 2000, .situations = 2, .daypart = 3, .alike = 0.3},
    {.name = "dayparts-offset", .rounds = 2000, .bar = 340, .offset = -0.5, .situations = 4, .alike = 0},
    {.name = "positions-offset", .bar = 215, .offset = 0.5, .positions = true},
    {.name = "dim-8", .bar = 130, .dim = 8},
    {.name = "dim-64", .rounds = 3000, .dim = 64, .creations = 1000},
  };
}

subspace_of_people make_people(const world& w, std::uint64_t seed, std::size_t people) {
  subspace_of_people s{w, seed, {}, {}, {}};
  splitmix64 g = generator(seed, stream::data, 1, 0);
  catalogue all(subspace_id{0}, {0, w.dim}, 1.0f);
  for (std::uint32_t i = 0; i < w.creations; ++i) {
    s.rows.push_back(ball::direction(g, w.dim));
    if (!all.add(goal_id{1}, owner_id{1}, i, s.rows.back()))
      std::abort(); // a unit vector, and there is room
  }
  s.live = all.publish();
  const std::size_t each = w.drifts != drift::none ? w.pieces : w.situations;
  for (std::size_t p = 0; p < people; ++p) {
    splitmix64 own = generator(seed, stream::person, p, 0);
    auto& q = s.directions.emplace_back();
    const auto shared = ball::direction(own, w.dim);
    for (std::size_t i = 0; i < each; ++i)
      if (w.situations > 1)
        q.push_back(mix(shared, std::sqrt(w.alike), across(ball::direction(own, w.dim), shared), std::sqrt(1 - w.alike)));
      else
        q.push_back(i == 0 ? shared : ball::direction(own, w.dim));
  }
  return s;
}

std::uint32_t situation(const world& w, std::uint32_t round) {
  return w.situations > 1 ? round / w.daypart % w.situations : 0;
}

std::vector<float> preference(const subspace_of_people& s, std::size_t person, std::uint32_t round) {
  const auto& q = s.directions[person];
  const world& w = s.where;
  if (w.situations > 1)
    return q[situation(w, round)];
  if (w.drifts == drift::jumps)
    return q[std::size_t{round} * q.size() / w.rounds];
  if (w.drifts == drift::slow) {
    const double at = static_cast<double>(round) * static_cast<double>(q.size() - 1) / w.rounds;
    const auto piece = static_cast<std::size_t>(at);
    const auto& a = q[piece];
    const auto& b = q[std::min(piece + 1, q.size() - 1)];
    const double angle = std::acos(std::clamp(ball::dot(a, b), -1.0, 1.0)) * (at - static_cast<double>(piece));
    return mix(a, std::cos(angle), across(b, a), std::sin(angle));
  }
  return q[0];
}

double expected(const world& w, double u, std::uint32_t round) {
  switch (w.answers) {
    case response::line: return w.offset + w.slope * u;
    case response::stars: {
      double e = 1;
      for (int k = 1; k <= 4; ++k)
        e += phi((3 + 2 * u - (k + 0.5)) / 0.8);
      return e;
    }
    case response::clicks: return logistic(std::log(w.base / (1 - w.base)) + 4 * u);
    case response::revenue: return std::exp(1.5 * u + 1.125);
    case response::purchase: return w.base * std::exp(2 * u + 0.5);
    case response::heart: return round < w.rounds / 4 ? -1 : 0.5 + 0.5 * u;
  }
  return 0;
}

double looked_at(const world& w, std::size_t slot) { return w.positions ? 1 / (1 + static_cast<double>(slot)) : 1; }

double reward(const subspace_of_people& s, std::size_t person, std::uint32_t round, std::uint64_t content,
              std::size_t slot, double u) {
  const world& w = s.where;
  splitmix64 g = generator(s.seed, stream::noise, person << 32 | content, round);
  const double chance = uniform01(g), look = uniform01(g);
  float normal = 0;
  standard_normal(g, {&normal, 1});
  const double z = normal;
  double r = 0;
  switch (w.answers) {
    case response::line: r = w.offset + w.slope * u + w.sigma * z; break;
    case response::stars: r = std::clamp(std::floor(3 + 2 * u + 0.8 * z + 0.5), 1.0, 5.0); break;
    case response::clicks: r = chance < expected(w, u, round); break;
    case response::revenue: r = std::exp(1.5 * u + 1.5 * z); break;
    case response::purchase: r = chance < w.base ? std::exp(2 * u + z) : 0; break;
    case response::heart: r = round < w.rounds / 4 ? -1 : 0.5 + 0.5 * u + w.sigma * z; break;
  }
  if (look >= looked_at(w, slot))
    r = 0;
  return w.told_scale * r + w.told_offset;
}

} // namespace people_bench
