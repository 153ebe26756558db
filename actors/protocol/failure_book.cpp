#include "actors/protocol/failure_book.hpp"

#include <algorithm>
#include <utility>

namespace ammo {

failure_book::failure_book() { rows_.reserve(room); }

failure_book::row* failure_book::find(address part) noexcept {
  const auto it = std::ranges::find(rows_, part, [](const row& r) { return r.of.part; });
  return it == rows_.end() ? nullptr : &*it;
}

failure_book::row* failure_book::made(address part) noexcept {
  if (rows_.size() == room) {
    const auto spare = std::ranges::find(rows_, false, [](const row& r) { return r.of.quarantined; });
    if (spare == rows_.end())
      return nullptr;
    *spare = {};
    spare->of.part = part;
    return &*spare;
  }
  rows_.push_back({{part, 0, false}, {}, false});
  known_.store(rows_.size(), std::memory_order_relaxed);
  return &rows_.back();
}

bool failure_book::on_failure(address part, time_source::instant now, bool comes_back) noexcept {
  const std::scoped_lock turn(turn_);
  row* r = find(part);
  if (!r && !(r = made(part)))
    return false;
  auto& oldest = r->last[r->of.failures % most];
  const bool often = (is_large(part.of) && !comes_back) || (r->of.failures >= most && now - oldest <= window);
  oldest = now;
  ++r->of.failures;
  r->doubted = true;
  if (!often || r->of.quarantined)
    return false;
  hold(*r);
  return true;
}

void failure_book::hold(address part) noexcept {
  const std::scoped_lock turn(turn_);
  row* r = find(part);
  if (r || (r = made(part)))
    hold(*r);
}

void failure_book::hold(row& r) noexcept {
  if (!std::exchange(r.of.quarantined, true))
    held_.fetch_add(1, std::memory_order_relaxed);
}

bool failure_book::doubts(address part) const noexcept {
  if (known_.load(std::memory_order_relaxed) == 0)
    return false;
  const std::scoped_lock turn(turn_);
  return std::ranges::any_of(rows_, [&](const row& r) { return r.of.part == part && r.doubted; });
}

void failure_book::trust(address part) noexcept {
  const std::scoped_lock turn(turn_);
  if (row* r = find(part))
    r->doubted = false;
}

bool failure_book::holds(address part) const noexcept {
  if (held_.load(std::memory_order_relaxed) == 0)
    return false;
  const std::scoped_lock turn(turn_);
  return std::ranges::any_of(rows_, [&](const row& r) { return r.of.part == part && r.of.quarantined; });
}

bool failure_book::release(address part) noexcept {
  const std::scoped_lock turn(turn_);
  row* r = find(part);
  if (!r || !r->of.quarantined)
    return false;
  r->of.quarantined = false;
  r->last = {};
  r->of.failures = 0;
  held_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void failure_book::forget(address part) noexcept {
  if (known_.load(std::memory_order_relaxed) == 0)
    return;
  const std::scoped_lock turn(turn_);
  if (row* r = find(part)) {
    held_.fetch_sub(r->of.quarantined ? 1 : 0, std::memory_order_relaxed);
    *r = rows_.back();
    rows_.pop_back();
    known_.store(rows_.size(), std::memory_order_relaxed);
  }
}

std::vector<failure_book::entry> failure_book::all() const {
  std::vector<entry> out;
  {
    const std::scoped_lock turn(turn_);
    for (const row& r : rows_)
      out.push_back(r.of);
  }
  std::ranges::sort(out, {}, &entry::part);
  return out;
}

} // namespace ammo
