/// Calls for a unit that can't be served for a moment: it is being given away, or read back. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

namespace ammo::cluster {

/// Bounded by number, and by time for each. Calls leave in the order in which they came.
template <class Call>
class waiting_room {
public:
  using instant = std::chrono::milliseconds;
  waiting_room(std::size_t most, std::chrono::milliseconds longest) : most_(most), longest_(longest) {}

  /// False: it is full. Whoever sent the call is told to repeat it.
  [[nodiscard]] bool add(Call c, instant now) {
    if (calls_.size() == most_)
      return false;
    calls_.emplace_back(now + longest_, std::move(c));
    return true;
  }
  /// Those that have waited too long.
  [[nodiscard]] std::vector<Call> expire(instant now) {
    std::vector<Call> out;
    for (; !calls_.empty() && calls_.front().first <= now; calls_.pop_front())
      out.push_back(std::move(calls_.front().second));
    return out;
  }
  [[nodiscard]] std::vector<Call> take_all() {
    std::vector<Call> out;
    for (auto& [until, c] : std::exchange(calls_, {}))
      out.push_back(std::move(c));
    return out;
  }
  [[nodiscard]] std::size_t size() const noexcept { return calls_.size(); }

private:
  std::size_t most_;
  std::chrono::milliseconds longest_;
  std::deque<std::pair<instant, Call>> calls_;
};

} // namespace ammo::cluster
