/// What attention costs the Goal Buddies of a subspace, and how their bids for it follow their budgets. Pure.
#pragma once

#include "actors/slots/slot_price.hpp"
#include "actors/protocol/messages.hpp"

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace ammo {

/// How slots are shared between Goal Buddies.
enum class slot_sale : std::uint8_t {
  value,  ///< by the user's value alone; nothing is paid
  priced, ///< an impression costs the slot's price; a candidate ranks by value − μ·price, μ being its Goal Buddy's (dual
          ///< mirror descent, `slot_price`), so that a budget lasts its horizon
  pace,   ///< first price: a candidate ranks by its bid β·value and pays for what it earned at that rate; β brings a Goal
          ///< Buddy's spending to its budget a period, as PACE does (`pace`, Gao, Peysakhovich and Kroer, NeurIPS 2021)
};
[[nodiscard]] std::string_view name_of(slot_sale s) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<slot_sale> slot_sale_named(std::string_view name);

struct slot_market_state;

struct market_config {
  slot_sale sale = slot_sale::value;
  std::int64_t slot_price_micros = 0; ///< of an impression (priced), of a unit of reward (pace); ≥ 0
  std::uint64_t horizon = 100;        ///< periods that a budget is to last; ≥ 1. Afterwards it goes on at the same rate
};

/// One Goal Buddy's share of a period.
struct goal_attention {
  goal_id goal{};
  std::uint64_t impressions = 0;
  double engagement = 0; ///< Σ reward
};

class slot_market {
public:
  explicit slot_market(const market_config& config) : config_(config) {}

  [[nodiscard]] bool sells() const noexcept { return config_.sale != slot_sale::value && config_.slot_price_micros > 0; }
  /// A Goal Buddy with that much to spend; the budget of one that is known is as it was.
  void join(goal_id goal, std::int64_t budget_micros);
  void forget(goal_id goal) { buyers_.erase(raw(goal)); }
  /// What the Goal Buddy owes for a period, ≥ 0; at most `balance`, for slots are granted before they are paid: those that
  /// a period grants beyond a balance are given away, and the Goal Buddy isn't shown again.
  [[nodiscard]] std::int64_t owes(const goal_attention& a, std::int64_t balance) const noexcept;
  /// The period's payment, also of nothing: the Goal Buddy's price, or bid, moves. Unknown ones are ignored.
  void paid(const goal_attention& a, std::int64_t micros, std::int64_t balance_left);
  /// On what terms each Goal Buddy's candidates rank from now on, by goal.
  [[nodiscard]] std::vector<goal_terms> terms() const;

  [[nodiscard]] slot_market_state save() const;
  /// The same market again. Errors: `bad_state`, also for buyers where nothing is sold.
  [[nodiscard]] static result<slot_market> restore(const market_config& config, const slot_market_state& state);
  [[nodiscard]] const market_config& config() const noexcept { return config_; }
  /// Is it a buyer?
  [[nodiscard]] bool has(goal_id goal) const { return buyers_.contains(raw(goal)); }
  [[nodiscard]] std::size_t buyers() const noexcept { return buyers_.size(); }

private:
  [[nodiscard]] pacing paced(std::int64_t budget_micros) const noexcept;
  [[nodiscard]] double rate_of(std::int64_t budget_micros) const noexcept;
  struct buyer {
    slot_price price;
    double rate = 0;    ///< micro-units a period
    double earned = 0;  ///< Σ engagement
    double periods = 0;
    bool broke = false;
  };
  /// β: its budget a period, over what it has earned in one.
  [[nodiscard]] double bid_of(const buyer& b) const noexcept;

  market_config config_;
  std::map<std::uint64_t, buyer> buyers_; // by goal
};

} // namespace ammo
