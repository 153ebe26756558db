#include "actors/user_buddy/slate/fill_allowed.hpp"

#include "actors/slots/best_allowed.hpp"

#include <algorithm>

namespace ammo {
namespace {

std::vector<scored> part_in(const ranking& chosen, subspace_id s) {
  std::vector<scored> part;
  std::ranges::copy_if(chosen, std::back_inserter(part), [=](const scored& x) { return subspace_of(x.creation) == s; });
  return part;
}

coordinates belief_of(const slate_view& view) {
  const bool sampled = view.options.policy == user_policy::thompson || view.options.policy == user_policy::sampled_ucb;
  return sampled ? sampled_preference(view, view.randomness()) : mean_preference(view);
}

} // namespace

void fill_allowed(ranking& chosen, const slate_view& view) {
  const slate_caps& caps = view.options.caps;
  if (!caps.any() || !goes_by_belief(view.options.policy))
    return;
  coordinates q; // of all short subspaces
  for (const auto& s : view.snapshots) {
    const std::vector<scored> part = part_in(chosen, s->subspace());
    const std::uint32_t slots = caps.most_of(s->subspace(), static_cast<std::uint32_t>(view.slots));
    if (part.empty() || part.size() < view.n)
      continue; // nothing else of it is worth showing
    const std::vector<scored> kept = within_caps(caps, *s, part, slots);
    if (kept.size() == slots || part.size() == how_many(view.eligible, *s))
      continue;
    if (q.empty())
      q = belief_of(view);
    const auto of_it = [&](const scored& x) { return subspace_of(x.creation) == s->subspace(); };
    chosen.erase(std::remove_if(chosen.begin(), chosen.end(), of_it), chosen.end());
    chosen.insert(chosen.end(), kept.begin(), kept.end());
    for (scored x : allowed_share(caps, *s, part_of(span_of(q), *s), slots, view.fills, view.eligible, view.least(s->subspace())))
      if (std::ranges::find(kept, x.creation, &scored::creation) == kept.end()) {
        x.score = std::min(x.score, part.back().score);
        chosen.push_back(x);
      }
  }
  if (!q.empty())
    std::ranges::sort(chosen, better);
}

} // namespace ammo
