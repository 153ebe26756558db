/// One run of a node as a member of its cluster: renews its lease, looks at the store's rows, fences the dead, and says what is to be done.
/// Lives here: a thread and a connection of its own. May not live here: what decides (`cluster::membership`), an actor, a link.
#pragma once

#include "runtime/cluster/membership.hpp"
#include "runtime/store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace ammo {

/// Told on the member's thread; they must not block, and may call the member.
struct member_events {
  std::function<void(std::span<const store::node>, std::span<const store::claim>)> on_look; ///< the rows, as they were just read
  std::function<void(std::span<const store::claim>)> on_take;                               ///< nobody has them, and this node should
  std::function<void(std::span<const cluster::membership::step::move>)> on_give;            ///< other nodes should have them
  std::function<void()> on_fenced;                                                          ///< it was taken for dead: nothing that it does counts. Once, and last
  std::function<void(const failure&)> on_end;                                               ///< it must not go on, under this name or with this store. Once, and last
  std::function<void(const failure&)> on_trouble;                                           ///< the store gave no answer; it is asked again
};

class member {
public:
  /// Milliseconds of a clock that goes on while the machine sleeps.
  [[nodiscard]] static cluster::instant now() noexcept;

  /// `store`: a connection of its own. `me` has entered it at `entered`. `units`: all that is played.
  member(std::unique_ptr<store::state_store> store, cluster::candidate me, std::vector<cluster::unit_needs> units, cluster::membership_times times,
         cluster::instant entered, member_events events);
  /// Its thread ends; nothing is told any more.
  ~member();
  member(const member&) = delete;
  member& operator=(const member&) = delete;

  // -- any thread --------------------------------------------------------------------------------------------
  /// Does its lease hold? Nobody else can have what it owns.
  [[nodiscard]] bool holds() const;
  /// Somebody waits for what the rows say: looks soon, forty times a second at most.
  void look_soon();
  void on_taken(store::unit_id unit, store::term_number term);
  void on_not_taken(store::unit_id unit);
  void on_released(store::unit_id unit);
  void on_kept(store::unit_id unit, std::chrono::milliseconds for_now); ///< it isn't to be given away for so long
  void on_leaving(store::incarnation who);
  /// From now on it takes nothing.
  void leave();

private:
  void run();
  [[nodiscard]] bool beat();
  [[nodiscard]] bool look();
  [[nodiscard]] bool fence(std::span<const store::node> nodes, std::span<const store::incarnation> over);

  const std::unique_ptr<store::state_store> store_;
  const store::incarnation me_;
  const cluster::membership_times times_;
  const member_events events_;
  mutable std::mutex turn_; ///< of what follows
  std::condition_variable changed_;
  cluster::membership mind_;
  cluster::instant looked_{}, next_look_{}, next_try_{};
  bool stop_ = false, wanted_ = false, silent_ = false;
  std::thread thread_;
};

} // namespace ammo
