/// What became of the calls of a host that change something, by their keys: whoever repeats a call under its key is told.
#pragma once

#include "runtime/host/ticket.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>

namespace ammo {

/// A call, as far as its repeat must be the same.
struct call_identity {
  std::size_t kind = 0;       ///< which call
  std::uint64_t content = 0;  ///< a hash of its arguments; 0: not known, any are the same
  [[nodiscard]] bool same(const call_identity& other) const noexcept {
    return kind == other.kind && (content == 0 || other.content == 0 || content == other.content);
  }
};
[[nodiscard]] call_identity identity_of(const host_question& q);

/// Pure. Memory is bounded: of calls that were answered the last `remembered` keys are known.
class key_book {
public:
  static constexpr std::size_t remembered = 16'384;

  struct entry {
    call_identity call;
    std::uint64_t request = 0;         ///< under which it is under way
    std::optional<host_answer> answer; ///< once it is known
  };
  /// Null: nothing is known of the key.
  [[nodiscard]] const entry* find(std::uint64_t key) const {
    const auto it = entries_.find(key);
    return it == entries_.end() ? nullptr : &it->second;
  }
  /// A call is under way under a key of which nothing was known.
  void open(std::uint64_t key, call_identity call, std::uint64_t request) { entries_.insert_or_assign(key, entry{call, request, {}}); }
  /// Its answer has come.
  void answer(std::uint64_t key, host_answer a) {
    const auto it = entries_.find(key);
    if (it == entries_.end() || it->second.answer)
      return;
    it->second.answer = std::move(a);
    answered_.push_back(key);
    for (; answered_.size() > remembered; answered_.pop_front())
      if (const auto oldest = entries_.find(answered_.front()); oldest != entries_.end() && oldest->second.answer)
        entries_.erase(oldest);
  }
  /// What became of a call before a restart; in the order of the answers.
  void recover(std::uint64_t key, call_identity call, host_answer a) {
    open(key, call, 0);
    answer(key, std::move(a));
  }
  /// Nobody will repeat it, or nobody will answer it any more.
  void forget(std::uint64_t key) {
    if (const auto it = entries_.find(key); it != entries_.end() && !it->second.answer)
      entries_.erase(it);
  }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
  std::unordered_map<std::uint64_t, entry> entries_; // by key
  std::deque<std::uint64_t> answered_;               // keys, in the order of their answers
};

} // namespace ammo
