/// What became of calls that change something, by their keys: whoever repeats a call under its key is told, and it counts once. Pure.
#pragma once

#include "runtime/cluster/fair_queue.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

namespace ammo::cluster {

/// A call, as far as its repeat must be the same.
struct call_identity {
  std::size_t kind = 0;      ///< which call
  std::uint64_t content = 0; ///< a hash of its arguments; 0: not known, any are the same
  [[nodiscard]] bool same(const call_identity& other) const noexcept {
    return kind == other.kind && (content == 0 || other.content == 0 || content == other.content);
  }
  friend bool operator==(const call_identity&, const call_identity&) = default;
};

/// Memory is bounded: of calls that were answered the last `most` keys are known, and whoever has most of them loses the oldest.
template <class Answer>
class key_book {
public:
  using instant = std::chrono::milliseconds; ///< since any time, the same for all calls
  explicit key_book(std::size_t most) : most_(most), answered_(most) {}

  struct entry {
    call_identity call;
    std::uint64_t request = 0;    ///< under which it is under way
    std::uint64_t holder = 0;     ///< whose key it is
    std::optional<Answer> answer; ///< once it is known
  };
  /// Null: nothing is known of the key.
  [[nodiscard]] const entry* find(std::uint64_t key) const {
    const auto it = entries_.find(key);
    return it == entries_.end() ? nullptr : &it->second;
  }
  /// A call is under way under a key of which nothing was known.
  void open(std::uint64_t key, call_identity call, std::uint64_t request, std::uint64_t holder = 0) {
    entries_.insert_or_assign(key, entry{call, request, holder, {}});
  }
  /// Its answer has come. True: another one was forgotten to make room.
  bool answer(std::uint64_t key, Answer a, instant now = {}) {
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.answer)
      return false;
    it->second.answer = std::move(a);
    const auto gone = answered_.push(it->second.holder, {now, key});
    if (gone)
      forget(*gone);
    return gone.has_value();
  }
  /// What became of a call before a restart; in the order of the answers.
  void recover(std::uint64_t key, call_identity call, Answer a, instant now = {}, std::uint64_t holder = 0) {
    open(key, call, 0, holder);
    (void)answer(key, std::move(a), now);
  }
  /// Nobody will repeat it, or nobody will answer it any more.
  void forget(std::uint64_t key) {
    if (const auto it = entries_.find(key); it != entries_.end() && !it->second.answer)
      entries_.erase(it);
  }
  /// Nobody repeats calls that were answered before.
  void forget_before(instant then) {
    while (!answered_.empty() && answered_.front().first < then)
      forget(answered_.pop_front());
  }
  /// When the oldest answer that is kept was given; none: there is no answer.
  [[nodiscard]] std::optional<instant> oldest() const { return answered_.empty() ? std::nullopt : std::optional(answered_.front().first); }
  /// Is there no room for an answer, but where an older one was?
  [[nodiscard]] bool full() const noexcept { return answered_.size() >= most_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// Keys with answers, oldest first.
  template <class F>
  void each_answer(F f) const {
    answered_.each([&](const given& g) {
      if (const auto* e = find(g.second); e && e->answer)
        f(g.second, *e);
    });
  }

private:
  using given = std::pair<instant, std::uint64_t>; // when an answer was given, and its key
  void forget(const given& g) {
    if (const auto at = entries_.find(g.second); at != entries_.end() && at->second.answer)
      entries_.erase(at);
  }

  std::size_t most_;
  std::unordered_map<std::uint64_t, entry> entries_; // by key
  fair_queue<given> answered_;                       // in the order of the answers
};

} // namespace ammo::cluster
