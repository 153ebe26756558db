/// Whom a MetaSpace shard wakes when a catalogue changes: the users whose slates a new creation could enter, by what their
/// buddies have registered (`watch`). Pure; one owner.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/cones/reverse_top_n.hpp"

#include <deque>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace ammo {

struct watch_book_state;
struct watched_catalogue_state;
struct watcher_state;

/// Nobody is missed: a user whose posterior mean is within the slack that was registered, and whose slate a fresh creation
/// would enter, is among those woken. Some are woken in vain (a buddy looks for itself); with a slack that fits, few.
/// - A registered slate that loses a creation holds its threshold up no more: that user is woken by any fresh creation
///   until they register again.
/// - A registration of a catalogue that has changed meanwhile is answered at once with what was fresh since then and
///   could enter.
/// - Who hasn't registered isn't woken: their buddy knows nothing of them yet.
class watch_book {
public:
  explicit watch_book(layout space);

  /// Registers, in place of what the user registered before. Returns what they have to be told at once. O(d) a
  /// subspace, and a hash for each creation of the slate.
  /// Errors (nothing changes): `wrong_dimension`, `not_finite` (also a slack below 0), `too_many_slots`.
  result<std::vector<wake>> put(const watch& w);
  void remove(user_id user);

  /// A wake, and whom it goes to.
  struct call {
    wake what;
    std::vector<user_id> users;   ///< ascending
    std::size_t looked_at = 0;    ///< of what is fresh
    [[nodiscard]] bool complete() const noexcept { return looked_at == what.fresh.size(); }
  };
  /// The next version of a subspace; nobody is called where nothing is fresh. One no newer than the one held is ignored.
  /// Where much is fresh and many watch it, only the first part of that was looked at: the rest by `look_on`.
  [[nodiscard]] call see(const catalogue_news& news);
  /// Looks at more of what is fresh, for about a millisecond. Who registers meanwhile is answered by `put`.
  void look_on(call& c);

  [[nodiscard]] std::size_t size() const noexcept { return slates_.size(); }

  [[nodiscard]] watch_book_state save() const;
  /// Wakes the same users again; the index over them is built anew. Errors: `bad_state`, also for another layout.
  [[nodiscard]] static result<watch_book> restore(layout space, const watch_book_state& state);

private:
  [[nodiscard]] std::vector<wake> watch_from_now_on(const watch& w);
  /// What came with a version.
  struct edition {
    std::uint64_t version;
    std::vector<creation_id> fresh, replaced;
  };
  struct section {
    reverse_top_n watched;
    std::shared_ptr<const catalogue_version> snapshot = {};
    std::deque<edition> editions = {}; // the last ones
  };
  static constexpr std::size_t editions_kept = 1024;
  /// Coordinates of users that are looked at in a turn; by a look, one creation at least.
  static constexpr std::size_t turn_work = std::size_t{1} << 21;

  result<void> restore_catalogue(std::size_t at, const watched_catalogue_state& c);
  result<void> restore_watcher(const watcher_state& w);
  [[nodiscard]] errc check(const watch& w) const;
  /// And the doubt about it.
  void forget_slate(user_id user);
  void doubt_holders_of(creation_id gone);
  [[nodiscard]] bool is_live(creation_id id) const;
  [[nodiscard]] wake missed_by(const watch& w, std::size_t at) const;

  layout space_;
  std::vector<section> sections_;                                       // by subspace
  std::unordered_map<std::uint64_t, std::vector<creation_id>> slates_;  // by user
  std::unordered_map<std::uint64_t, std::unordered_set<std::uint64_t>> holders_; // users by creation of their slates
  std::unordered_set<std::uint64_t> doubtful_;                          // users that have lost a creation
};

} // namespace ammo
