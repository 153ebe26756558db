#include "actors/slots/slot_price.hpp"

#include "actors/base/saved.hpp"
#include "actors/protocol/state/subspace_state.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace ammo {

namespace {

/// So that a price stays a positive number, whatever was paid.
constexpr double least_price = 1e-100, most_price = 1e100;
/// A cost of many rounds' budget at once moves the price by e² at most, so that it finds back.
constexpr double longest_step = 2;

} // namespace

slot_price::slot_price(pacing how) noexcept
  : budget_(how.budget_micros),
    rate_(static_cast<double>(how.budget_micros) / static_cast<double>(how.rounds)),
    step_(how.step > 0 ? how.step : 1 / std::sqrt(static_cast<double>(how.rounds))),
    price_(how.first_price) {
  assert(how.budget_micros >= 0 && how.rounds >= 1 && how.step >= 0 && how.first_price > 0);
}

slot_price_state slot_price::save() const noexcept { return {budget_, spent_, price_}; }

result<slot_price> slot_price::restore(pacing how, const slot_price_state& state) {
  if (state.spent < 0 || state.spent > state.budget || !(state.price > 0 && state.price <= most_price))
    return bad_state("the price of slots");
  how.budget_micros = state.budget;
  slot_price out(how);
  out.spent_ = state.spent;
  out.price_ = state.price;
  return out;
}

bool slot_price::round(double value, std::int64_t cost_micros) noexcept {
  const bool affordable = cost_micros >= 0 && cost_micros <= left_micros();
  const bool bought = affordable && std::isfinite(value) && value >= asks(cost_micros);
  const std::int64_t paid = bought ? cost_micros : 0;
  spent_ += paid;
  move(paid);
  return bought;
}

void slot_price::settle(std::int64_t cost_micros) noexcept {
  const std::int64_t paid = std::clamp(cost_micros, std::int64_t{0}, left_micros());
  spent_ += paid;
  move(paid);
}

void slot_price::move(std::int64_t cost) noexcept {
  if (rate_ <= 0)
    return;
  const double step = std::min(step_ * (static_cast<double>(cost) / rate_ - 1), longest_step);
  price_ = std::clamp(price_ * std::exp(std::max(step, -longest_step)), least_price, most_price);
}

} // namespace ammo
