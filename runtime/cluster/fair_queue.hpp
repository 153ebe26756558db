/// A bounded queue that many share: where there is no room, whoever has most in it loses the oldest. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace ammo::cluster {

/// What holders have put in, in the order of its coming. Of those who have most the one loses whose is oldest, so nobody pushes out what somebody has who has
/// less: each of n holders keeps the last `most` / n that it had, at least. Of one holder it is a plain queue. O(log n).
template <class T>
class fair_queue {
public:
  explicit fair_queue(std::size_t most) : most_(most) {}

  /// What had to go to make room; nothing: there was room.
  std::optional<T> push(std::uint64_t holder, T what) {
    std::optional<T> gone;
    const auto mine = next_++;
    all_.emplace_hint(all_.end(), mine, item{holder, std::move(what)});
    change(holder, [&](auto& turns) { turns.push_back(mine); });
    if (all_.size() > most_)
      gone = take(all_.find(of_.at(std::get<2>(*by_size_.rbegin())).front()));
    return gone;
  }
  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }
  [[nodiscard]] const T& front() const { return all_.begin()->second.what; }
  T pop_front() { return take(all_.begin()); }
  /// Oldest first.
  template <class F>
  void each(F f) const {
    for (const auto& [_, i] : all_)
      f(i.what);
  }

private:
  struct item {
    std::uint64_t holder = 0;
    T what;
  };
  using turn = std::uint64_t;
  /// The last of all has most, and of those who have as much the oldest.
  using rank = std::tuple<std::size_t, turn, std::uint64_t>;
  static rank rank_of(std::uint64_t holder, const std::deque<turn>& turns) { return {turns.size(), ~turns.front(), holder}; }

  /// The oldest of its holder.
  T take(typename std::map<turn, item>::iterator at) {
    change(at->second.holder, [](auto& turns) { turns.pop_front(); });
    T out = std::move(at->second.what);
    all_.erase(at);
    return out;
  }
  template <class F>
  void change(std::uint64_t holder, F f) {
    auto& turns = of_[holder];
    if (!turns.empty())
      by_size_.erase(rank_of(holder, turns));
    f(turns);
    if (turns.empty())
      of_.erase(holder);
    else
      by_size_.insert(rank_of(holder, turns));
  }

  std::size_t most_;
  turn next_ = 0;
  std::map<turn, item> all_;
  std::unordered_map<std::uint64_t, std::deque<turn>> of_; ///< by holder, ascending
  std::set<rank> by_size_;
};

} // namespace ammo::cluster
