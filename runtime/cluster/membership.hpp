/// What a node knows of its cluster, and what it is to do about it: whom to fence, which units to take, which to give away. Pure: it sees the
/// rows of the store as they were read, and times of its own clock (CLOCK_BOOTTIME).
///
/// The store decides who owns what. This mind asks for it at the right time, and stops counting in time. Its rules:
///  - A node counts while its lease holds (`store::lease`), and no longer: others may take its units from then on.
///  - A unit is free when it has no owner, or one that is fenced or gone. The node that should play it takes it at once; the next best after
///    `patience`, the one after that after twice as long. So a node that doesn't take what is its own holds nobody up.
///  - A unit moves to a node that should play it better once that node has been there for `settle`, a few at a time: until somebody has those, no more are given.
///    A node that let a unit lie isn't given any for `sulk`; one that says that it leaves, never.
///  - Rows that were read before this node changed a unit say nothing of it.
#pragma once

#include "runtime/cluster/placement.hpp"
#include "runtime/store/lease.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace ammo::cluster {

using instant = store::lease::instant; ///< milliseconds of a node's own clock
using std::chrono::milliseconds;

struct membership_times {
  milliseconds lease{3000};
  milliseconds patience{1000};
  milliseconds settle{2000};
  milliseconds sulk{10'000};
  std::size_t moves_at_once = 4;
};

class membership {
public:
  /// `entered`: when the node's entry into the store was sent. `units`: all of the deployment.
  membership(candidate me, std::vector<unit_needs> units, membership_times times, instant entered);

  // -- the lease ---------------------------------------------------------------------------------------------

  /// Right before an answer leaves: may it? The node isn't fenced, and its lease holds.
  [[nodiscard]] bool counts(instant now) const noexcept { return !ended_ && lease_.holds(now); }
  /// May this node answer for the unit?
  [[nodiscard]] bool answers_for(store::unit_id unit, instant now) const noexcept { return counts(now) && term_of(unit); }
  [[nodiscard]] instant next_beat(instant now) const noexcept { return lease_.next_beat(now); }
  /// The store said yes to a beat that was sent then.
  void on_beat(instant sent) noexcept { lease_.on_beat(sent); }
  /// The store refused a beat or an append: this node is fenced. It owns nothing, and comes back as a new incarnation.
  void on_fenced() noexcept;
  [[nodiscard]] bool ended() const noexcept { return ended_; }

  // -- looks -------------------------------------------------------------------------------------------------

  /// What the node is to do now.
  struct step {
    std::vector<store::incarnation> fence; ///< their lease is over
    std::vector<store::claim> take;        ///< as they were read; told to be under way until `on_take` or `on_take_unknown`
    std::vector<store::claim> found;       ///< owned without having been told: a take that was thought lost. Owned from here on
    struct move {
      store::claim what;
      store::incarnation to;
    };
    std::vector<move> give;                ///< told to be under way until `on_released` or `on_kept`
    std::vector<store::unit_id> unplayable; ///< units that no live node can play: `no_capable_node`
    bool name_taken = false;  ///< another node of this name goes on renewing its lease, and has the lower incarnation: stop
    bool rows_lost = false;   ///< the store has less than it has confirmed (a failover that lost commits): stop, loudly
  };
  /// The number of a look at the nodes and claims, which is sent now. One is under way at a time.
  [[nodiscard]] std::uint64_t begin_look(instant now) noexcept {
    look_sent_ = now;
    return ++looks_;
  }
  /// What a look has brought: the claims were read before the nodes, so that a node that has lost a unit finds itself fenced. An answer that
  /// comes behind a later one's says nothing.
  [[nodiscard]] step on_rows(std::uint64_t look, std::span<const store::node> nodes, std::span<const store::claim> claims, instant now);
  /// When to look again: with the next beat, and right after another's lease may be over.
  [[nodiscard]] instant next_look(instant now) const noexcept;

  // -- units -------------------------------------------------------------------------------------------------

  void on_taken(store::unit_id unit, store::term_number term);
  void on_not_taken(store::unit_id unit);    ///< refused, or nobody can say: a look will tell
  void on_released(store::unit_id unit);     ///< it is somebody else's, or free
  void on_kept(store::unit_id unit, instant until = {}); ///< the move was given up; it isn't tried again before then
  void on_leaving(store::incarnation who);   ///< it ends: it is given nothing, and nobody waits for it
  /// Another node has released a unit for this one to take. The claim to take, if it can be; `leaves`: that node gives all away.
  [[nodiscard]] std::optional<store::claim> on_offer(store::claim released, store::incarnation from, bool leaves, instant now);
  /// From now on this node gives everything away, and takes nothing.
  void leave() noexcept { leaving_ = true; }
  [[nodiscard]] bool leaving() const noexcept { return leaving_; }

  /// Of a unit that this node owns.
  [[nodiscard]] std::optional<store::term_number> term_of(store::unit_id unit) const noexcept;
  [[nodiscard]] bool gives(store::unit_id unit) const noexcept { return giving_.contains(unit); }
  [[nodiscard]] const std::map<store::unit_id, store::term_number>& owned() const noexcept { return owned_; }
  /// Who owns a unit, as far as the last look tells; nobody: it is free.
  [[nodiscard]] store::claim claim_of(store::unit_id unit) const;
  /// Nodes that lived at the last look, with this one.
  [[nodiscard]] const std::vector<candidate>& live() const noexcept { return live_; }

private:
  void see_nodes(std::span<const store::node> nodes, instant now, step& next);
  [[nodiscard]] bool renews(const store::node& namesake, instant now);
  void see_claim(const store::claim& c, const unit_needs& unit, std::uint64_t look, instant now, step& next);
  void take_free(const store::claim& c, std::span<const std::size_t> ranks, instant now, step& next);
  void give_better(store::claim c, std::span<const std::size_t> ranks, instant now, step& next);
  [[nodiscard]] bool declines(store::incarnation who, instant now) const;
  void changed(store::unit_id unit) { changed_[unit] = looks_; }

  const candidate me_;
  const std::vector<unit_needs> units_;
  const membership_times times_;
  store::lease lease_;
  bool ended_ = false, leaving_ = false;

  std::uint64_t looks_ = 0, seen_ = 0; ///< looks begun; the last one whose rows were seen
  instant look_sent_{};
  std::map<store::incarnation, instant> namesakes_; ///< nodes of this one's name: when the lease that they had first would be over at the latest
  std::vector<candidate> live_;
  std::map<store::incarnation, instant> since_;    ///< of a live node: when it was first seen
  std::map<store::incarnation, instant> declines_; ///< nodes that are given nothing, until then
  std::optional<instant> next_end_;                ///< the first lease of another that may be over
  std::set<store::incarnation> settled_out_;       ///< fenced, or unknown: what they own is free

  std::map<store::unit_id, store::claim> claims_;
  std::map<store::unit_id, std::pair<store::term_number, instant>> free_since_;
  std::map<store::unit_id, std::uint64_t> changed_; ///< looks up to this number say nothing of the unit
  std::map<store::unit_id, store::term_number> owned_, last_owned_;
  std::set<store::unit_id> taking_, giving_;
  std::map<store::unit_id, instant> kept_; ///< moves that were given up, until when
  std::set<store::unit_id> passed_; ///< released, and nobody is known to have them
};

} // namespace ammo::cluster
