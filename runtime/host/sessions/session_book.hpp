/// The sessions of people with Goal Buddies: who asks of which impression, what they have said, and what they were told.
/// Lives here: how many sessions there are, how old and how long they become. May not live here: whom a question is sent to.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/base/ids.hpp"
#include "actors/base/result.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ammo {

struct session_limits {
  std::size_t open = 4'096;            ///< at once
  std::size_t of_a_user = 16;          ///< at once
  std::chrono::nanoseconds age = std::chrono::minutes(30); ///< from the first question
  std::uint32_t questions = 16;        ///< answered, of one session
};

/// Whom a person speaks with, as their impression tells it.
struct session_partner {
  goal_id goal{};
  creation_id creation = no_creation;
  subspace_id subspace{};
  std::uint64_t content = 0;
};

/// Usable from any thread. Each session is of one person about one impression: it begins with a question, and ends by its age, by feedback on the
/// impression, or as its person goes; then its words are forgotten, and of the last `session_limits::open` it is known that they have ended.
class session_book {
public:
  using instant = time_source::instant;

  explicit session_book(session_limits limits) : limits_(limits) {}

  /// What a question needs to be answered.
  struct turn {
    std::vector<std::string> said;       ///< before, oldest first
    std::optional<session_partner> with; ///< nothing: nobody has looked yet
    std::uint32_t number = 1;            ///< of the question in its session
  };
  /// A person asks; `answered` or `failed` is to follow. Errors: `session_over`, `too_many_questions`, `too_many_sessions`, and `overloaded` while
  /// another question of the session awaits its answer.
  [[nodiscard]] result<turn> begin(user_id user, impression_id impression, instant now);
  /// How many more the session takes. `e`: where the answer lies.
  std::uint32_t answered(user_id user, impression_id impression, std::string question, const session_partner& with, std::vector<float> e);
  /// Nothing was answered: it doesn't count. A session in which nothing ever was is none.
  void failed(user_id user, impression_id impression);

  /// What was last told in a session, and by whom.
  struct told {
    goal_id goal{};
    subspace_id subspace{}; ///< the Goal Buddy's
    std::vector<float> e;
  };
  /// Feedback on that impression was taken: its session has ended. Nothing: there was none, or nothing was told in it.
  [[nodiscard]] std::optional<told> end(user_id user, impression_id impression);
  /// The person goes.
  void forget(user_id user);

  [[nodiscard]] std::size_t open() const noexcept { return open_count_.load(std::memory_order_relaxed); }

private:
  using key = std::pair<user_id, impression_id>;
  struct session {
    instant begun{};
    bool waits = false; // for an answer
    std::vector<std::string> said{};
    std::optional<session_partner> with{};
    std::vector<float> e{};
  };
  void sweep(instant now);
  void close(std::map<key, session>::iterator which, bool remember);

  const session_limits limits_;
  mutable std::mutex changing_;
  std::map<key, session> open_;
  std::set<std::pair<instant, key>> by_age_; // of all that are open
  std::set<key> ended_;
  std::deque<key> in_order_; // of `ended_`
  std::atomic<std::size_t> open_count_{0};
};

} // namespace ammo
