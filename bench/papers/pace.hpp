/// Slots sold fairly: the prices of a Fisher market, in which everyone spends a budget and nothing is left over, and
/// PACE, which finds them while the slots come one by one. Pure.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// An equilibrium of a market with linear values, unit supply of every good.
struct market_equilibrium {
  std::vector<double> prices; ///< by good; they sum to the budgets
  std::vector<double> spent;  ///< buyers × goods: what each buyer pays for its share spent / price of the good
  /// Certificate: Σ_i B_i ln(most value that B_i buys at these prices / value that i got), over Σ B_i. Each term is
  /// ≥ 0, and the sum is the duality gap of the Eisenberg–Gale program: 0 only in equilibrium.
  double gap = 0;
};

/// The equilibrium by proportional response (Wu and Zhang, STOC 2007; Birnbaum, Devanur and Xiao, EC 2011): every
/// buyer divides its budget as its value came from the goods the last time. Markets clear and budgets are spent in
/// every round; it ends when the gap is ≤ `tolerance`, a share of all budgets. `values`: buyers × goods. O(values) a
/// round.
/// Errors: `wrong_dimension` where values aren't buyers × goods, `not_finite`, `bad_value` for a value < 0, a budget
/// ≤ 0, a buyer who wants nothing or a good nobody wants; `timed_out` where `rounds` didn't suffice, with the gap.
[[nodiscard]] result<market_equilibrium> fisher_market(std::span<const double> values, std::span<const double> budgets,
                                                       double tolerance = 1e-13, std::size_t rounds = 1'000'000);
/// The certificate for prices and spending from anywhere: `gap` as above; infinity where a good isn't paid for at
/// exactly its price or a budget isn't spent (both to 1e-9 of them). Sizes as in `fisher_market` (asserted).
[[nodiscard]] double market_gap(std::span<const double> values, std::span<const double> budgets,
                                std::span<const double> prices, std::span<const double> spent);

/// PACE (Gao, Peysakhovich and Kroer, "Online market equilibrium with application to fair division", NeurIPS 2021):
/// slots come one by one; each goes to the buyer of the highest paced bid β_i v_i at that price, and dual averaging
/// moves β_i to B_i over i's average value so far. With i.i.d. slots, average values come to the equilibrium's.
class pace {
public:
  /// What a slot was sold for.
  struct sale {
    std::size_t buyer = 0;
    double price = 0;
    friend bool operator==(const sale&, const sale&) = default;
  };

  /// `budgets`: of each buyer, an arrival (asserted > 0 and finite). β_i stays within the least and the most that it can
  /// be in equilibrium, B_i / V_i and ΣB / V_i, V_i being i's mean value of a slot; `slack` δ > 0 widens both by 1 + δ.
  explicit pace(std::vector<double> budgets, double slack = 0.05);

  /// Sells a slot to one of the buyers, of equal bids to the first; empty where nobody wants it. `values`: by buyer.
  /// O(buyers).
  /// Errors (state as before): `wrong_dimension`, `not_finite`, `bad_value` for a value < 0.
  result<std::optional<sale>> arrive(std::span<const double> values);

  [[nodiscard]] std::size_t arrivals() const noexcept { return arrivals_; }
  /// β_i, as it bid for the last slot; 1 before.
  [[nodiscard]] double multiplier(std::size_t buyer) const noexcept { return multipliers_[buyer]; }
  [[nodiscard]] double mean_value(std::size_t buyer) const noexcept; ///< of what it got, an arrival
  [[nodiscard]] double mean_spent(std::size_t buyer) const noexcept; ///< an arrival; comes to its budget

private:
  void reprice();

  std::vector<double> budgets_, multipliers_;
  std::vector<double> offered_, got_, spent_; // sums of values of all slots, of own slots, and of prices; by buyer
  double total_, slack_;
  std::size_t arrivals_ = 0;
};

} // namespace ammo
