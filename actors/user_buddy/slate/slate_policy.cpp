#include "actors/user_buddy/slate/slate_policy.hpp"

#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/slate/ftrl_memory.hpp"
#include "actors/user_buddy/slate/optimistic_top_n.hpp"
#include "actors/user_buddy/slate/shared_ties.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {

namespace {

/// Length of greedy's random direction against q: it decides between equals and nothing else.
constexpr float tie_break = 1e-7f;
/// Values that differ by more than this are never swapped by it.
constexpr float surely = 20 * tie_break;

bool holds(const ranking& slate, creation_id id) noexcept {
  return std::ranges::find(slate, id, &scored::creation) != slate.end();
}

/// Leaves out what isn't worth its slot; `least(subspace)` is.
void drop_worthless(ranking& ranked, const slate_view& view, auto least) {
  if (view.fills)
    return;
  const auto worthless = [&](const scored& s) { return s.score < least(subspace_of(s.creation)); };
  ranked.erase(std::remove_if(ranked.begin(), ranked.end(), worthless), ranked.end());
}

/// Probability of a creation that may be shown to be in a slate at random.
double share_of(const slate_view& view) noexcept {
  return std::min(1.0, static_cast<double>(view.n) / static_cast<double>(view.choices()));
}

/// Tells `probability(creation)` of all that was chosen.
void tell(const slate_view& view, const ranking& chosen, auto probability) {
  for (const scored& s : chosen)
    view.told->push_back({s.creation, {static_cast<float>(probability(s.creation)), propensity_source::exact}});
}

/// Of n + 1 ranked creations leaves n, unless there are fewer. Is the last one worth more by a `margin` than the one
/// that had to go?
bool leave(ranking& ranked, std::size_t n, float margin) {
  if (ranked.size() <= n)
    return true;
  const bool clear = ranked[n - 1].score - ranked[n].score > margin;
  ranked.resize(n);
  return clear;
}

/// As `at_random`, of what is eligible: panels by how many of their rows are, and then one of these.
ranking at_random_of_eligible(const slate_view& view, splitmix64 g) {
  struct eligible_panel {
    const panel* of;
    row_bits rows;
    std::size_t until; // so many are eligible up to its end
  };
  std::vector<eligible_panel> panels;
  std::size_t all = 0;
  for (const auto& s : view.snapshots)
    for (const auto& p : s->panels())
      if (const row_bits rows = view.eligible->rows_of(*p); !rows.none())
        panels.push_back({p.get(), rows, all += rows.count()});
  const std::size_t n = std::min(view.n, all);
  ranking chosen;
  while (chosen.size() < n) {
    const auto drawn = static_cast<std::size_t>(uniform01(g) * static_cast<double>(all));
    const auto& p = *std::ranges::upper_bound(panels, drawn, {}, &eligible_panel::until);
    std::size_t behind = p.until - drawn; // it and the eligible ones behind it in the panel
    std::uint32_t row = panel_rows;
    while (behind > 0)
      behind -= p.rows.has(--row);
    if (const creation_id id = p.of->info[row].id; !holds(chosen, id))
      chosen.push_back({id, 1.0f - static_cast<float>(chosen.size()) / static_cast<float>(n)});
  }
  return chosen;
}

ranking at_random(const slate_view& view, splitmix64 g) {
  if (view.eligible)
    return at_random_of_eligible(view, g);
  std::size_t rows = 0;
  for (const auto& s : view.snapshots)
    rows += s->rows();
  const std::size_t n = std::min(view.n, view.choices());
  ranking chosen;
  while (chosen.size() < n) {
    auto row = static_cast<std::size_t>(uniform01(g) * static_cast<double>(rows));
    auto s = view.snapshots.begin();
    for (; row >= (*s)->rows(); ++s)
      row -= (*s)->rows();
    const creation_id id = (*s)->info(static_cast<std::uint32_t>(row)).id;
    if (id != no_creation && !holds(chosen, id))
      chosen.push_back({id, 1.0f - static_cast<float>(chosen.size()) / static_cast<float>(n)});
  }
  return chosen;
}

/// `draw(factor, part)` makes a factor's part of q of standard normal numbers.
coordinates preference(const slate_view& view, splitmix64& g, auto draw) {
  const auto& factors = view.space.factors();
  coordinates q(view.space.dim(), boost::container::default_init);
  for (std::size_t f = 0; f < factors.size(); ++f) {
    const auto part = span_of(q).subspan(factors[f].offset, factors[f].width);
    standard_normal(g, part);
    draw(f, part);
  }
  return q;
}

/// The greedy slate, and whether it was the only possible one: nothing but its values decided.
struct greedy_slate {
  ranking creations;
  bool clear = false;
};

greedy_slate by_mean(const slate_view& view, splitmix64 g) {
  const coordinates q = preference(view, g, [&](std::size_t factor, std::span<float> part) {
    coordinates m(part.size(), boost::container::default_init);
    view.believed.mean(factor, span_of(m));
    std::ranges::transform(part, m, part.begin(), [](float z, float mean) { return mean + tie_break * z; });
  });
  greedy_slate slate{best_slate_by_chance(view.options, view.snapshots, span_of(q), view.asked(), g, view.eligible)};
  slate.clear = view.told && leave(slate.creations, view.n, surely);
  if (view.fills)
    return slate;
  drop_worthless(slate.creations, view, [&](subspace_id s) { return view.least(s) - 10 * tie_break; });
  for (scored& s : slate.creations)
    s.score = std::max(s.score, view.least(subspace_of(s.creation)));
  return slate;
}

coordinates sample(const slate_view& view, splitmix64& g) {
  return preference(view, g, [&](std::size_t factor, std::span<float> part) {
    view.believed.sample(factor, part, static_cast<float>(view.explores.noise), part);
  });
}

ranking best_by_sample(const slate_view& view, splitmix64& g) {
  const coordinates q = sample(view, g);
  ranking ranked = best_slate_by_chance(view.options, view.snapshots, span_of(q), view.n, g, view.eligible);
  drop_worthless(ranked, view, [&](subspace_id s) { return view.least(s); });
  return ranked;
}

/// Geometric resampling (Neu, Bartók, "Importance weighting without importance weights", JMLR 17, 2016): slates are
/// drawn anew, by numbers of their own, until each chosen creation was in one. With M draws at most, E[draws] =
/// (1 − (1 − p)^M) / p: a weight is too small by a share (1 − p)^M, and right otherwise.
void tell_by_redrawing(const slate_view& view, const ranking& chosen, auto draw_slate) {
  splitmix64 g = generator(view.options.seed, stream::propensity, raw(view.user), view.round);
  const std::uint32_t most = view.options.propensity_draws;
  for (const scored& s : chosen)
    view.told->push_back({s.creation, {1.0f / static_cast<float>(most), propensity_source::resampled}});
  std::size_t known = 0; // the first ones of `told`
  for (std::uint32_t draw = 1; draw < most && known < chosen.size(); ++draw) {
    const ranking again = draw_slate(view, g);
    const auto met = std::partition(view.told->begin() + static_cast<std::ptrdiff_t>(known), view.told->end(),
                                    [&](const chance& c) { return holds(again, c.creation); });
    for (const auto now = static_cast<std::size_t>(met - view.told->begin()); known < now; ++known)
      (*view.told)[known].of.value = 1.0f / static_cast<float>(draw);
  }
}

/// Draws a slate, and tells how likely it was by drawing more of them.
template <ranking (*Draw)(const slate_view&, splitmix64&)>
struct drawn final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    ranking chosen = Draw(view, g);
    if (view.told && view.options.propensity_draws > 0)
      tell_by_redrawing(view, chosen, Draw);
    return chosen;
  }
};
using thompson = drawn<best_by_sample>;

