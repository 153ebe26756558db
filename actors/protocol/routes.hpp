/// Where messages go: from addresses to the actors of this process. Handles live here, and nowhere else.
#pragma once

#include "actors/protocol/address.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace ammo {

/// The routing table of one process. Usable from any thread.
/// Roles with few actors (shards, subspaces, one of a kind) have places of their own, which are read without a lock; what was
/// routed there stays alive until `clear`. Buddies are found by hash, under the lock of a part of one user shard's.
class routes {
public:
  /// Room for the shards and subspaces of a deployment.
  explicit routes(std::uint32_t shards = 16, std::uint32_t subspaces = 16);
  ~routes();

  /// From now on the address leads to this actor, and to none that it led to before. Nothing after `end_buddies`.
  void open(address at, caf::actor to);
  /// Leads nowhere from now on.
  void close(address at);
  /// Null where it leads nowhere.
  [[nodiscard]] caf::actor find(address at) const;

  /// Calls `f` with the actor of an address; false where there is none.
  template <class F>
  bool reach(address at, F f) const {
    if (const auto* p = place(at)) {
      auto* actor = p->load(std::memory_order_acquire);
      return actor && (f(actor), true);
    }
    const caf::actor held = buddy(at);
    return held && (f(caf::actor_cast<caf::abstract_actor*>(held)), true);
  }

  /// The same for a thread that plays no actor: it may come while the actors end, or later. False once they are shut off.
  template <class F>
  bool reach_from_outside(address at, F f) const {
    const visit here(*this);
    return here.let_in() && reach(at, f);
  }
  /// From now on nobody outside reaches an actor; returns once nobody is about to.
  void shut_off() noexcept;

  /// Forgets all buddies, and takes no more: whom nobody else knows ends. A delayed message holds its receiver until it
  /// comes; `tell`: users' buddies may await one, so they are told to end, too.
  void end_buddies(bool tell = false);
  /// Forgets everyone. After `shut_off`, and once every actor has ended.
  void clear();

private:
  /// Actors by number, in open addressing: a look-up takes one line of the cache, as a broadcast makes many thousands.
  class actors_by_id {
  public:
    /// `hash`: the id's, which the caller knows already.
    [[nodiscard]] caf::actor find(std::uint64_t id, std::uint64_t hash) const;
    /// These return who was there before.
    caf::actor put(std::uint64_t id, std::uint64_t hash, caf::actor who);
    caf::actor take(std::uint64_t id, std::uint64_t hash);
    template <class F>
    void each(F f) const {
      for (const entry& e : entries_)
        if (e.who)
          f(e.who);
    }
    /// Nobody is here any more.
    void give(std::vector<caf::actor>& to);

  private:
    struct entry {
      std::uint64_t id = 0;
      caf::actor who; ///< null: free
    };
    [[nodiscard]] std::size_t at(std::uint64_t id, std::uint64_t hash) const noexcept;
    void grow();
    std::vector<entry> entries_; ///< a power of two of them, a third of them free at least
    std::size_t size_ = 0;
  };
  using fixed_place = std::atomic<caf::abstract_actor*>;
  /// Of a thread that plays no actor, for as long as it holds one.
  class visit {
  public:
    explicit visit(const routes& to) noexcept : to_(to), let_in_((to.visits_.fetch_add(1, std::memory_order_acq_rel) & off) == 0) {}
    ~visit() {
      if (to_.visits_.fetch_sub(1, std::memory_order_acq_rel) & off)
        to_.visits_.notify_all();
    }
    visit(const visit&) = delete;
    visit& operator=(const visit&) = delete;
    [[nodiscard]] bool let_in() const noexcept { return let_in_; }

  private:
    const routes& to_;
    const bool let_in_;
  };
  struct alignas(64) part {
    std::mutex lock;
    actors_by_id users, goals;
    [[nodiscard]] actors_by_id& of(role r) noexcept { return r == role::user_buddy ? users : goals; }
  };

  [[nodiscard]] fixed_place* place(address at) const noexcept {
    const auto& of_role = places_[static_cast<std::size_t>(at.of)];
    return at.id < of_role.size ? &of_role.first[at.id] : nullptr;
  }
  [[nodiscard]] part& part_of(std::uint64_t hash) const noexcept { return parts_[hash % count_]; }
  [[nodiscard]] caf::actor buddy(address at) const;

  struct row {
    std::size_t size = 0;
    std::unique_ptr<fixed_place[]> first;
  };
  std::array<row, static_cast<std::size_t>(role::end_)> places_;
  std::size_t count_;
  std::unique_ptr<part[]> parts_;
  std::atomic<bool> ended_{false};
  static constexpr std::uint64_t off = std::uint64_t{1} << 63;
  mutable std::atomic<std::uint64_t> visits_{0}; // under way; with `off` once they are shut off
  std::mutex keeping_;
  std::vector<caf::actor> kept_; // everyone who ever had a place: raw pointers to them are read without a lock
};

} // namespace ammo
