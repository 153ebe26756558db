/// What happens to a simulated cluster, and when: drawn from a seed, or what is left of it after shrinking.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ammo::sim {

using std::chrono::microseconds;
using std::chrono::milliseconds;

struct fault {
  enum class kind : std::uint8_t {
    crash,       ///< a node's process ends; it starts again after `length`
    freeze,      ///< a node does nothing for `length`; its clock goes on
    leave,       ///< a node hands everything over and ends; it starts again after `length`
    cut,         ///< no message passes between two nodes
    storm,       ///< messages between nodes are lost, doubled, delayed and overtake each other
    store_cut,   ///< a node can't reach the store
    store_down,  ///< nobody can
    store_slow,  ///< the store is slow, loses answers, and commits late
    end_
  };
  kind what = kind::crash;
  milliseconds at{}, length{};
  std::uint32_t node = 0, other = 0;
  friend bool operator==(const fault&, const fault&) = default;
};

struct machine_clock {
  milliseconds skew{};
  double drift = 0; ///< of its speed; within ± 4 %: the lease's margin of a tenth holds for two such clocks
};

struct scenario {
  std::uint64_t seed = 1; ///< of delays and losses
  std::vector<machine_clock> clocks; ///< one a node
  std::vector<milliseconds> starts;  ///< when each node starts first
  std::vector<fault> faults;
  milliseconds quiet{}; ///< from then on nothing happens any more: all is healed and runs
  milliseconds end{};
};

/// Of a seed: three to five nodes, up to a dozen faults in twelve seconds, then peace.
[[nodiscard]] scenario scenario_of(std::uint64_t seed);
/// "freeze node 2 from 1200 to 4700 ms", one a line.
[[nodiscard]] std::string text_of(const scenario& s);

} // namespace ammo::sim