struct greedy final : slate_policy {
  ranking choose(const slate_view& view) const override {
    greedy_slate slate = by_mean(view, view.randomness());
    if (slate.clear)
      tell(view, slate.creations, [](creation_id) { return 1; });
    return std::move(slate.creations);
  }
};

struct uniform final : slate_policy {
  ranking choose(const slate_view& view) const override {
    ranking chosen = at_random(view, view.randomness());
    if (view.told)
      tell(view, chosen, [p = share_of(view)](creation_id) { return p; });
    return chosen;
  }
  bool by_chance(const slate_view&) const override { return true; }
};

struct epsilon_greedy final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    const double epsilon = view.explores.epsilon;
    const bool explores = this->explores(view, g);
    if (explores && !view.told)
      return at_random(view, g);
    greedy_slate best = by_mean(view, g);
    ranking chosen = explores ? at_random(view, g) : best.creations;
    if (best.clear)
      tell(view, chosen, [&, p = epsilon * share_of(view)](creation_id id) {
        return p + (holds(best.creations, id) ? 1 - epsilon : 0);
      });
    return chosen;
  }
  bool by_chance(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    return explores(view, g);
  }

private:
  [[nodiscard]] static bool explores(const slate_view& view, splitmix64& g) { return uniform01(g) < view.explores.epsilon; }
};

