/// Keeps a live runtime's state: takes frames from bodies, writes them to a store, snapshots units, and brings all back at a start.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/protocol/frame_log.hpp"
#include "runtime/cluster/fair_queue.hpp"
#include "runtime/state/decisions/decision_log.hpp"
#include "runtime/state/lease_keeper.hpp"
#include "runtime/state/noted_frame.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/store/log_writer.hpp"
#include "runtime/system/actor_graph.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

namespace ammo {

/// Keys whose answers are kept.
inline constexpr std::size_t keys_kept = 16'384;

/// What a process is in a cluster whose state it keeps: it has entered the store, and renews its lease by itself. It has no unit at first.
struct node_seat {
  store::incarnation who;
  std::function<bool()> holds; ///< does its lease? Any thread
};

/// What became of units that were asked for.
struct taken_units {
  std::vector<store::claim> mine;      ///< with their new terms, ascending
  std::vector<store::unit_id> missed;  ///< another node was first
  std::vector<std::pair<store::claim, failure>> unread; ///< this node's, and nobody serves them: what was there can't be read
  recovered_minds minds;               ///< by shard and by subspace; null: it isn't among them
  std::vector<key_frame> answers;      ///< under keys, oldest first
};

class state_keeper final : public frame_log {
public:
  /// Opens the store, and holds the folder that it is in; nothing of it has changed but for a layout where there was none.
  /// Errors: those of `state_folder::hold` and of the store, `state_other_layout`.
  /// `seat`: of a node; none: this process has the state alone.
  [[nodiscard]] static result<std::shared_ptr<state_keeper>> open(const options& deployment, const layout& space, context_ptr ctx,
                                                                  std::optional<node_seat> seat = {});
  /// What a state of that space is laid out for.
  [[nodiscard]] static store::state_layout layout_of(const layout& space, unit_numbers units);
  ~state_keeper() override;

  /// Brings back what was there, and makes this process the owner of all of it. Once.
  /// Errors: those of the store; `state_in_use`, with the process that has it; `state_damaged`, with the unit and the place in the log;
  /// `bad_state` where the options no longer fit.
  [[nodiscard]] result<recovered_minds> recover(mind_configs configs);
  /// Of what was brought back: answers under keys, oldest first. Before `start`.
  [[nodiscard]] std::vector<key_frame> answers() const;

  // -- units of a node come and go ---------------------------------------------------------------------------
  /// Takes units that are free, and brings back what was there. `by`: a connection that nobody uses meanwhile. Blocks. Until `serves` says that their bodies are
  /// at work, no snapshot asks for them. Errors: those of `recover`; some of the units may be this node's then, so it must end its run.
  [[nodiscard]] result<taken_units> take(store::state_store& by, std::vector<store::claim> free, mind_configs configs);
  void serves(std::span<const store::claim> mine);
  /// Users, awake ones, and Goal Buddies of a unit that is here.
  [[nodiscard]] std::size_t entities(store::unit_id number);
  /// A snapshot of these units, while they go on. False: there is none within that time. Any thread but the keeper's own.
  [[nodiscard]] bool snapshot(std::vector<store::unit_id> units, std::chrono::milliseconds within);
  /// What they note from here on isn't kept.
  void let_go(store::unit_id number);
  /// Behind `let_go`: all that was noted of it is durable, and another node may have it. Blocks. `refused`: this node is fenced. Errors: `store_unavailable`:
  /// nobody can say whether it happened.
  [[nodiscard]] result<store::verdict> release(const store::claim& mine, std::chrono::milliseconds within);

  /// Begins to write. `on_durable` is called from a thread of its own with each new durable place; it must not block.
  void start(std::function<void(std::uint64_t)> on_durable);
  /// Waits until all that was noted is written; false: the time is over, or it never will be.
  [[nodiscard]] bool written(std::chrono::milliseconds within) { return log_ && log_->flush(within) && !lost_; }
  /// A snapshot of all units now, while everybody goes on. False: there is none within that time. Any thread but the keeper's own.
  [[nodiscard]] bool snapshot(std::chrono::milliseconds within);
  /// A last snapshot (unless `last` says that there was one just now), while the bodies are there, at most for so long; then all that was noted is written.
  void stop(std::chrono::milliseconds within, bool last = true);
  /// After `stop`: from here on it sends nothing to bodies, so that they may end. What they note is written.
  void part_from_bodies();
  /// After the last body has ended: writes what is left, and lets the folder go.
  void close();

