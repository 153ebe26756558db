#include "actors/user_buddy/slate_policy.hpp"

#include "actors/space/gaussian.hpp"
#include "actors/user_buddy/optimistic_top_n.hpp"

#include <algorithm>

namespace ammo {

namespace {

/// Length of greedy's random direction against q: it decides between equals and nothing else.
constexpr float tie_break = 1e-7f;

ranking at_random(const slate_view& view, splitmix64 g) {
  std::size_t rows = 0, live = 0;
  for (const auto& s : view.snapshots) {
    rows += s->rows();
    live += s->live();
  }
  const std::size_t n = std::min(view.n, live);
  ranking chosen;
  while (chosen.size() < n) {
    auto row = static_cast<std::size_t>(uniform01(g) * static_cast<double>(rows));
    auto s = view.snapshots.begin();
    for (; row >= (*s)->rows(); ++s)
      row -= (*s)->rows();
    const creation_id id = (*s)->info(static_cast<std::uint32_t>(row)).id;
    if (id != no_creation && std::ranges::find(chosen, id, &scored::creation) == chosen.end())
      chosen.push_back({id, 1.0f - static_cast<float>(chosen.size()) / static_cast<float>(n)});
  }
  return chosen;
}

/// `draw(factor's posterior, part)` makes a factor's part of q of standard normal numbers.
coordinates preference(const slate_view& view, splitmix64& g, auto draw) {
  const auto& factors = view.config.space.factors();
  coordinates q(view.config.space.dim(), boost::container::default_init);
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const auto part = span_of(q).subspan(factors[f].offset, factors[f].width);
    standard_normal(g, part);
    draw(*view.believed[f], part);
  }
  return q;
}

ranking by_mean(const slate_view& view, splitmix64 g) {
  const coordinates q = preference(view, g, [](const ridge_posterior<float>& p, std::span<float> part) {
    coordinates m(part.size(), boost::container::default_init);
    p.mean(span_of(m));
    std::ranges::transform(part, m, part.begin(), [](float z, float mean) { return mean + tie_break * z; });
  });
  ranking ranked = best_slate(view.config, view.snapshots, span_of(q), view.n);
  if (view.config.exactly)
    return ranked;
  drop_below(ranked, -10 * tie_break);
  for (scored& s : ranked)
    s.score = std::max(s.score, 0.0f);
  return ranked;
}

struct thompson final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    const auto noise = static_cast<float>(view.config.noise);
    const coordinates q = preference(view, g, [noise](const ridge_posterior<float>& p, std::span<float> part) {
      p.sample(part, noise, part);
    });
    ranking ranked = best_slate(view.config, view.snapshots, span_of(q), view.n);
    if (!view.config.exactly)
      drop_below(ranked, 0);
    return ranked;
  }
};

struct greedy final : slate_policy {
  ranking choose(const slate_view& view) const override { return by_mean(view, view.randomness()); }
};

struct uniform final : slate_policy {
  ranking choose(const slate_view& view) const override { return at_random(view, view.randomness()); }
};

struct epsilon_greedy final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    return uniform01(g) < view.config.epsilon ? at_random(view, g) : by_mean(view, g);
  }
};

struct c2ucb final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    const layout& space = view.config.space;
    ranking ranked;
    for (const auto& s : view.snapshots) {
      const optimism how{static_cast<float>(view.config.optimism * view.config.noise),
                         space.within_factor(s->subspace()).offset};
      const std::size_t before = ranked.size();
      ranked.resize(before + view.n);
      ranked.resize(before + optimistic_top_n(*s, *view.believed[space.factor_of(s->subspace())], how, g,
                                              span_of(ranked).last(view.n)));
    }
    merge(ranked, view.config, view.snapshots.size(), view.n);
    if (!view.config.exactly)
      drop_below(ranked, 0);
    return ranked;
  }
};

struct ftrl final : slate_policy {
  ranking choose(const slate_view& view) const override {
    return view.memory->choose(view.round, view.slots, view.n, view.randomness());
  }
};

constinit const thompson by_sample;
constinit const greedy by_belief;
constinit const uniform by_chance;
constinit const epsilon_greedy by_belief_and_chance;
constinit const c2ucb by_optimism;
constinit const ftrl against_an_adversary;

} // namespace

const slate_policy& policy_of(user_policy p) noexcept {
  switch (p) {
    case user_policy::greedy: return by_belief;
    case user_policy::uniform: return by_chance;
    case user_policy::epsilon_greedy: return by_belief_and_chance;
    case user_policy::c2ucb: return by_optimism;
    case user_policy::ftrl: return against_an_adversary;
    case user_policy::thompson: break;
  }
  return by_sample;
}

} // namespace ammo
