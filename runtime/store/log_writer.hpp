/// A node's log on a thread of its own: it owns the store's connection, so no caller ever waits for the store.
#pragma once

#include "actors/base/clock.hpp"
#include "runtime/store/commit_queue.hpp"
#include "runtime/store/store.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace ammo::store {

/// Told from the writer's thread, in order; they may call the writer and must not block.
struct log_events {
  std::function<void(std::uint64_t place)> on_durable; ///< every place up to this one is in the log
  std::function<void()> on_fenced;                     ///< this node was taken for dead: no further place becomes durable
  std::function<void(const failure&)> on_unavailable;  ///< each time an append has no answer; the writer goes on trying
};

class log_writer {
public:
  /// `me` has entered the store, with an empty log. A store that doesn't answer is asked again after 10 ms, then after
  /// twice as long each time, at most a second.
  log_writer(std::unique_ptr<state_store> to, incarnation me, commit_limits limits, log_events events,
             std::shared_ptr<const time_source> clock = machine_time());
  /// Waits for the append that is out; what isn't durable by then was never acknowledged.
  ~log_writer();
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Queues a frame; its place. Any thread. Errors: `store_unavailable`, `stopped`; see `commit_queue::add`.
  [[nodiscard]] result<std::uint64_t> add(std::span<const std::byte> frame);
  /// Queues the frame that says that a unit is given up, and gives it up with the block that has it: what was queued before is durable then. Blocks. `refused`:
  /// this node is fenced. Error: `store_unavailable`: the time is over; it will happen, or this node is fenced. One call at a time.
  [[nodiscard]] result<verdict> release(std::span<const std::byte> frame, unit_id unit, term_number term, std::chrono::milliseconds within);
  [[nodiscard]] std::uint64_t durable() const;
  [[nodiscard]] std::size_t waiting_bytes() const; ///< of frames that aren't durable yet
  /// Writes what waits without waiting for more to share the block; true when every place given out so far is in the
  /// log by then. False: fenced, or the time is over.
  [[nodiscard]] bool flush(std::chrono::milliseconds within);

private:
  /// A unit that is given up, with the place of the frame that says so.
  struct giving {
    std::uint64_t place = 0;
    unit_id unit{};
    term_number term = 0;
  };
  void run();
  [[nodiscard]] commit_queue::instant now() const;
  [[nodiscard]] result<verdict> write(const block& b, const std::optional<giving>& gives, bool again);
  [[nodiscard]] result<verdict> write_until_known(std::unique_lock<std::mutex>& turn);

  const std::unique_ptr<state_store> store_;
  const incarnation me_;
  const log_events events_;
  const std::shared_ptr<const time_source> clock_;
  mutable std::mutex turn_;
  std::condition_variable changed_;
  commit_queue queue_;
  std::optional<giving> gives_;
  bool hurry_ = false, stop_ = false;
  std::thread thread_;
};

} // namespace ammo::store
