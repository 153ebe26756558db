/// Who may still spend what: exact integers, in micro-units. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/ids.hpp"

#include <cstddef>
#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>

namespace ammo {

struct ledger_state;

/// Whose keys a key counts with: its two highest bits. A Goal Buddy's own keys, those that a host chooses and those that a
/// host leaves open (see runtime.cpp) are three series, and each is remembered for itself.
[[nodiscard]] constexpr std::size_t series_of(std::uint64_t key) noexcept { return key >> 62; }
inline constexpr std::size_t key_series = 4;

/// Accounts of Goal Buddies. granted = spent + reserved + balance, always, to the micro-unit.
class ledger {
public:
  /// Committed keys that an account remembers of each series.
  static constexpr std::size_t remembered = 64;

  /// Opens an account, or adds to it. Errors: `budget_negative`, `budget_overflow`.
  result<void> grant(goal_id goal, std::int64_t micros);
  /// Sets `micros` aside under an idempotency key. A key that was reserved or committed before answers ok again and
  /// sets nothing aside. The last `remembered` committed keys of an account are known; keys count up, so one below all
  /// of them is `bad_value` rather than charged again. Errors: also `unknown_goal`, `budget_negative`,
  /// `budget_exceeded` (says how much is missing).
  result<void> reserve(goal_id goal, std::uint64_t key, std::int64_t micros);
  /// Spends what the key has reserved; a second time does nothing. Errors: `unknown_goal`, `bad_value` when the key
  /// never was reserved.
  result<void> commit(goal_id goal, std::uint64_t key);
  /// Gives back what the key has reserved (nothing, where committed). Errors as `commit`.
  result<void> release(goal_id goal, std::uint64_t key);
  /// Takes back what was granted to an account that has spent and reserved nothing, and forgets it. Another one, or an
  /// unknown one, stays as it is.
  void close(goal_id goal) noexcept;
  /// Forgets an account with everything that was granted to it, spent and reserved. An unknown one is nothing.
  void remove(goal_id goal) noexcept;
  [[nodiscard]] bool has(goal_id goal) const noexcept;
  [[nodiscard]] std::size_t accounts() const noexcept { return accounts_.size(); }
  [[nodiscard]] bool committed(goal_id goal, std::uint64_t key) const noexcept;
  [[nodiscard]] std::int64_t balance(goal_id goal) const noexcept; ///< 0 for an unknown Goal Buddy
  [[nodiscard]] std::int64_t granted() const noexcept { return granted_; } ///< over all accounts
  [[nodiscard]] std::int64_t spent() const noexcept { return spent_; }
  [[nodiscard]] std::int64_t reserved() const noexcept { return reserved_; }

  [[nodiscard]] ledger_state save() const;
  /// The same ledger again. Errors: `bad_state` where an account doesn't add up.
  [[nodiscard]] static result<ledger> restore(const ledger_state& state);

private:
  struct account {
    std::int64_t granted = 0, spent = 0, reserved = 0;
    std::map<std::uint64_t, std::int64_t> open; // key → reserved
    std::array<std::set<std::uint64_t>, key_series> done; // committed keys: the `remembered` largest of each series
    [[nodiscard]] std::int64_t balance() const noexcept { return granted - spent - reserved; }
    [[nodiscard]] bool settled(std::uint64_t key) const { return done[series_of(key)].contains(key); }
    [[nodiscard]] bool forgotten(std::uint64_t key) const {
      const auto& series = done[series_of(key)];
      return series.size() == remembered && key < *series.begin();
    }
  };
  result<account*> account_of(goal_id goal);
  /// What the key had set aside, set aside no longer; 0 where it was committed before.
  result<std::int64_t> take_reserved(account& a, std::uint64_t key);

  std::unordered_map<std::uint64_t, account> accounts_;
  std::int64_t granted_ = 0, spent_ = 0, reserved_ = 0;
};

} // namespace ammo
