#include "actors/user_buddy/slate_policy.hpp"

#include "actors/space/gaussian.hpp"
#include "actors/user_buddy/optimistic_top_n.hpp"

#include <algorithm>
#include <cmath>

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
    const coordinates q = sampled_preference(view, view.randomness());
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

/// `best_of(catalogue, posterior, how, out)` finds a subspace's best by optimism.
ranking by_optimism(const slate_view& view, auto best_of) {
  const layout& space = view.config.space;
  ranking ranked;
  for (const auto& s : view.snapshots) {
    const optimism how{static_cast<float>(view.config.optimism * view.config.noise),
                       space.within_factor(s->subspace()).offset};
    const std::size_t before = ranked.size();
    ranked.resize(before + view.n);
    ranked.resize(before + best_of(*s, *view.believed[space.factor_of(s->subspace())], how,
                                   span_of(ranked).last(view.n)));
  }
  merge(ranked, view.config, view.snapshots.size(), view.n);
  if (!view.config.exactly)
    drop_below(ranked, 0);
  return ranked;
}

struct c2ucb final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    return by_optimism(view, [&](const auto& c, const auto& posterior, optimism how, std::span<scored> out) {
      return optimistic_top_n(c, posterior, how, g, out);
    });
  }
};

struct sampled_ucb final : slate_policy {
  ranking choose(const slate_view& view) const override {
    const coordinates q = sampled_preference(view, view.randomness());
    return by_optimism(view, [&](const auto& c, const auto& posterior, optimism how, std::span<scored> out) {
      return optimistic_of_shortlist(c, posterior, how, part_of(span_of(q), c), out);
    });
  }
};

struct ftrl final : slate_policy {
  ranking choose(const slate_view& view) const override {
    return view.memory->choose(view.round, view.slots, view.n, view.randomness());
  }
};

/// Does what a host chose keep the rules?
errc judge(const ranking& chosen, const slate_view& view) noexcept {
  const auto live = [](const auto& s) { return s->live() > 0; };
  if (chosen.empty() && std::ranges::any_of(view.snapshots, live))
    return errc::policy_empty;
  if (chosen.size() > view.most())
    return errc::policy_too_many;
  for (auto c = chosen.begin(); c != chosen.end(); ++c) {
    const auto home = std::ranges::find(view.snapshots, subspace_of(c->creation),
                                        [](const auto& s) { return s->subspace(); });
    if (home == view.snapshots.end())
      return errc::unknown_subspace;
    if (!(*home)->find(c->creation))
      return errc::not_live;
    if (!std::isfinite(c->score))
      return errc::not_finite;
    if (std::any_of(chosen.begin(), c, [&](const scored& other) { return other.creation == c->creation; }))
      return errc::duplicate_in_slate;
  }
  return errc::ok;
}

constinit const thompson by_sample;
constinit const greedy by_belief;
constinit const uniform by_chance;
constinit const epsilon_greedy by_belief_and_chance;
constinit const c2ucb by_bound;
constinit const sampled_ucb by_sample_and_bound;
constinit const ftrl against_an_adversary;

} // namespace

const slate_policy& policy_of(user_policy p) noexcept {
  switch (p) {
    case user_policy::greedy: return by_belief;
    case user_policy::uniform: return by_chance;
    case user_policy::epsilon_greedy: return by_belief_and_chance;
    case user_policy::c2ucb: return by_bound;
    case user_policy::sampled_ucb: return by_sample_and_bound;
    case user_policy::ftrl: return against_an_adversary;
    case user_policy::thompson:
    case user_policy::host: break;
  }
  return by_sample;
}

coordinates sampled_preference(const slate_view& view, splitmix64 g) {
  return preference(view, g, [&](const ridge_posterior<float>& p, std::span<float> part) {
    p.sample(part, static_cast<float>(view.config.noise), part);
  });
}

coordinates mean_preference(const slate_view& view) {
  coordinates m(view.config.space.dim(), 0.0f);
  const auto& factors = view.config.space.factors();
  for (std::size_t f = 0; f < factors.size(); ++f)
    view.believed[f]->mean(span_of(m).subspan(factors[f].offset, factors[f].width));
  return m;
}

ranking host_choice(const slate_policy& host, const slate_view& view, errc& fault) {
  try {
    ranking chosen = host.choose(view);
    fault = judge(chosen, view);
    if (fault == errc::ok) {
      std::ranges::stable_sort(chosen, std::ranges::greater{}, &scored::score);
      return chosen;
    }
  } catch (...) { // whatever a host throws
    fault = errc::policy_failed;
  }
  return by_sample.choose(view);
}

} // namespace ammo