  std::uint64_t note(address unit, address entity, std::uint16_t what, std::span<const std::byte> frame) override;
  std::uint64_t note_slate(address unit, address entity, slate_frame slate, const embedder& embed) override;
  [[nodiscard]] std::uint64_t noted() const override { return noted_.load(std::memory_order_acquire); }
  [[nodiscard]] result<void> takes_changes() const override;
  [[nodiscard]] result<void> takes_slates() const override;
  void bring_back(address part) noexcept override;
  [[nodiscard]] std::uint64_t asleep() const override { return asleep_.load(std::memory_order_acquire); }
  void wake(user_id user) override;
  void is_awake(user_id user) noexcept override;
  /// Users who have woken, of which the bridge hasn't heard yet.
  [[nodiscard]] std::size_t wakes_not_heard() const;

private:
  /// A user who isn't asleep.
  struct present {
    std::chrono::seconds used{}; ///< by the runtime's clock: when their last frame was noted
    std::uint64_t place = 0;     ///< of their User Buddy's last frame
  };
  struct unit {
    std::mutex turn;
    store::term_number term = 0; ///< 0: it isn't this node's
    bool serves = false;         ///< its bodies are at work
    std::map<std::uint64_t, present> users;                         ///< here now
    std::uint64_t asleep = 0;                                       ///< users who are rows of the store
    std::map<std::uint64_t, std::uint64_t> outdated;                ///< users whose row, if there is one, is of before, and the place that says so
    std::map<std::uint64_t, std::vector<std::byte>> goals;          ///< how each was admitted: its frame
    std::unordered_set<creation_id> named;                          ///< in the log since the snapshot before
  };
  state_keeper(std::string place, std::optional<state_folder> folder, std::unique_ptr<store::state_store> store, unit_numbers units,
               const durability_options& how, context_ptr ctx);

  // recovery (recovery.cpp, past.cpp)
  struct past;
  void begin_units(past& p, const mind_configs& configs, std::span<const store::unit_id> units);
  [[nodiscard]] result<void> read_all(past& p);
  [[nodiscard]] result<void> read_units(past& p, std::span<const store::unit_id> units);
  [[nodiscard]] result<void> read_logs(past& p);
  [[nodiscard]] result<std::optional<store::bytes>> newest_snapshot(past& p, store::unit_id u);
  [[nodiscard]] result<void> adopt(past& p, store::unit_id u, store::position at, std::span<const std::byte> state);
  [[nodiscard]] std::vector<key_frame> answers_in(past& p, store::unit_id u) const;
  [[nodiscard]] result<void> apply(past& p, const noted_frame& f, store::position at);
  [[nodiscard]] result<void> apply_key(past& p, const noted_frame& f);
  void bring_all_back();
  [[nodiscard]] result<void> bring_one_back(address part);
  void close_keys(past& p);
  [[nodiscard]] result<void> take_over(const past& p);
  [[nodiscard]] result<void> take_units(std::vector<store::claim> free);
  [[nodiscard]] result<recovered_minds> bring_back(store::state_store& by, std::span<const store::claim> mine, const mind_configs& configs);
  [[nodiscard]] recovered_minds nothing_yet(mind_configs configs) const;
  [[nodiscard]] recovered_minds finished(past& p, mind_configs configs);
  /// What minds of a shard are made by, now.
  [[nodiscard]] std::shared_ptr<user_config> users_of(std::uint32_t shard) const;

  // frames
  void follow_key(store::unit_id of, key_frame key, bool brought_back = false);
  void order_keys();
  void forget_keys(store::unit_id of);
  [[nodiscard]] std::vector<key_frame> answers_of(store::unit_id of) const;
  [[nodiscard]] bool serves(store::unit_id number);
  [[nodiscard]] store::term_number term_of(store::unit_id number);
  std::uint64_t add(unit& u, const noted_frame& f, bool pushed = false);
  void follow(unit& u, const noted_frame& f);
  void now_is(errc fault);
  void fail(const failure& why);
  void on_fenced();

  // sleepers (sleepers.cpp)
  [[nodiscard]] std::chrono::seconds now() const;
  /// From the runtime's clock to the wall's, in seconds since 1970, and back: a restart goes on with what was.
  [[nodiscard]] std::int64_t on_wall(std::chrono::seconds at) const;
  [[nodiscard]] std::chrono::seconds of_wall(std::int64_t at) const;
  void let_sleep();
  void let_sleep(std::uint32_t shard, std::span<const std::uint64_t> users);
  [[nodiscard]] std::vector<std::uint64_t> unused(std::uint32_t shard);
  [[nodiscard]] result<void> put_rows(store::unit_id u, store::term_number term, std::span<const store::sleeper> rows);
  using attempts = std::map<std::uint64_t, std::shared_ptr<sleep_attempt>>; ///< by user
  void tell_asleep(std::uint32_t shard, std::span<const store::sleeper> rows, attempts& open);
  [[nodiscard]] result<void> drop_outdated(store::unit_id u, std::uint64_t up_to);
  void wake_all();
  void tell_again();
  [[nodiscard]] result<void> wake_up(store::state_store& from, user_id user);

