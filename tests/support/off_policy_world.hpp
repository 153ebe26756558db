/// A person, fifty creations, and logs of slates that say how likely they were: how near the judged value of another
/// policy comes to the true one, over many independent logs. A log follows from its seed alone.
#pragma once

#include "actors/aipp/off_policy.hpp"
#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

namespace off_policy {

using namespace ammo;

inline constexpr std::uint32_t dim = 5, slots = 3, creations = 50;
inline constexpr float noise = 0.5f; ///< of rewards around e·q

using vec = std::vector<float>;

inline vec unit(splitmix64& g) {
  vec v(dim);
  standard_normal(g, v);
  const float norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0f));
  for (float& x : v)
    x /= norm;
  return v;
}

/// Catalogue, and the person's q.
struct world {
  std::vector<vec> e;
  std::shared_ptr<const catalogue_version> live;
  vec q;

  world() {
    splitmix64 g(17);
    catalogue c(subspace_id{0}, {0, dim}, 2.0f);
    for (std::uint32_t i = 0; i < creations; ++i) {
      e.push_back(unit(g));
      [[maybe_unused]] const auto added = c.add(goal_id{i}, owner_id{i}, i, e.back());
    }
    live = c.publish();
    q = unit(g);
  }
  /// Of the creation in a row, under some q.
  [[nodiscard]] double value(std::uint32_t row, const vec& of) const {
    return std::inner_product(of.begin(), of.end(), e[row].begin(), 0.0);
  }
};

/// What a target shows with which probability, by row; the same in every round.
using marginals = std::vector<double>;

inline marginals uniform_target() { return marginals(creations, double{slots} / creations); }

/// The best by another q, in that direction from the person's own.
inline marginals greedy_target(const world& w, std::uint64_t seed, float away) {
  splitmix64 g(seed);
  vec other = unit(g);
  for (std::size_t k = 0; k < dim; ++k)
    other[k] = w.q[k] + away * other[k];
  std::array<scored, slots> best;
  top_n(*w.live, other, slots, best);
  marginals out(creations, 0.0);
  for (const scored& s : best)
    out[row_of(s.creation)] = 1;
  return out;
}

/// Thompson sampling with a belief of its own: N(towards·q, σ² I) with that deviation, by 100,000 draws.
inline marginals thompson_target(const world& w, float towards, float deviation) {
  constexpr int draws = 100'000;
  splitmix64 g(23);
  marginals out(creations, 0.0);
  vec q(dim);
  std::array<scored, slots> best;
  for (int i = 0; i < draws; ++i) {
    standard_normal(g, q);
    for (std::size_t k = 0; k < dim; ++k)
      q[k] = towards * w.q[k] + deviation * q[k];
    top_n(*w.live, q, slots, best);
    for (const scored& s : best)
      out[row_of(s.creation)] += 1.0 / draws;
  }
  return out;
}

inline double true_value(const world& w, const marginals& target) {
  double sum = 0;
  for (std::uint32_t row = 0; row < creations; ++row)
    sum += target[row] * w.value(row, w.q);
  return sum;
}

/// A User Buddy that fills all slots, learns what it is told, and believes rewards to be noisier than they are, so that
/// it goes on exploring.
inline user_config logging(user_policy policy) {
  user_config c;
  c.space = layout::make(dim, {{"coin", {0, dim}}}).value();
  c.policy = policy;
  c.exactly = true;
  c.noise = 2;
  c.epsilon = 0.5;
  return c;
}

/// One log of so many rounds, judged for each target. Rounds with an unknown propensity are left out.
inline std::vector<off_policy_judge> judged(const world& w, user_config config, const std::vector<marginals>& targets,
                                            int rounds, std::uint64_t seed) {
  config.seed = seed;
  user_mind mind(std::make_shared<const user_config>(config), user_id{1});
  mind.see(w.live);
  splitmix64 g(seed * 1'000'003);
  reward_model model(dim);
  std::vector<off_policy_judge> out(targets.size());
  std::array<double, creations> predicted;
  for (int t = 0; t < rounds; ++t) {
    const auto p = mind.propose(occasion::round, 0, slots).value();
    std::array<float, slots> z;
    standard_normal(g, z);
    reward r{p.user, p.round, {}};
    for (std::size_t i = 0; i < slots; ++i) {
      const creation_id id = p.candidates[i].creation;
      r.entries.push_back({id, static_cast<float>(w.value(row_of(id), w.q)) + noise * z[i]});
    }
    for (std::uint32_t row = 0; row < creations; ++row)
      predicted[row] = model.predict(w.e[row]);
    for (std::size_t k = 0; k < targets.size() && p.candidates[0].propensity.known(); ++k) {
      std::array<judged_impression, slots> shown;
      for (std::size_t i = 0; i < slots; ++i) {
        const auto row = row_of(r.entries[i].creation);
        shown[i] = {p.candidates[i].propensity.value, targets[k][row], r.entries[i].reward, predicted[row]};
      }
      [[maybe_unused]] const errc added = out[k].add(
        {shown, slots, std::inner_product(targets[k].begin(), targets[k].end(), predicted.begin(), 0.0), 0});
    }
    for (const earned& e : r.entries)
      [[maybe_unused]] const errc taken = model.learn(w.e[row_of(e.creation)], e.reward);
    [[maybe_unused]] const errc learned = mind.learn(r);
  }
  return out;
}

/// One estimator over many logs.
struct account {
  int logs = 0, covered = 0, silent = 0;
  double sum = 0, squares = 0, told_error = 0, effective = 0;

  void add(const result<policy_value>& v, double truth) {
    if (!v) {
      ++silent;
      return;
    }
    ++logs;
    covered += v->low <= truth && truth <= v->high;
    sum += v->mean;
    squares += v->mean * v->mean;
    told_error += v->standard_error;
    effective += v->effective_size;
  }
  [[nodiscard]] double mean() const { return sum / logs; }
  [[nodiscard]] double deviation() const { return std::sqrt((squares - logs * mean() * mean()) / (logs - 1)); }
  /// Standard error of `mean`.
  [[nodiscard]] double error() const { return deviation() / std::sqrt(static_cast<double>(logs)); }
  [[nodiscard]] double coverage() const { return static_cast<double>(covered) / logs; }
};

/// Importance weighted, self-normalised, doubly robust; and the log's overlap.
struct accounts {
  account weighted, normalised, robust;
  double overlap = 0;
};

/// For each target, over that many logs.
inline std::vector<accounts> over_logs(const world& w, const user_config& config, const std::vector<marginals>& targets,
                                       int rounds, int logs) {
  std::vector<accounts> out(targets.size());
  for (int l = 1; l <= logs; ++l) {
    const auto all = judged(w, config, targets, rounds, static_cast<std::uint64_t>(l));
    for (std::size_t k = 0; k < targets.size(); ++k) {
      const double truth = true_value(w, targets[k]);
      out[k].weighted.add(all[k].importance_weighted(), truth);
      out[k].normalised.add(all[k].self_normalised(), truth);
      out[k].robust.add(all[k].doubly_robust(), truth);
      if (const auto o = all[k].overlap())
        out[k].overlap += o->mean / logs;
    }
  }
  return out;
}

} // namespace off_policy
