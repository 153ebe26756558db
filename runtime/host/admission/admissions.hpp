/// Who a host's calls may be about: users from their admission to their leaving, and Goal Buddies with their subspaces. Pure.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/base/ended_lives.hpp"
#include "actors/protocol/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

/// A user is taken in by the Supervisor, which starts a User Buddy, and is then introduced by each Subspace, once that has sent
/// the buddy its catalogue. Only then is the admission answered, and may the user ask. A buddy that was started again begins a
/// later life and is introduced again; its user stays known. Messages may come late, twice and out of order: of two lives the
/// later one counts, and of one life its end.
class admissions {
public:
  explicit admissions(std::size_t subspaces) : subspaces_(subspaces) {}

  /// An answer to a request of the host.
  struct answered {
    std::uint64_t request = 0;
    admission what;
    friend bool operator==(const answered&, const answered&) = default;
  };

  /// Who was here before a restart is known from the start.
  void recovered(user_id user) { users_[raw(user)].known = true; }
  void recovered(goal_id goal, subspace_id at) { goals_.insert_or_assign(raw(goal), at); }
  /// Users and Goal Buddies of units that have gone to another node are known there.
  template <class OfUsers, class OfGoals>
  void forget(OfUsers users, OfGoals at) {
    std::erase_if(users_, [&](const auto& u) { return users(user_id{u.first}); });
    std::erase_if(goals_, [&](const auto& g) { return at(g.second); });
  }
  /// The host asks for a user, or for a Goal Buddy.
  void ask_user(std::uint64_t request, user_id user);
  void ask_goal(std::uint64_t request, goal_id goal, subspace_id at);
  /// The host wants a Goal Buddy gone.
  void dismiss_goal(std::uint64_t request, goal_id goal);
  /// The answer to that. Any other request is none of its business.
  void on_goal_gone(std::uint64_t request, errc code);
  /// The host wants a user gone.
  void dismiss_user(std::uint64_t request, user_id user);
  /// A user who is known, and whose coming or leaving nobody waits for, is absent from here on: the life that they had. Nothing: they stay. Of who was
  /// here before a restart no life is known until they are introduced, which would bring them back behind their sleep.
  [[nodiscard]] std::optional<std::uint64_t> doze(user_id user);
  /// They sleep: that life is over.
  void slept(user_id user, std::uint64_t life, time_source::instant now);
  /// They are here again, in that life, and know all that Subspaces would tell them.
  void woken(user_id user, std::uint64_t life);

  /// The Supervisor answers, with the life of the User Buddy that it started, or the Goal Buddy does. Nothing: not yet. An
  /// answer to any other request is passed on. Whoever is taken in is known, though the host may have given the request up.
  [[nodiscard]] std::optional<answered> on_admission(const admission& m, std::uint64_t life = 0);
  /// A Subspace has sent the User Buddy its catalogue.
  [[nodiscard]] std::vector<answered> on_introduction(user_id user, std::uint64_t life, subspace_id by);
  /// The user has left. `goodbye`: the buddy is to hear of it, behind every question that was asked before.
  struct leaving {
    bool goodbye = false;
    std::vector<answered> answers;
  };
  [[nodiscard]] leaving on_leave(user_id user, std::uint64_t life, time_source::instant now);

  /// May this user ask?
  [[nodiscard]] bool knows(user_id user) const;
  /// Is anything known of them? Not of those who are absent.
  [[nodiscard]] bool has(user_id user) const { return users_.contains(raw(user)); }
  /// Where this Goal Buddy creates; nothing for one that wasn't taken in.
  [[nodiscard]] std::optional<subspace_id> subspace_of(goal_id goal) const;
  [[nodiscard]] std::size_t users() const noexcept { return users_.size(); }
  [[nodiscard]] std::size_t goals() const noexcept { return goals_.size(); }

private:
  struct known_user {
    std::uint64_t life = 0;
    std::vector<bool> introduced{};       // by subspace, in this life; empty: by all of them
    bool known = false;                   // since this life, or one before it that hasn't ended
    std::vector<std::uint64_t> waiting{}; // admissions that wait for the last introduction
    std::uint32_t dismissals = 0;         // that have no answer yet
  };
  struct asked {
    std::optional<user_id> user;
    goal_id goal{};
    subspace_id at{};
    bool waits = false; ///< for the last introduction
    bool leaves = false; ///< a Goal Buddy, or a user
  };
  void begin_life(user_id user, std::uint64_t life);
  std::vector<answered> release(known_user& u);

  std::size_t subspaces_;
  std::unordered_map<std::uint64_t, known_user> users_;   // by id
  std::unordered_map<std::uint64_t, subspace_id> goals_;  // by id
  std::unordered_map<std::uint64_t, asked> asked_;        // by request
  ended_lives ended_;
};

} // namespace ammo