  // snapshots (snapshots.cpp)
  void run();
  [[nodiscard]] bool due(time_source::instant taken) const;
  void look_at_size();
  void drain_decisions();
  /// So many tenths of the quota are taken.
  [[nodiscard]] bool fills(unsigned tenths) const noexcept {
    return how_.state_mb != 0 && size_.load(std::memory_order_relaxed) >= (std::uint64_t{how_.state_mb} << 20) / 10 * tenths;
  }
  void snapshot_some();
  [[nodiscard]] bool snapshot_all();
  void note_snapshot(const result<void>& done);
  [[nodiscard]] result<void> snapshot_of(store::unit_id u);
  [[nodiscard]] result<void> snapshot_host();
  [[nodiscard]] result<void> snapshot_shard(std::uint32_t shard);
  [[nodiscard]] result<std::vector<std::pair<std::uint64_t, user_mind_state>>> minds_of(unit& u, std::vector<std::uint64_t> users);
  [[nodiscard]] result<void> snapshot_subspace(std::uint32_t at);
  [[nodiscard]] result<void> publish(store::unit_id u, store::position at, std::span<const std::byte> state);
  [[nodiscard]] result<void> prune();

  const std::string place_;
  std::optional<state_folder> folder_; ///< where it is one; else a lease says whose the state is
  const unit_numbers units_;
  const durability_options how_;
  context_ptr ctx_; ///< until the keeper is closed
  std::unique_ptr<store::state_store> store_; ///< of recovery, then of the snapshots' thread
  std::unique_ptr<decision_log> decisions_;   ///< of the snapshots' thread; null: none are kept
  bool decisions_failed_ = false;
  store::incarnation me_;
  std::vector<std::unique_ptr<unit>> unit_; ///< by number
  struct key_of {
    store::unit_id unit{};
    key_frame what;
  };
  mutable std::mutex keys_;              ///< of what follows; taken within a unit's turn
  cluster::fair_queue<key_of> answers_{keys_kept};
  std::vector<key_of> loaded_;           ///< of units that are being brought back
  std::map<std::uint64_t, key_of> open_; ///< by key: calls that could count twice, and have no answer yet
  std::optional<evolution_mind_state> strains_; ///< that were noted last; under the first unit's turn
  std::optional<node_seat> seat_;       ///< of a node
  std::unique_ptr<lease_keeper> lease_; ///< null: the folder's lock is enough, or a node renews its own
  std::unique_ptr<store::log_writer> log_;
  std::atomic<std::uint64_t> noted_{0};
  std::atomic<errc> fault_{errc::ok}; ///< of the store, until it answers again
  std::atomic<bool> lost_{false};     ///< a frame found no room: nothing is acknowledged any more

  mutable std::mutex made_by_;
  mind_configs configs_; ///< of minds that are brought back; under made_by_

  std::mutex snapshots_;
  std::condition_variable wanted_;
  std::atomic<std::uint64_t> since_{0}; ///< frames since the last snapshots
  std::atomic<std::uint64_t> users_{0};
  bool stopping_ = false, last_done_ = false; ///< under snapshots_
  bool last_wanted_ = true;                   ///< under snapshots_
  std::uint64_t asked_ = 0, taken_ = 0;       ///< snapshots that were asked for, and those of them that were taken; under snapshots_
  std::vector<store::unit_id> some_;          ///< units whose snapshot is asked for; under snapshots_
  std::uint64_t some_asked_ = 0, some_taken_ = 0; ///< as asked_ and taken_, of those
  bool older_differs_ = false;                ///< of the two newest snapshots; the snapshots' thread's
  std::atomic<std::uint64_t> size_{0};        ///< of the state when it was last looked at, in bytes; kept where there is a quota
  std::vector<address> away_; ///< parts that wait for their minds; under snapshots_
  std::vector<address> returning_, later_; ///< of these, at work; the snapshots' thread's. Room for all from the start: memory may have run out
  std::thread thread_;

  std::atomic<std::uint64_t> asleep_{0}; ///< of all units
  time_source::instant looked_{};        ///< for users who are to sleep; the snapshots' thread's
  mutable std::mutex waking_;
  std::condition_variable called_;
  std::deque<user_id> wanted_awake_; ///< under waking_; one a user that the bridge waits for
  struct wake_told {
    back_from_sleep what;
    time_source::instant when;
    std::chrono::milliseconds patience;
  };
  std::map<std::uint64_t, wake_told> told_awake_; ///< by user, until the bridge has heard of it; under waking_
  bool waking_ends_ = false;         ///< under waking_
  std::mutex telling_;
  bool tells_ = true; ///< of what is durable; under telling_
  std::thread waker_;
};

} // namespace ammo
