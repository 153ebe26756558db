/// Ten thousand connections that do little: streams that wait for pushes, clients that are slow or silent. They are in a process of their own, as one
/// has descriptors for one side only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace ammo::bench {

struct crowd_order {
  std::string what{}; ///< "idle", "slow"; empty: this is no such process
  std::uint16_t port = 0;
  std::size_t count = 0;
};

/// What the child process does: opens the connections, says "ready", and tells what becomes of them, a line each.
int be_a_crowd(const crowd_order& order);

/// Memory of so many subscribed streams, and the time from a new creation to the pushes that follow.
int measure_idle(std::size_t streams);

/// Times of other clients beside so many slow or silent connections, and whether these are closed at their deadlines.
int measure_slow(std::size_t connections);

} // namespace ammo::bench
