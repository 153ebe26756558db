/// The requests of a host that are under way, and until when each may take.
#pragma once

#include "actors/base/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

/// Requests by number, each with whatever waits for its answer. All have the same time, so that deadlines come in the order of
/// requests. Pure.
template <class Waiting>
class request_book {
public:
  explicit request_book(std::chrono::nanoseconds timeout) : timeout_(timeout) {}

  /// The number of a new request, never 0, and its entry.
  std::pair<std::uint64_t, Waiting*> open(Waiting w, time_source::instant now) {
    while (!deadlines_.empty() && !open_.contains(deadlines_.front().second))
      deadlines_.pop_front(); // answered in time: what is kept is about what is under way
    const auto number = next_++;
    deadlines_.emplace_back(now + timeout_, number);
    return {number, &open_.emplace(number, std::move(w)).first->second};
  }
  /// Null once it was closed: an answer that comes late or twice finds nobody.
  [[nodiscard]] Waiting* find(std::uint64_t number) {
    const auto it = open_.find(number);
    return it == open_.end() ? nullptr : &it->second;
  }
  /// Takes out what waits for it; false where nothing does.
  template <class F>
  bool close(std::uint64_t number, F f) {
    auto node = open_.extract(number);
    return node && (f(std::move(node.mapped())), true);
  }
  /// Closes whatever has taken too long, in the order in which it was opened. Those of which `stays` is true stay open, without a deadline.
  template <class Stays>
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Waiting>> expire(time_source::instant now, Stays stays) {
    std::vector<std::pair<std::uint64_t, Waiting>> out;
    for (; !deadlines_.empty() && deadlines_.front().first <= now; deadlines_.pop_front()) {
      const auto number = deadlines_.front().second;
      if (const auto* w = find(number); w && !stays(*w))
        close(number, [&](Waiting late) { out.emplace_back(number, std::move(late)); });
    }
    return out;
  }
  [[nodiscard]] std::vector<std::pair<std::uint64_t, Waiting>> expire(time_source::instant now) {
    return expire(now, [](const Waiting&) { return false; });
  }
  /// Closes those of which `f` is true.
  template <class F>
  [[nodiscard]] std::vector<Waiting> close_if(F f) {
    std::vector<Waiting> out;
    std::erase_if(open_, [&](auto& entry) { return f(std::as_const(entry.second)) && (out.push_back(std::move(entry.second)), true); });
    return out;
  }
  /// Closes everything.
  [[nodiscard]] std::vector<Waiting> close_all() {
    std::vector<Waiting> out;
    for (auto& [number, w] : std::exchange(open_, {}))
      out.push_back(std::move(w));
    deadlines_.clear();
    return out;
  }
  [[nodiscard]] std::size_t size() const noexcept { return open_.size(); }
  /// Is there a deadline to watch?
  [[nodiscard]] bool watches() const noexcept { return !deadlines_.empty(); }
  [[nodiscard]] std::chrono::nanoseconds timeout() const noexcept { return timeout_; }

private:
  std::chrono::nanoseconds timeout_;
  std::uint64_t next_ = 1;
  std::unordered_map<std::uint64_t, Waiting> open_;
  std::deque<std::pair<time_source::instant, std::uint64_t>> deadlines_; // ascending
};

} // namespace ammo
