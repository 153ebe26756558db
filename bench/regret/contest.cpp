#include "bench/regret/contest.hpp"

#include "actors/base/gaussian.hpp"
#include "actors/space/regret.hpp"
#include "actors/user_buddy/user_mind.hpp"


#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <thread>

namespace regret_bench {

using namespace ammo;

namespace {

user_config plain(user_policy p) {
  user_config c;
  c.space = layout::make(dim, {{"bench", {0, dim}}}).value();
  c.policy = p;
  c.noise = noise;
  return c;
}

/// Thompson sampling whose sample strays from the mean `scale` times as far: λ = σ²/variance stays as it is.
contender tempered(double scale, const char* name) {
  contender t{name, plain(user_policy::thompson)};
  t.config.noise = noise * scale;
  t.config.prior_variance = scale * scale / dim;
  return t;
}

std::vector<float> values_of(const catalogue_version& live, std::span<const float> q) {
  std::vector<float> v(live.rows());
  for (std::uint32_t row = 0; row < live.rows(); ++row)
    v[row] = live.dot(row, q);
  return v;
}

std::vector<float> best_of(std::vector<float> values) {
  std::ranges::sort(values, std::ranges::greater{});
  values.resize(slots);
  return values;
}

/// A creation's noise in a round, whoever shows it.
double noise_of(std::uint64_t seed, std::uint64_t round, std::uint64_t content) {
  splitmix64 g = generator(seed, stream::noise, content, round);
  float z = 0;
  standard_normal(g, {&z, 1});
  return noise * static_cast<double>(z);
}

} // namespace

std::vector<contender> contenders() {
  std::vector<contender> all;
  for (std::uint8_t p = 0; name_of(static_cast<user_policy>(p)) != "unknown"; ++p)
    if (const auto policy = static_cast<user_policy>(p); policy != user_policy::host)
      all.push_back({std::string(name_of(policy)), plain(policy)});
  all.push_back(tempered(0.7, "thompson, 0.7"));
  all.push_back(tempered(0.5, "thompson, 0.5"));
  all.push_back(tempered(0.3, "thompson, 0.3"));
  all.push_back({"c2ucb, 2", plain(user_policy::c2ucb)});
  all.back().config.optimism = 2;
  all.push_back({"thompson, diverse", plain(user_policy::thompson)});
  all.back().config.diversity = 0.1;
  all.push_back({"thompson, restart", plain(user_policy::thompson)});
  all.back().config.drift = user_drift::restart;
  return all;
}

curve play(const contender& who, const scene& where, std::uint64_t seed, std::uint64_t rounds) {
  user_config config = who.config;
  config.seed = seed;
  user_mind mind(std::make_shared<const user_config>(std::move(config)), user_id{1});
  mind.see(where.live);
  std::vector<std::vector<float>> values, best;
  for (const auto& q : where.preferences) {
    values.push_back(values_of(*where.live, q));
    best.push_back(best_of(values.back()));
  }
  curve total;
  double regret = 0;
  for (std::uint64_t t = 0; t < rounds; ++t) {
    const std::size_t phase = t * values.size() / rounds;
    auto proposal = mind.propose(occasion::round, t, slots);
    if (!proposal)
      std::abort(); // a snapshot was seen, and there are slots
    reward r{user_id{1}, proposal.value().round, {}};
    std::vector<float> shown;
    for (const candidate& c : proposal.value().candidates) {
      const auto content = where.live->find(c.creation)->content;
      shown.push_back(values[phase][content]); // rows were filled in the order of `content`
      r.entries.push_back({c.creation, static_cast<float>(static_cast<double>(shown.back()) + noise_of(seed, t, content))});
    }
    regret += regret_of(best[phase], shown).slate;
    if (mind.learn(r) != errc::ok)
      std::abort(); // every reward is finite and was awaited
    if ((t + 1) * points / rounds != t * points / rounds)
      total.push_back(regret);
  }
  return total;
}

std::vector<std::vector<curve>> play_all(const std::vector<contender>& all, setting s,
                                         std::uint64_t first_seed, std::uint64_t seeds, std::uint64_t rounds, unsigned threads, std::atomic<std::size_t>& done) {
  std::vector<std::vector<curve>> curves(all.size(), std::vector<curve>(seeds));
  std::atomic<std::uint64_t> next = first_seed;
  auto work = [&] {
    for (std::uint64_t seed; (seed = next++) < first_seed + seeds;) {
      const scene where = make_scene(s, seed);
      for (std::size_t i = 0; i < all.size(); ++i, ++done)
        curves[i][seed - first_seed] = play(all[i], where, seed, rounds);
    }
  };
  std::vector<std::jthread> pool;
  for (unsigned i = 0; i < threads; ++i)
    pool.emplace_back(work);
  pool.clear(); // joins
  return curves;
}

double growth_exponent(const curve& c) {
  double n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
  double next = std::log(static_cast<double>(c.size()) / 10); // points evenly spaced in log time count the same
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double x = std::log(static_cast<double>(i + 1)), y = std::log(c[i]);
    if (x < next - 1e-9)
      continue;
    next += 0.1;
    n += 1, sx += x, sy += y, sxx += x * x, sxy += x * y;
  }
  return (n * sxy - sx * sy) / (n * sxx - sx * sx);
}

} // namespace regret_bench
