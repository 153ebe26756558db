#include "actors/user_buddy/slate/one_of_each.hpp"

#include <algorithm>
#include <iterator>

namespace ammo {

namespace {

using ids = std::vector<creation_id>;

/// All that may be shown but these.
eligible_ptr all_but(const slate_view& view, ids out) {
  if (view.eligible)
    out.insert(out.end(), view.eligible->over().begin(), view.eligible->over().end());
  std::ranges::sort(out);
  return eligibility::without(eligible_ptr(eligible_ptr(), view.eligible), std::move(out));
}

/// The bunch's creations that may be shown, by row.
ids shown_of(const slate_view& view, const catalogue_version& c, std::span<const bunch_row> bunch) {
  ids out;
  for (const bunch_row& r : bunch)
    if (const creation_id id = c.info(r.row).id; may_show(view.eligible, c, id))
      out.push_back(id);
  return out;
}

/// All but one of each bunch of the catalogue: its longest, or where that one may not be shown the lowest row that may.
void leave_one_of_each(const slate_view& view, const catalogue_version& c, ids& out) {
  const auto followers = c.bunches()->followers();
  if (!view.eligible) {
    out.insert(out.end(), followers.begin(), followers.end());
    return;
  }
  for (const bunch_row& r : c.bunches()->rows()) {
    if (r.row != r.first)
      continue;
    ids bunch = shown_of(view, c, c.bunches()->of(r.row));
    if (bunch.empty())
      continue;
    const auto longest = std::ranges::find_if(bunch, [&](creation_id id) { return !std::ranges::binary_search(followers, id); });
    bunch.erase(longest == bunch.end() ? bunch.begin() : longest);
    out.insert(out.end(), bunch.begin(), bunch.end());
  }
}

/// As many of them at random as one list of an ask may have.
void shorten(ids& all, splitmix64 g) {
  for (std::size_t i = 0; all.size() > most_listed && i < most_listed; ++i)
    std::swap(all[i], all[i + static_cast<std::size_t>(uniform01(g) * static_cast<double>(all.size() - i))]);
  all.resize(std::min(all.size(), most_listed));
}

/// Which of a bunch is shown.
creation_id one_of(const slate_policy& policy, slate_view view, const catalogue_version& c, creation_id chosen) {
  const auto bunch = c.bunches() ? c.bunches()->of(row_of(chosen)) : std::span<const bunch_row>();
  if (bunch.empty())
    return chosen;
  ids all = shown_of(view, c, bunch);
  if (all.size() < 2)
    return chosen;
  shorten(all, view.randomness());
  const auto only = eligibility::of({.creations = std::move(all)}, {});
  if (!only)
    return chosen;
  view.eligible = only->get();
  view.n = 1;
  view.fills = true; // it has a slot already
  const ranking best = policy.choose(view);
  return best.empty() ? chosen : best.front().creation;
}

} // namespace

ranking choose_one_of_each(const slate_policy& policy, const slate_view& view) {
  const auto bunched = [](const auto& s) { return s->bunches() != nullptr; };
  if (!goes_by_belief(view.options.policy) || std::ranges::none_of(view.snapshots, bunched))
    return policy.choose(view);
  ids rest;
  for (const auto& s : view.snapshots)
    if (s->bunches())
      leave_one_of_each(view, *s, rest);
  if (rest.empty())
    return policy.choose(view);
  slate_view one = view;
  one.told = nullptr;
  const eligible_ptr distinct = all_but(view, std::move(rest));
  one.eligible = distinct.get();
  ranking chosen = policy.choose(one);
  const bool all = chosen.size() == one.choices();
  one.eligible = view.eligible;
  for (scored& s : chosen) {
    const auto home = std::ranges::find(view.snapshots, subspace_of(s.creation), [](const auto& c) { return c->subspace(); });
    ++one.look;
    s.creation = one_of(policy, one, **home, s.creation);
  }
  if (!all || chosen.empty() || chosen.size() >= view.n)
    return chosen;
  ids shown;
  std::ranges::transform(chosen, std::back_inserter(shown), &scored::creation);
  const eligible_ptr others = all_but(view, std::move(shown));
  ++one.look;
  one.eligible = others.get();
  one.n = view.n - chosen.size();
  const float last = chosen.back().score;
  for (scored s : policy.choose(one)) {
    s.score = std::min(s.score, last);
    chosen.push_back(s);
  }
  return chosen;
}

} // namespace ammo
