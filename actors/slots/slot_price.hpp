/// The price of an attention slot to one Goal Buddy: it paces a budget over a horizon. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>

namespace ammo {

struct slot_price_state;

/// A budget, the rounds that it is to last, and how fast the price follows.
struct pacing {
  std::int64_t budget_micros = 0;  ///< ≥ 0
  std::uint64_t rounds = 1;        ///< horizon T ≥ 1; afterwards the price goes on at the same rate
  double step = 0;                 ///< η of the mirror descent; 0: 1 / sqrt(T)
  double first_price = 1;          ///< μ at the start, value for a micro-unit of cost; > 0
};

/// Dual mirror descent with the entropy as mirror (Balseiro, Lu and Mirrokni, "The best of many worlds: dual mirror
/// descent for online allocation problems", Operations Research 2023, Algorithm 1): a round's subgradient is ρ − cost,
/// with ρ = budget / T, and μ ← μ · exp(η (cost − ρ) / ρ). An offer is bought where its value is ≥ μ · cost and the budget
/// still has the cost. With η ~ 1/sqrt(T) regret is O(sqrt(T)) where offers are i.i.d., and competitive against an
/// adversary; the spending never exceeds the budget.
class slot_price {
public:
  /// Numbers as in `pacing` (asserted).
  explicit slot_price(pacing how) noexcept;

  /// One round: is an offer of that value and cost bought? The cost is paid and the price moves, also when nothing is
  /// bought. A cost < 0, or a value that isn't finite, is no offer: nothing is bought.
  bool round(double value, std::int64_t cost_micros) noexcept;
  /// A round without an offer: the price falls.
  void pass() noexcept { move(0); }
  /// A round whose slots are paid afterwards: what is left of the budget pays at most, and the price moves. Costs ≥ 0.
  void settle(std::int64_t cost_micros) noexcept;

  [[nodiscard]] double price() const noexcept { return price_; } ///< μ; > 0
  /// What a cost has to be worth now: the slot's share of the regret feedback.
  [[nodiscard]] double asks(std::int64_t cost) const noexcept { return price_ * static_cast<double>(cost); }
  [[nodiscard]] std::int64_t spent_micros() const noexcept { return spent_; }
  [[nodiscard]] std::int64_t left_micros() const noexcept { return budget_ - spent_; }

  [[nodiscard]] slot_price_state save() const noexcept;
  /// The same price again; its budget is the state's, all else of `how` as it was. Errors: `bad_state`.
  [[nodiscard]] static result<slot_price> restore(pacing how, const slot_price_state& state);

private:
  void move(std::int64_t cost) noexcept;

  std::int64_t budget_, spent_ = 0;
  double rate_, step_, price_; // ρ in micro-units a round, η, μ
};

} // namespace ammo
