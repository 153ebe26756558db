/// The members of an actor group, and how far its broadcasts have come: who is a member, and what each has been sent.
#pragma once

#include "actors/base/ended_lives.hpp"
#include "actors/protocol/address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <vector>

namespace ammo {

/// Members by identity, each at its address in one of its lives (see ended_lives), and broadcasts to them, numbered from 1. A broadcast goes
/// to everyone who was a member when it began and still is, in turns, one broadcast after the other. Joins and leaves may come
/// late, twice and out of order. Pure: the caller sends.
class group {
public:
  enum class arrival : std::uint8_t {
    fresh,    ///< a new member
    again,    ///< a member in a later life than before: it knows nothing of the one before
    repeated, ///< a member in this life already
    stale,    ///< that life is over: no member
  };
  /// A new member is not sent what has begun before: the caller sends it the newest of everything.
  arrival join(std::uint64_t id, address at, std::uint64_t life = 0);
  /// True: it was a member, and has left.
  bool leave(std::uint64_t id, std::uint64_t life, time_source::instant now);
  /// Leaves without an end: the same life may join again.
  bool remove(std::uint64_t id);

  [[nodiscard]] bool has(std::uint64_t id) const { return places_.contains(id); }
  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// In no order.
  template <class F>
  void each(F f) const {
    for (const auto& [id, at] : places_)
      f(id);
  }

  /// The same, with their lives: `f(id, life)`.
  template <class F>
  void each_member(F f) const {
    for (const auto& [id, at] : places_)
      f(id, members_[at].life);
  }

  /// Begins a broadcast to all members, and returns its number.
  std::uint64_t begin();
  [[nodiscard]] bool broadcasting() const noexcept { return !under_way_.empty(); }

  struct turn {
    std::uint64_t broadcast = 0; ///< 0: none is under way
    bool last = false;           ///< everyone has been sent it now
  };
  /// Calls `send(address)` for the next members of the oldest broadcast under way, after at most `most` places.
  template <class F>
  turn next(std::size_t most, F send) {
    if (under_way_.empty())
      return {};
    auto& b = under_way_.front();
    for (const auto until = std::min(b.next + most, b.end); b.next < until; ++b.next)
      if (members_[b.next].here)
        send(members_[b.next].at);
    return finish_turn();
  }

  /// The number of the newest broadcast that a member has been sent, or that had begun before it became one. 0 for anybody else.
  [[nodiscard]] std::uint64_t sent_to(std::uint64_t id) const;

  /// Places of members, those of who has left included.
  [[nodiscard]] std::size_t places() const noexcept { return members_.size(); }

private:
  struct member {
    address at;
    std::uint64_t id = 0, life = 0;
    std::uint64_t since : 63 = 0; // the newest broadcast that had begun
    bool here : 1 = true;
  };
  struct broadcast {
    std::uint64_t number = 0;
    std::size_t next = 0, end = 0; // places
  };
  turn finish_turn();
  void compact_if_idle();

  std::vector<member> members_;                          // by place; a place stays while a broadcast is under way
  std::unordered_map<std::uint64_t, std::size_t> places_; // by identity
  std::deque<broadcast> under_way_;
  std::uint64_t begun_ = 0;
  std::size_t gaps_ = 0;
  ended_lives ended_;
};

} // namespace ammo
