/// A node's calls to units, wherever these live: each follows its unit and ends by its deadline. Pure.
///
/// A call goes to the node that is known to own its unit. It waits while nobody does, goes on to where the unit has moved, and is repeated with
/// back-off under its key while no answer comes. At its deadline it ends: `timed_out` says that nothing has happened and nothing will;
/// whatever changes something and was sent once ends as `outcome_unknown`, though every copy that was heard of came to nothing.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo::cluster {

struct router_times {
  std::chrono::milliseconds repeat{250};  ///< without an answer; doubles with each attempt
  std::chrono::milliseconds refused{10};  ///< after a node said that the unit isn't there; doubles likewise
  std::chrono::milliseconds longest{1000}; ///< between two attempts
  std::chrono::milliseconds seek{100};    ///< while nobody is known to own the unit: between two looks at the store's rows
  std::size_t most = 65'536;              ///< calls under way
};

class router {
public:
  using instant = std::chrono::milliseconds; ///< of this node's clock
  explicit router(router_times times = {}) : times_(times) {}

  struct call {
    std::uint64_t key = 0; ///< never 0; no other call under way has it
    store::unit_id unit{};
    instant deadline{};
    bool changes = true; ///< false: nothing that it does counts twice
  };
  struct sending {
    std::uint64_t key = 0;
    store::unit_id unit{};
    store::incarnation to;
    instant deadline{};
    std::uint32_t attempt = 0; ///< from 1
  };
  struct ending {
    std::uint64_t key = 0;
    errc code = errc::timed_out;
  };
  struct step {
    std::vector<sending> send;
    std::vector<ending> end;
    bool seek = false; ///< a call waits for an owner: look at the store's rows now
  };

  /// Errors: `overloaded` (so many calls are under way), `key_reused` (one is under way under this key).
  [[nodiscard]] result<void> open(const call& c, instant now);
  /// The unit's answer. False: the call has ended before.
  bool on_answer(std::uint64_t key) { return forget(key); }
  /// A node doesn't have the unit now. `next`: where it says that the unit went, with the term that it knows; nobody: it can't say.
  void on_away(std::uint64_t key, std::uint32_t attempt, const store::claim& next, instant now);
  /// As the store's rows say, or a node of itself. An older term says nothing.
  void on_claim(const store::claim& c, instant now);
  /// No link leads to that node any more: what was sent to it is sent again, wherever the unit is; what it owned is looked for.
  void on_lost(store::incarnation node, instant now);
  /// What is to be sent and what has ended by now.
  [[nodiscard]] step due(instant now);
  /// When `due` has something to say; none: no call is under way.
  [[nodiscard]] std::optional<instant> next() const;
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

private:
  struct under_way {
    call is;
    std::uint32_t attempt = 0;
    store::incarnation asked;
    instant at{};                       ///< of the next attempt, or of the deadline
    store::term_number followed = 0;    ///< the term of the last hint that was followed at once
  };
  bool forget(std::uint64_t key);
  void plan(under_way& c, instant at);
  [[nodiscard]] instant pause(const under_way& c, std::chrono::milliseconds first) const noexcept;
  [[nodiscard]] store::incarnation owner_of(store::unit_id unit) const;

  router_times times_;
  std::unordered_map<std::uint64_t, under_way> calls_;
  std::set<std::pair<instant, std::uint64_t>> agenda_;
  std::map<store::unit_id, store::claim> owners_;
  std::map<store::unit_id, std::set<std::uint64_t>> of_unit_; ///< calls under way
};

} // namespace ammo::cluster
