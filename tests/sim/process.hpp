/// A simulated node: it asks the minds and does what they say, as a real one's threads and links would.
#pragma once

#include "runtime/cluster/handover.hpp"
#include "runtime/cluster/membership.hpp"
#include "runtime/cluster/router.hpp"
#include "runtime/cluster/running_totals.hpp"
#include "runtime/cluster/unit_calls.hpp"
#include "runtime/cluster/waiting_room.hpp"
#include "runtime/store/commit_queue.hpp"
#include "tests/sim/world.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ammo::sim {

inline constexpr cluster::membership_times times{};

class process {
public:
  process(world& w, std::uint32_t node);
  void start();
  void on_message(const message& m);
  /// After every event: does what is due.
  void wake();
  void leave(milliseconds away);

  [[nodiscard]] std::size_t live() const { return member_ ? member_->live().size() : 0; }
  [[nodiscard]] store::incarnation best_for(store::unit_id unit) const;
  [[nodiscard]] bool serves(store::unit_id unit) const;

private:
  /// A unit that this node owns or is about to own.
  struct held_unit {
    enum class stage : std::uint8_t { taking,
                                      reading,
                                      serving };
    stage at = stage::taking;
    store::term_number term = 0;
    std::vector<std::pair<std::uint64_t, entry>> history; ///< with places in this node's log; 0: of terms before
    std::uint64_t noted = 0;
    std::int64_t answers = 0;
    cluster::unit_calls<std::int64_t, store::incarnation> calls;
    std::optional<cluster::running_totals> totals;
    milliseconds say_totals{};
    cluster::amounts said; ///< for a rule that is broken: what was said so far
    cluster::totals_book book;
    std::deque<std::pair<std::uint64_t, totals_message>> bookings; ///< whose frames aren't durable yet
    cluster::waiting_room<call_message> room{256, milliseconds{500}};
    std::optional<cluster::handover> move;
  };
  struct own_call {
    call_message what;
    milliseconds deadline{};
    int tries = 1;
    std::optional<milliseconds> opened{}; ///< where it is to be seen how long it takes
  };

  // process.cpp: the lease, looks, the log
  void enter(milliseconds first);
  void beat();
  void look();
  void on_step(const cluster::membership::step& next);
  void append();
  void on_append(bool again, std::optional<store::verdict> v);
  void on_durable();
  void end(milliseconds again_after);
  [[nodiscard]] milliseconds now() const { return world_.local(node_); }
  void plan(milliseconds when);

  // units.cpp: units and what is said of them
  void take(const store::claim& c);
  void read_back(store::unit_id unit, store::term_number term);
  void on_read(store::unit_id unit, store::term_number term, const std::vector<entry>& history);
  void adopt(held_unit& u, const entry& e);
  void give(const cluster::membership::step::move& m);
  void move_on(store::unit_id id, held_unit& u);
  void on_released(store::unit_id id);
  void drop(store::unit_id id);
  void serve(const call_message& c);
  void count(held_unit& u, const call_message& c);
  void book(const totals_message& m);
  void say_totals(store::unit_id id, held_unit& u);
  std::optional<std::uint64_t> note(held_unit& u, const entry& e);
  void reply(store::unit_id unit, store::incarnation to, std::uint64_t key, std::int64_t answer);
  void away(const call_message& c, const store::claim& next);
  [[nodiscard]] bool may_answer(store::unit_id unit) const;

  // clients.cpp
  void call_somebody();
  void route();
  void on_end(std::uint64_t key, errc code);
  void open(own_call c);

  world& world_;
  const std::uint32_t node_;
  store::incarnation me_;
  std::optional<cluster::membership> member_;
  cluster::router router_;
  store::commit_queue queue_{{.wait = std::chrono::microseconds{5000}}};
  std::optional<std::pair<store::unit_id, std::uint64_t>> releasing_; ///< and the place of the frame that says so
  std::map<store::unit_id, held_unit> units_;
  std::map<std::uint64_t, own_call> calls_;
  bool ended_ = false, beats_ = false, looks_ = false;
  milliseconds beat_at_{}, look_at_{}, call_at_{}, append_pause_{10};
  std::optional<milliseconds> leaves_by_;
  milliseconds away_for_{};
  std::optional<milliseconds> planned_;
};

} // namespace ammo::sim
