#include "tests/sim/run.hpp"

#include <utility>

namespace ammo::sim {

outcome play(const scenario& s, broken_rule broken) { return world(s, broken).run(); }

scenario shrunk(scenario s, broken_rule broken) {
  const auto fails = [&](const scenario& smaller) { return play(smaller, broken).failed.has_value(); };
  const auto keep_if_it_fails = [&](scenario smaller) {
    const bool does = fails(smaller);
    if (does)
      s = std::move(smaller);
    return does;
  };
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (std::size_t i = s.faults.size(); i-- > 0;) {
      auto less = s;
      less.faults.erase(less.faults.begin() + static_cast<std::ptrdiff_t>(i));
      smaller = keep_if_it_fails(std::move(less)) || smaller;
    }
    for (std::size_t i = 0; i < s.faults.size(); ++i) {
      auto less = s;
      less.faults[i].length /= 2;
      smaller = (less.faults[i].length >= milliseconds{50} && keep_if_it_fails(std::move(less))) || smaller;
    }
  }
  auto plain = s; // clocks that agree, and nodes that start together
  for (auto& c : plain.clocks)
    c = {};
  keep_if_it_fails(plain);
  plain = s;
  for (auto& at : plain.starts)
    at = {};
  keep_if_it_fails(plain);
  return s;
}

std::string report_on(std::uint64_t seed, broken_rule broken) {
  const auto small = shrunk(scenario_of(seed), broken);
  const auto failed = play(small, broken).failed;
  if (!failed)
    return "seed " + std::to_string(seed) + " doesn't fail";
  return std::string(name_of(failed->what)) + ": " + failed->detail + "\n" + text_of(small) + "\nAMMO_SEED=" + std::to_string(seed) +
         " test_sim \"[replay]\" plays it again";
}

} // namespace ammo::sim
