#include "actors/subspace/slot_market.hpp"

#include "actors/base/named.hpp"
#include "actors/base/saved.hpp"
#include "actors/protocol/state/subspace_state.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ammo {
namespace {

constexpr std::array<std::string_view, 3> names{"value", "priced", "pace"};
/// μ at the start: a slot's whole price counts for a tenth of a reward. Much less, and a short budget is half gone before
/// its price has risen.
constexpr double first_offset = 0.1;
/// η = 3 / sqrt(horizon): a period is many slots at once, so the price has fewer steps to find its level than the T of
/// the theory.
constexpr double step_scale = 3;
constexpr double least_bid = 1e-3;

} // namespace

std::string_view name_of(slot_sale s) noexcept { return name_in(names, s); }

result<slot_sale> slot_sale_named(std::string_view name) { return named_in<slot_sale>(names, "sale of slots", name); }

void slot_market::join(goal_id goal, std::int64_t budget_micros) {
  if (!sells())
    return;
  buyers_.try_emplace(raw(goal), buyer{slot_price(paced(budget_micros)), rate_of(budget_micros), 0, 0,
                                       budget_micros < config_.slot_price_micros});
}

pacing slot_market::paced(std::int64_t budget_micros) const noexcept {
  return {.budget_micros = budget_micros, .rounds = config_.horizon,
          .step = step_scale / std::sqrt(static_cast<double>(config_.horizon)),
          .first_price = first_offset / static_cast<double>(config_.slot_price_micros)};
}

double slot_market::rate_of(std::int64_t budget_micros) const noexcept {
  return static_cast<double>(budget_micros) / static_cast<double>(config_.horizon);
}

slot_market_state slot_market::save() const {
  slot_market_state out;
  for (const auto& [goal, b] : buyers_)
    out.buyers.push_back({goal_id{goal}, b.price.save(), b.earned, b.periods, b.broke});
  return out;
}

result<slot_market> slot_market::restore(const market_config& config, const slot_market_state& state) {
  slot_market out(config);
  if (!state.buyers.empty() && !out.sells())
    return bad_state("buyers of slots, where none are sold");
  if (!ascends(state.buyers, &buyer_state::goal))
    return bad_state("buyers of slots out of order");
  for (const buyer_state& b : state.buyers) {
    auto price = slot_price::restore(out.paced(b.price.budget), b.price);
    if (!price)
      return price.error();
    if (!(b.earned >= 0 && b.periods >= 0))
      return bad_state("what a buyer of slots has earned");
    out.buyers_.emplace_hint(out.buyers_.end(), raw(b.goal),
                             buyer{*price, out.rate_of(b.price.budget), b.earned, b.periods, b.broke});
  }
  return out;
}

double slot_market::bid_of(const buyer& b) const noexcept {
  const double all = static_cast<double>(config_.slot_price_micros) * b.earned;
  return all > 0 ? std::clamp(b.rate * b.periods / all, least_bid, 1.0) : 1.0;
}

std::int64_t slot_market::owes(const goal_attention& a, std::int64_t balance) const noexcept {
  const auto found = buyers_.find(raw(a.goal));
  if (found == buyers_.end())
    return 0;
  const auto price = static_cast<double>(config_.slot_price_micros);
  double due = price * static_cast<double>(a.impressions);
  if (config_.sale == slot_sale::pace)
    due = std::ceil(bid_of(found->second) * price * std::max(0.0, a.engagement));
  return due >= static_cast<double>(balance) ? balance : static_cast<std::int64_t>(due);
}

void slot_market::paid(const goal_attention& a, std::int64_t micros, std::int64_t balance_left) {
  const auto found = buyers_.find(raw(a.goal));
  if (found == buyers_.end())
    return;
  auto& b = found->second;
  b.price.settle(micros);
  b.earned += std::max(0.0, a.engagement);
  ++b.periods;
  b.broke = balance_left < config_.slot_price_micros;
}

std::vector<goal_terms> slot_market::terms() const {
  std::vector<goal_terms> out;
  for (const auto& [goal, b] : buyers_) {
    goal_terms t{goal_id{goal}, 1, 0, b.broke};
    if (config_.sale == slot_sale::priced)
      t.offset = static_cast<float>(std::min(b.price.asks(config_.slot_price_micros), 1e6));
    else
      t.factor = static_cast<float>(bid_of(b));
    out.push_back(t);
  }
  return out;
}

} // namespace ammo