/// The best n over all subspaces, where `best_of(catalogue, belief of its factor, how, out)` finds a subspace's by optimism.
ranking by_optimism(const slate_view& view, std::size_t n, auto best_of) {
  const layout& space = view.space;
  ranking ranked;
  for (const auto& s : view.snapshots) {
    const optimism how{static_cast<float>(view.explores.optimism * view.explores.noise),
                       space.within_factor(s->subspace()).offset};
    const std::size_t before = ranked.size();
    ranked.resize(before + n);
    ranked.resize(before + best_of(*s, factor_belief{view.believed, space.factor_of(s->subspace())}, how,
                                   span_of(ranked).last(n)));
  }
  merge(ranked, view.options, view.snapshots.size(), n);
  return ranked;
}

struct c2ucb final : slate_policy {
  ranking choose(const slate_view& view) const override {
    splitmix64 g = view.randomness();
    ranking ranked = by_optimism(view, view.asked(), [&](const auto& c, factor_belief believed, optimism how, std::span<scored> out) {
      return optimistic_top_n(c, believed, how, g, out, view.eligible);
    });
    if (view.told && leave(ranked, view.n, optimistic_tie_break))
      tell(view, ranked, [](creation_id) { return 1; });
    drop_worthless(ranked, view, [&](subspace_id s) { return view.least_bound(s); });
    return ranked;
  }
};

/// The best by optimism of what a sampled q shortlists.
ranking best_of_sampled_shortlist(const slate_view& view, splitmix64& g) {
  const coordinates q = sample(view, g);
  ranking ranked = by_optimism(view, view.n, [&](const auto& c, factor_belief believed, optimism how, std::span<scored> out) {
    return optimistic_of_shortlist(c, believed, how, part_of(span_of(q), c), g, out, view.eligible);
  });
  drop_worthless(ranked, view, [&](subspace_id s) { return view.least_bound(s); });
  return ranked;
}

/// Of somebody new every creation is valued: a sample of what nobody knows yet shortlists at random.
struct sampled_ucb final : slate_policy {
  ranking choose(const slate_view& view) const override {
    return view.believed.newcomer(view.round) ? c2ucb{}.choose(view) : drawn<best_of_sampled_shortlist>{}.choose(view);
  }
};

struct ftrl final : slate_policy {
  ranking choose(const slate_view& view) const override {
    auto& memory = static_cast<ftrl_memory&>(*view.memory);
    ranking chosen = memory.choose(view.round, view.slots, view.n, view.randomness(), view.snapshots, view.eligible);
    if (view.told)
      *view.told = memory.last(view.round);
    return chosen;
  }
  std::unique_ptr<policy_memory> memory() const override { return std::make_unique<ftrl_memory>(); }
  std::unique_ptr<policy_memory> memory(const policy_state& saved) const override {
    return saved.ftrl.size() == 1 ? ftrl_memory::restored(saved.ftrl.front()) : nullptr;
  }
};

/// Does what a host chose keep the rules?
errc judge(const ranking& chosen, const slate_view& view) noexcept {
  if (chosen.empty() && view.choices() > 0)
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
    if (!may_show(view.eligible, **home, c->creation))
      return errc::not_eligible;
    if (!std::isfinite(c->score))
      return errc::not_finite;
    if (std::any_of(chosen.begin(), c, [&](const scored& other) { return other.creation == c->creation; }))
      return errc::duplicate_in_slate;
  }
  if (view.told && !std::ranges::all_of(*view.told, [](const chance& c) { return c.of.sound(); }))
    return errc::bad_propensity;
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

coordinates sampled_preference(const slate_view& view, splitmix64 g) { return sample(view, g); }

coordinates mean_preference(const slate_view& view) {
  coordinates m(view.space.dim(), 0.0f);
  const auto& factors = view.space.factors();
  for (std::size_t f = 0; f < factors.size(); ++f)
    view.believed.mean(f, span_of(m).subspan(factors[f].offset, factors[f].width));
  return m;
}

ranking chosen_before::choose(const slate_view& view) const {
  if (!made_)
    throw errc::policy_failed;
  if (view.told)
    *view.told = made_->told;
  return made_->chosen;
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
  if (view.told)
    view.told->clear();
  splitmix64 g = view.randomness();
  return best_by_sample(view, g); // how often a host fails nobody knows: nothing is told
}

} // namespace ammo
