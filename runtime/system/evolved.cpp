#include "runtime/system/evolved.hpp"

#include "actors/evolution/genes.hpp"

#include <algorithm>
#include <functional>

namespace ammo {
namespace {

evolved_strain strain_of(const ancestry& a) { return {a.lineage, a.predecessor, a.parent, a.born, a.genes}; }

/// Those that play now, from their places in the lineage.
std::vector<evolved_strain> playing(const evolved_kind& k) {
  std::vector<evolved_strain> out;
  for (const auto& s : k.strains)
    if (const auto a = std::ranges::find(k.lineage, s.lineage, &ancestry::lineage); a != k.lineage.end()) {
      out.push_back(strain_of(*a));
      if (s.judged)
        out.back().score = s.score;
    }
  std::ranges::stable_sort(out, std::greater{}, &evolved_strain::score); // none is less than any
  return out;
}

} // namespace

std::vector<evolved_buddies> what_evolved(const options& deployment, const evolution_report& told) {
  std::vector<evolved_buddies> out;
  for (const auto& k : told.kinds) {
    auto& e = out.emplace_back();
    if (k.kind == buddy_kind::goal)
      e.subspace = deployment.subspaces[raw(k.subspace)].name;
    e.name = k.kind == buddy_kind::user ? "User Buddies" : "Goal Buddies of " + e.subspace;
    for (auto g : k.genes)
      e.hyper_parameters.emplace_back(name_of(g));
    e.best = k.best;
    e.best_values = k.best_genes;
    for (const auto& g : k.generations)
      e.generations.push_back({g.generation, g.welfare, g.satisfaction, g.accuracy, g.diversity, g.replaced, g.newcomers});
    for (const auto& l : k.lineage)
      e.lineage.push_back(strain_of(l));
    e.strains = playing(k);
    e.diversity = k.diversity;
  }
  return out;
}

} // namespace ammo
