/// What a person was shown, and when: so that a creation isn't shown more often in a time than the host allows. Pure.
#pragma once

#include "actors/protocol/messages/slates.hpp"
#include "actors/protocol/state/user_state.hpp"
#include "actors/user_buddy/seen_catalogues.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// At most so many showings of a creation within so many seconds.
struct most_showings {
  std::uint32_t times = 0; ///< 0: no limit
  std::uint64_t within_s = 0;
  friend bool operator==(const most_showings&, const most_showings&) = default;
};

/// A creation is known by its row and its Goal Buddy: one that moves stays the same. Bounded: of more than `most` showings the oldest are
/// forgotten, and those older than the longest time that was asked for. 32 bytes a showing.
class showing_log {
public:
  static constexpr std::size_t most = 8'192;

  /// Showings of the last so many seconds are kept from now on, if not of more already.
  void keep(std::uint64_t seconds) noexcept;
  /// A slate was proposed. `sure`: its first `slots` candidates are what is shown; else all count until `granted` says which. Where it throws, nothing
  /// has changed. Call `forget_old` once the slate counts.
  void proposed(std::uint64_t round, std::span<const candidate> candidates, std::uint32_t slots, bool sure, std::int64_t now_s,
                const seen_catalogues& live);
  /// Of that round's slate only these are shown.
  void granted(std::uint64_t round, std::span<const impression> shown);
  /// The live creations that were shown as often as the limit allows, ascending. O(showings log showings).
  [[nodiscard]] std::vector<creation_id> over(const most_showings& limit, std::int64_t now_s, const seen_catalogues& live) const;

  [[nodiscard]] showing_log_state save() const;
  /// What a round's proposal has added.
  [[nodiscard]] showing_log_state added(std::uint64_t round) const;
  /// Adds it again.
  void add(const showing_log_state& more);
  /// Nothing where the state isn't one.
  [[nodiscard]] static std::optional<showing_log> restored(const showing_log_state& s);

  /// Lets go of what is beyond its bounds.
  void forget_old(std::int64_t now_s) noexcept;

private:
  std::deque<showing_state> shown_; // oldest first
  std::uint64_t keep_s_ = 0;
};

} // namespace ammo
