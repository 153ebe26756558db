/// Keeps a deployment's decisions: reads them out of the state's own log, some time after they have become durable, and drops the oldest days
/// when they are too many or too old. No actor and no answer waits for it.
#pragma once

#include "runtime/state/decisions/decision_gatherer.hpp"
#include "runtime/store/store.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace ammo {

struct decision_limits {
  std::uint64_t bytes = 0; ///< of all days; at least one day stays
  std::uint32_t days = 0;
};

class decision_log {
public:
  /// Of the state in that place. Null where it has none and is to keep none. `keeps`: false: people who leave are forgotten all the same.
  /// Errors: those of the store.
  [[nodiscard]] static result<std::unique_ptr<decision_log>> open(const std::string& place, bool keeps, decision_limits limits, unit_numbers units);

  struct drained {
    std::uint64_t slates = 0, rewards = 0;
    std::uint64_t lost = 0;                      ///< places of the log that went before they were read, or couldn't be
    std::uint64_t dropped_days = 0, dropped = 0; ///< by quota or age; rows of those
  };
  /// Takes what each node's log in `from` says since. `now_day`: today, for ages. Errors: those of the store; what was taken by then stays.
  [[nodiscard]] result<drained> drain(store::state_store& from, std::uint32_t now_day);

private:
  decision_log(std::unique_ptr<store::decision_store> rows, bool keeps, decision_limits limits, unit_numbers units)
    : rows_(std::move(rows)), limits_(limits), units_(units), gatherer_(keeps) {}
  [[nodiscard]] result<std::vector<store::unit_history>> histories_of(store::state_store& from) const;
  [[nodiscard]] result<void> drain_node(store::state_store& from, const store::node& n, const std::vector<store::unit_history>& histories,
                                        drained& out);
  [[nodiscard]] result<void> write(store::incarnation of, std::uint64_t upto, drained& out);
  [[nodiscard]] result<void> drop_oldest(std::uint32_t now_day, drained& out);

  std::unique_ptr<store::decision_store> rows_;
  decision_limits limits_;
  unit_numbers units_;
  decision_gatherer gatherer_;
  std::unordered_map<std::uint64_t, std::uint64_t> upto_; ///< by a node's lower half: what of its log was read
  bool looks_ = true;                                     ///< the logs may begin behind what was read
  std::uint64_t unseen_bytes_ = 0;                        ///< written since the days were looked at
  std::uint32_t looked_on_ = 0;                           ///< day on which the days were looked at
};

/// Where the decisions of a state are kept: beside it in its folder, or in tables of its schema.
/// Errors: those of the store; `no_such_file`: there are none, and `make` is false.
[[nodiscard]] result<std::unique_ptr<store::decision_store>> open_decisions(const std::string& place, bool make);

} // namespace ammo
