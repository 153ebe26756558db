/// What became of calls that change something, by their keys: whoever repeats a call under its key is told, and it counts once. Pure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
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

/// Memory is bounded: of calls that were answered the last `most` keys are known.
template <class Answer>
class key_book {
public:
  using instant = std::chrono::milliseconds; ///< since any time, the same for all calls
  explicit key_book(std::size_t most) : most_(most) {}

  struct entry {
    call_identity call;
    std::uint64_t request = 0;    ///< under which it is under way
    std::optional<Answer> answer; ///< once it is known
  };
  /// Null: nothing is known of the key.
  [[nodiscard]] const entry* find(std::uint64_t key) const {
    const auto it = entries_.find(key);
    return it == entries_.end() ? nullptr : &it->second;
  }
  /// A call is under way under a key of which nothing was known.
  void open(std::uint64_t key, call_identity call, std::uint64_t request) { entries_.insert_or_assign(key, entry{call, request, {}}); }
  /// Its answer has come.
  void answer(std::uint64_t key, Answer a, instant now = {}) {
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.answer)
      return;
    it->second.answer = std::move(a);
    answered_.emplace_back(now, key);
    while (answered_.size() > most_)
      forget_oldest();
  }
  /// What became of a call before a restart; in the order of the answers.
  void recover(std::uint64_t key, call_identity call, Answer a, instant now = {}) {
    open(key, call, 0);
    answer(key, std::move(a), now);
  }
  /// Nobody will repeat it, or nobody will answer it any more.
  void forget(std::uint64_t key) {
    if (const auto it = entries_.find(key); it != entries_.end() && !it->second.answer)
      entries_.erase(it);
  }
  /// Nobody repeats calls that were answered before.
  void forget_before(instant then) {
    while (!answered_.empty() && answered_.front().first < then)
      forget_oldest();
  }
  /// When the oldest answer that is kept was given; none: there is no answer.
  [[nodiscard]] std::optional<instant> oldest() const { return answered_.empty() ? std::nullopt : std::optional(answered_.front().first); }
  /// Is there no room for an answer, but where an older one was?
  [[nodiscard]] bool full() const noexcept { return answered_.size() >= most_; }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  /// Keys with answers, oldest first.
  template <class F>
  void each_answer(F f) const {
    for (const auto& [at, key] : answered_)
      if (const auto* e = find(key); e && e->answer)
        f(key, *e);
  }

private:
  void forget_oldest() {
    if (const auto oldest = entries_.find(answered_.front().second); oldest != entries_.end() && oldest->second.answer)
      entries_.erase(oldest);
    answered_.pop_front();
  }

  std::size_t most_;
  std::unordered_map<std::uint64_t, entry> entries_;           // by key
  std::deque<std::pair<instant, std::uint64_t>> answered_; // keys, in the order of their answers
};

} // namespace ammo::cluster
