#include "tests/sim/scenario.hpp"

#include "actors/base/random.hpp"

#include <algorithm>
#include <array>

namespace ammo::sim {
namespace {

constexpr std::array<const char*, static_cast<std::size_t>(fault::kind::end_)> names{
  "crash", "freeze", "leave", "cut", "storm", "store_cut", "store_down", "store_slow"};

} // namespace

scenario scenario_of(std::uint64_t seed) {
  splitmix64 g(seed * 0x9E3779B97F4A7C15 + 1);
  const auto below = [&](std::uint64_t n) { return static_cast<std::int64_t>(g() % n); };
  scenario s{seed, {}, {}, {}, milliseconds{14'000}, milliseconds{34'000}};
  const auto nodes = static_cast<std::size_t>(3 + below(3));
  for (std::size_t i = 0; i < nodes; ++i) {
    s.clocks.push_back({milliseconds{below(100'000)}, (uniform01(g) - 0.5) * 0.08});
    s.starts.push_back(milliseconds{below(3) == 0 ? below(8'000) : below(50)});
  }
  const auto faults = below(12);
  for (std::int64_t i = 0; i < faults; ++i) {
    fault f;
    f.what = static_cast<fault::kind>(below(static_cast<std::uint64_t>(fault::kind::end_)));
    f.at = milliseconds{500 + below(11'500)};
    f.length = milliseconds{below(2) == 0 ? 50 + below(1'000) : 500 + below(6'000)};
    f.node = static_cast<std::uint32_t>(below(nodes));
    f.other = static_cast<std::uint32_t>((f.node + 1 + static_cast<std::uint64_t>(below(nodes - 1))) % nodes);
    s.faults.push_back(f);
  }
  std::ranges::sort(s.faults, {}, &fault::at);
  return s;
}

std::string text_of(const scenario& s) {
  std::string text = std::to_string(s.starts.size()) + " nodes";
  for (const fault& f : s.faults) {
    text += "\n  " + std::string(names[static_cast<std::size_t>(f.what)]);
    if (f.what != fault::kind::storm && f.what != fault::kind::store_down && f.what != fault::kind::store_slow)
      text += " node " + std::to_string(f.node);
    if (f.what == fault::kind::cut)
      text += " and node " + std::to_string(f.other);
    text += " from " + std::to_string(f.at.count()) + " to " + std::to_string((f.at + f.length).count()) + " ms";
  }
  return text;
}

} // namespace ammo::sim
