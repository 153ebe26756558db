/// Which impressions may still have feedback, and why the others may not.
///
/// An impression awaits feedback for so many days, as long as its user has no more than so many newer ones.
/// Memory is bounded twice. Each user who was shown something that awaits feedback has a ring of the last
/// `open_impressions` of them, with whether each has had its feedback. Beside these a ring over the shard's own counter
/// says to whom each of the last `issued_remembered` impressions went, and whether it was answered at once; it serves
/// only to name a refusal exactly. What is older than both is late, what is newer than all was never issued.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/ids.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

struct impression_log_state;
struct awaiting_user_state;

class impression_log {
public:
  static constexpr std::size_t issued_remembered = std::size_t{1} << 15;

  /// `open_impressions`: kept for one user; `shard`: whose counter the ids count; `days`: that an impression awaits feedback, 0: for ever.
  impression_log(std::uint32_t open_impressions, std::uint32_t shard, std::uint32_t days = 0);

  /// What day it is, counted from any day on. What has waited for too long has expired then. O(users · open_impressions), once a day.
  void at(std::uint32_t day);
  /// Impressions that have expired without feedback since this was asked last.
  [[nodiscard]] std::uint64_t take_expired() noexcept { return std::exchange(expired_, 0); }

  /// What feedback is about.
  struct context {
    creation_id creation = no_creation;
    std::uint64_t round : 54 = 0;
    std::uint64_t slot : 8 = 0; ///< from 0
    std::uint64_t arm : 2 = 0;  ///< of a comparison with control: an `ammo::arm`
  };
  /// An impression whose feedback came with it: any other is `feedback_twice`.
  void answered(impression_id id, user_id user) noexcept { issue(id, user, true); }
  /// An impression that awaits feedback; the user's oldest expires when there are too many.
  void open(impression_id id, user_id user, const context& about);
  /// Would feedback count? Errors: `unknown_impression`, `feedback_not_shown`, `feedback_twice`, `feedback_late`.
  /// If ok, it has counted: the impression is closed.
  result<context> close(impression_id id, user_id user);
  /// What `close` would answer; nothing changes.
  [[nodiscard]] result<context> peek(impression_id id, user_id user) const;
  /// It was not shown after all: as if it had never been issued.
  void revoke(impression_id id, user_id user);
  /// What an impression of this user's is of, whether or not it still awaits feedback. Errors: `unknown_impression`, `feedback_not_shown` (it
  /// was somebody else's), `feedback_late` (it isn't remembered any more).
  struct remembered : context {
    bool answered = false;
  };
  [[nodiscard]] result<remembered> recall(impression_id id, user_id user) const;
  /// Nothing that the user was shown awaits feedback any more.
  void forget(user_id user) { open_.erase(raw(user)); }

  /// What is known of a user's impressions; nothing: none is.
  [[nodiscard]] std::optional<awaiting_user_state> of(user_id user) const;
  /// Is known from here on, whatever was before. Errors (nothing changes): `bad_state`.
  result<void> put_back(const awaiting_user_state& of);

  [[nodiscard]] impression_log_state save() const;
  /// The same log again. Errors: `bad_state`, also where a user has more impressions than are kept.
  [[nodiscard]] static result<impression_log> restore(std::uint32_t open_impressions, std::uint32_t shard, std::uint32_t days,
                                                      const impression_log_state& state);

private:
  struct issued {
    std::uint64_t counter : 63 = 0;
    std::uint64_t answered : 1 = 0;
    user_id user{};
  };
  struct awaited {
    impression_id id{};
    context about;
    bool open = true;
    std::uint32_t day = 0; // of its issue
  };
  struct ring {
    std::vector<awaited> entries;
    std::size_t oldest = 0;
  };
  [[nodiscard]] bool over(const awaited& a) const noexcept { return days_ != 0 && today_ >= a.day && today_ - a.day >= days_; }
  [[nodiscard]] static awaiting_user_state saved(std::uint64_t user, const ring& r);
  [[nodiscard]] result<ring> restored(const awaiting_user_state& u) const;
  void drop_expired(ring& r);
  void issue(impression_id id, user_id user, bool answered) noexcept {
    auto counter = counter_of(id);
    issued_[counter % issued_remembered] = {counter, answered, user};
    newest_ = counter > newest_ ? counter : newest_;
  }
  [[nodiscard]] const awaited* find(impression_id id, user_id user) const noexcept;
  [[nodiscard]] errc why_not(impression_id id, user_id user) const noexcept;

  std::uint32_t open_impressions_, shard_, days_, today_ = 0;
  std::uint64_t expired_ = 0;
  std::uint64_t newest_ = 0;
  std::vector<issued> issued_;
  std::unordered_map<std::uint64_t, ring> open_; // by user
};

} // namespace ammo
