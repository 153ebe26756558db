#include "runtime/cluster/placement.hpp"

#include "actors/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace ammo::cluster {

double draw(std::string_view node, store::unit_id unit, double weight) noexcept {
  std::uint64_t h = 0xCBF29CE484222325; // FNV-1a: the same in every process
  for (const char c : node)
    h = (h ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  splitmix64 g(splitmix64(h)() ^ static_cast<std::uint64_t>(unit));
  const double chance = (static_cast<double>(g() >> 12) + 0.5) * 0x1.0p-52; // in (0, 1), never at an end
  return -weight / std::log(chance);
}

std::vector<std::size_t> ranking(const unit_needs& unit, std::span<const candidate> among) {
  std::vector<double> of(among.size());
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < among.size(); ++i) {
    const capabilities& can = among[i].can;
    if (!std::ranges::all_of(unit.needs, [&](const auto& need) { return can.plays.contains(need); }))
      continue;
    const auto preferred = can.prefers.find(unit.label);
    of[i] = draw(among[i].name, unit.unit, preferred == can.prefers.end() ? 1 : preferred->second);
    able.push_back(i);
  }
  std::ranges::sort(able, [&](std::size_t a, std::size_t b) { return of[a] != of[b] ? of[a] > of[b] : among[a].id < among[b].id; });
  return able;
}

} // namespace ammo::cluster
