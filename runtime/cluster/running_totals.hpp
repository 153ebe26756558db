/// Money between units: a unit says what it has spent on each Goal Buddy since ever, and the unit that keeps the ledger books the difference to
/// what that unit said last. So a message may be lost, come twice or late, and its sender may move: nothing is lost or counted twice. Pure.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/result.hpp"
#include "runtime/store/records.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace ammo::cluster {

/// In micro-units, whole.
using amounts = std::map<goal_id, std::int64_t>;

/// What a unit has spent up to a position of its own history. Sums of several units are never sent.
struct unit_totals {
  store::unit_id unit{};
  store::position at;
  amounts spent;
  friend bool operator==(const unit_totals&, const unit_totals&) = default;
};

/// At the unit that spends. Amounts are part of the unit's state, each in the frame of what it was spent for.
class running_totals {
public:
  /// `spent`: what the unit's history says, all of it durable.
  running_totals(store::unit_id unit, store::term_number term, amounts spent, std::uint64_t head)
    : durable_{unit, {term, head}, std::move(spent)} {}

  /// Spent in the frame at that place; places ascend. `amount` ≥ 0.
  void on_spent(goal_id goal, std::int64_t amount, std::uint64_t place) { noted_.push_back({place, goal, amount}); }
  void on_durable(std::uint64_t place);
  /// The ledger has booked, durably, what it was told at that position.
  void on_booked(store::position at) { booked_ = std::max(booked_, at); }
  /// Is there something that the ledger hasn't confirmed? Then `totals` is sent, again and again, to where the ledger lives.
  [[nodiscard]] bool unbooked() const noexcept { return !durable_.spent.empty() && booked_ < durable_.at; }
  /// Of durable frames alone.
  [[nodiscard]] const unit_totals& totals() const noexcept { return durable_; }
  /// All that was noted: the unit's state.
  [[nodiscard]] amounts spent() const;

private:
  struct note {
    std::uint64_t place = 0;
    goal_id goal{};
    std::int64_t amount = 0;
  };
  unit_totals durable_;
  store::position booked_;
  std::deque<note> noted_;
};

/// At the unit that keeps the ledger: the last totals of each unit, part of its state.
class totals_book {
public:
  /// What is to be booked for these totals, by Goal Buddy, and is booked from here on: note it in one frame with the totals. Empty: they
  /// say nothing new. Errors: `bad_value`: a total went down: nothing is booked.
  [[nodiscard]] result<amounts> on_totals(const unit_totals& t);
  /// Of a unit; the first position there is: nothing was booked.
  [[nodiscard]] store::position booked(store::unit_id unit) const;
  [[nodiscard]] const std::map<store::unit_id, unit_totals>& last() const noexcept { return last_; }

private:
  std::map<store::unit_id, unit_totals> last_;
};

} // namespace ammo::cluster
