#include "actors/evolution/genes.hpp"

#include "actors/base/named.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace ammo {
namespace {

constexpr std::size_t genes = static_cast<std::size_t>(gene::end_);
constexpr std::array<std::string_view, genes> names{"noise",    "optimism",  "epsilon", "step",
                                                    "patience", "curiosity", "reach",   "length"};
constexpr std::array<gene_range, genes> ranges{
  gene_range{0.03, 3, true}, gene_range{0.1, 30, true}, gene_range{0.005, 0.5, true},
  gene_range{0.01, 1, true}, gene_range{1, 10, true},   gene_range{0.005, 1, true},
  gene_range{0.02, 1, true}, gene_range{0.02, 1, true},
};

bool is_of(const strain& s, buddy_kind kind, subspace_id subspace) noexcept {
  return s.kind == kind && (kind == buddy_kind::user || s.subspace == subspace);
}

} // namespace

std::string_view name_of(gene g) noexcept { return name_in(names, g); }

const gene_range& range_of(gene g) noexcept { return ranges[static_cast<std::size_t>(g)]; }

errc check(const strain& s) noexcept {
  for (const auto& [which, value] : s.genes) {
    if (!std::isfinite(value))
      return errc::not_finite;
    if (const auto& r = range_of(which); value < r.low || value > r.high)
      return errc::gene_out_of_range;
  }
  return errc::ok;
}

errc check(const strain_news& m) {
  if (m.strains.empty())
    return errc::empty_population;
  std::vector<std::pair<buddy_kind, std::uint64_t>> ids;
  for (const auto& s : m.strains) {
    if (const errc bad = check(s); bad != errc::ok)
      return bad;
    ids.emplace_back(s.kind, s.lineage);
  }
  std::ranges::sort(ids);
  return std::ranges::adjacent_find(ids) == ids.end() ? errc::ok : errc::duplicate_lineage;
}

std::size_t dealt_to(std::uint64_t agent, std::uint64_t generation, std::size_t strains) noexcept {
  return static_cast<std::size_t>(splitmix64(splitmix64(generation)() ^ agent)() % strains);
}

std::size_t strains_of(const strain_news& m, buddy_kind kind, subspace_id subspace) noexcept {
  return static_cast<std::size_t>(std::ranges::count_if(m.strains, [&](const strain& s) { return is_of(s, kind, subspace); }));
}

const strain* dealt(const strain_news& m, buddy_kind kind, subspace_id subspace, std::uint64_t agent) noexcept {
  const std::size_t n = strains_of(m, kind, subspace);
  if (n == 0)
    return nullptr;
  std::size_t left = dealt_to(agent, m.generation, n);
  const auto its = std::ranges::find_if(m.strains, [&](const strain& s) { return is_of(s, kind, subspace) && left-- == 0; });
  return &*its;
}

} // namespace ammo
