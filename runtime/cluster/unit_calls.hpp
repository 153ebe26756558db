/// One unit's calls under keys, as its owner keeps them: a repeat counts once, and no answer leaves before its frame is durable. Pure.
#pragma once

#include "runtime/cluster/key_book.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo::cluster {

struct call_limits {
  std::chrono::milliseconds keep = std::chrono::minutes{10}; ///< answers, for repeats
  std::chrono::milliseconds surely = std::chrono::minutes{1}; ///< no younger answer goes to make room: longer than any call's deadline
  std::size_t most = 65'536;                                 ///< answers that are kept
  std::size_t askers = 8;                                    ///< of one call: the last ones get its answer
};

/// `Asker`: whom an answer goes to; a repeat by the same one replaces it. Answers are part of the unit's state: `each_answer` and `recover`.
/// After a recovery their ages begin anew, by the new owner's clock: clocks of two machines are never compared.
template <class Answer, class Asker>
class unit_calls {
public:
  using instant = typename key_book<Answer>::instant;
  explicit unit_calls(call_limits limits = {}) : limits_(limits), book_(limits.most) {}

  enum class arrival : std::uint8_t {
    fresh,      ///< it is to be counted now, then `on_counted`
    waits,      ///< it counts already, and its answer leaves when its frame is durable
    answered,   ///< the answer is in `answer_of`
    overloaded, ///< so many calls were answered just now that no more keys can be kept
    key_reused, ///< another call has this key
  };

  [[nodiscard]] arrival on_call(std::uint64_t key, call_identity call, Asker who, instant now) {
    book_.forget_before(now - limits_.keep);
    if (const auto* known = book_.find(key)) {
      if (!known->call.same(call))
        return arrival::key_reused;
      const auto waiting = askers_.find(key);
      if (waiting == askers_.end())
        return known->answer ? arrival::answered : arrival::waits;
      add(waiting->second, std::move(who));
      return arrival::waits;
    }
    if (askers_.size() >= limits_.most || (book_.full() && *book_.oldest() > now - limits_.surely))
      return arrival::overloaded;
    book_.open(key, call, 0);
    add(askers_[key], std::move(who));
    return arrival::fresh;
  }
  /// A call that is under way was counted, in the frame at that place of the log; places ascend.
  void on_counted(std::uint64_t key, Answer a, std::uint64_t place, instant now) {
    book_.answer(key, std::move(a), now);
    noted_.emplace_back(place, key);
  }
  /// A call that is under way came to nothing: a repeat is a new call.
  void on_refused(std::uint64_t key) {
    book_.forget(key);
    askers_.erase(key);
  }

  struct reply {
    Asker to;
    std::uint64_t key = 0;
    Answer what;
  };
  /// The log is durable up to there: these answers may leave, if the node's lease holds.
  [[nodiscard]] std::vector<reply> on_durable(std::uint64_t place) {
    std::vector<reply> out;
    for (; !noted_.empty() && noted_.front().first <= place; noted_.pop_front()) {
      const auto key = noted_.front().second;
      const auto waiting = askers_.extract(key);
      const auto* known = book_.find(key);
      if (waiting && known && known->answer)
        for (auto& who : waiting.mapped())
          out.push_back({std::move(who), key, *known->answer});
    }
    return out;
  }
  /// Null: there is no answer, or it isn't durable yet.
  [[nodiscard]] const Answer* answer_of(std::uint64_t key) const {
    const auto* known = book_.find(key);
    return known && known->answer && !askers_.contains(key) ? &*known->answer : nullptr;
  }

  /// What the unit's state says, in the order of the answers.
  void recover(std::uint64_t key, call_identity call, Answer a, instant now) { book_.recover(key, call, std::move(a), now); }
  /// `f(key, entry)`, oldest first.
  template <class F>
  void each_answer(F f) const { book_.each_answer(f); }
  [[nodiscard]] std::size_t size() const noexcept { return book_.size(); }

private:
  void add(std::vector<Asker>& to, Asker who) {
    std::erase(to, who);
    if (to.size() == limits_.askers)
      to.erase(to.begin());
    to.push_back(std::move(who));
  }

  call_limits limits_;
  key_book<Answer> book_;
  std::unordered_map<std::uint64_t, std::vector<Asker>> askers_; ///< of calls whose answer hasn't left
  std::deque<std::pair<std::uint64_t, std::uint64_t>> noted_;    ///< place and key, ascending
};

} // namespace ammo::cluster
