/// What simulated nodes say to one another.
#pragma once

#include "runtime/cluster/key_book.hpp"
#include "runtime/cluster/running_totals.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstdint>
#include <variant>
#include <vector>

namespace ammo::sim {

struct call_message {
  std::uint64_t key = 0;
  store::unit_id unit{};
  std::uint64_t content = 0; ///< names the call
  std::uint32_t goal = 0;
  std::int64_t amount = 0;
  std::uint32_t attempt = 0;
  store::incarnation from;
};
struct answer_message {
  std::uint64_t key = 0;
  std::int64_t answer = 0;
};
/// The unit isn't here, or takes nothing now: `next` says where it may be.
struct away_message {
  std::uint64_t key = 0;
  std::uint32_t attempt = 0;
  store::claim next;
};
/// A unit was released for the receiver to take, with the calls that wait for it.
struct offer_message {
  store::claim released;
  store::incarnation from;
  bool leaves = false;
  std::vector<call_message> held;
};
struct totals_message {
  cluster::unit_totals totals;
  store::incarnation from;
};
struct booked_message {
  store::unit_id unit{};
  store::position at;
};
/// No link leads to that node any more.
struct lost_message {
  store::incarnation node;
};

using message = std::variant<call_message, answer_message, away_message, offer_message, totals_message, booked_message, lost_message>;

} // namespace ammo::sim
