#include "actors/subspace/ledger.hpp"

#include <limits>

namespace ammo {
namespace {

/// Could `add` be added to `to` within 64 bits? Both are ≥ 0.
bool fits(std::int64_t to, std::int64_t add) noexcept { return add <= std::numeric_limits<std::int64_t>::max() - to; }

failure never_reserved(std::uint64_t key) {
  return {errc::bad_value, "nothing is reserved under key " + std::to_string(key)};
}

} // namespace

result<ledger::account*> ledger::account_of(goal_id goal) {
  auto found = accounts_.find(raw(goal));
  if (found == accounts_.end())
    return {errc::unknown_goal, "goal " + std::to_string(raw(goal))};
  return &found->second;
}

result<void> ledger::grant(goal_id goal, std::int64_t micros) {
  if (micros < 0)
    return {errc::budget_negative, std::to_string(micros) + " micros for goal " + std::to_string(raw(goal))};
  if (!fits(granted_, micros)) // no account can overflow before their sum does
    return {errc::budget_overflow, std::to_string(micros) + " micros on top of " + std::to_string(granted_)};
  accounts_[raw(goal)].granted += micros;
  granted_ += micros;
  return {};
}

result<void> ledger::reserve(goal_id goal, std::uint64_t key, std::int64_t micros) {
  auto found = account_of(goal);
  if (!found)
    return found.error();
  account& a = **found;
  if (micros < 0)
    return {errc::budget_negative, std::to_string(micros) + " micros under key " + std::to_string(key)};
  if (a.open.contains(key) || a.settled(key))
    return {};
  if (a.forgotten(key))
    return {errc::bad_value, "keys count up; key " + std::to_string(key) + " is older than all remembered"};
  if (micros > a.balance())
    return {errc::budget_exceeded,
            std::to_string(micros - a.balance()) + " micros are missing of " + std::to_string(micros)};
  a.open.emplace(key, micros);
  a.reserved += micros;
  reserved_ += micros;
  return {};
}

result<std::int64_t> ledger::take_reserved(account& a, std::uint64_t key) {
  auto open = a.open.find(key);
  if (open == a.open.end())
    return a.settled(key) ? result<std::int64_t>{std::int64_t{0}} : never_reserved(key);
  auto micros = open->second;
  a.open.erase(open);
  a.reserved -= micros;
  reserved_ -= micros;
  return micros;
}

result<void> ledger::commit(goal_id goal, std::uint64_t key) {
  auto found = account_of(goal);
  if (!found)
    return found.error();
  account& a = **found;
  auto micros = take_reserved(a, key);
  if (!micros)
    return micros.error();
  auto& series = a.done[series_of(key)];
  series.insert(key);
  if (series.size() > remembered)
    series.erase(series.begin());
  a.spent += *micros;
  spent_ += *micros;
  return {};
}

result<void> ledger::release(goal_id goal, std::uint64_t key) {
  auto found = account_of(goal);
  if (!found)
    return found.error();
  auto micros = take_reserved(**found, key);
  return micros ? result<void>{} : micros.error();
}

void ledger::close(goal_id goal) noexcept {
  auto found = accounts_.find(raw(goal));
  if (found == accounts_.end() || found->second.spent != 0 || found->second.reserved != 0)
    return;
  granted_ -= found->second.granted;
  accounts_.erase(found);
}

void ledger::remove(goal_id goal) noexcept {
  auto found = accounts_.find(raw(goal));
  if (found == accounts_.end())
    return;
  granted_ -= found->second.granted;
  spent_ -= found->second.spent;
  reserved_ -= found->second.reserved;
  accounts_.erase(found);
}

bool ledger::has(goal_id goal) const noexcept { return accounts_.contains(raw(goal)); }

bool ledger::committed(goal_id goal, std::uint64_t key) const noexcept {
  auto found = accounts_.find(raw(goal));
  return found != accounts_.end() && found->second.settled(key);
}

std::int64_t ledger::balance(goal_id goal) const noexcept {
  auto found = accounts_.find(raw(goal));
  return found == accounts_.end() ? 0 : found->second.balance();
}

} // namespace ammo
