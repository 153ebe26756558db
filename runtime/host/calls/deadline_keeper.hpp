/// Ends the calls of a host at their deadlines, whatever actors and callbacks are doing.
#pragma once

#include "runtime/host/calls/ticket.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace ammo {

/// Calls that are under way, in the order of their deadlines. Pure: the caller knows the time and ends them.
class deadline_book {
public:
  /// True: it is due before all others. O(1) where deadlines come in their order. Those that were answered are forgotten in time: what
  /// is kept is bounded by twice the calls under way, or a thousand.
  bool add(std::shared_ptr<ticket> t);
  /// The next one to come; nothing where no call is under way.
  [[nodiscard]] std::optional<time_source::instant> next();
  /// Takes out those whose deadline has come.
  [[nodiscard]] std::vector<std::shared_ptr<ticket>> due(time_source::instant now);
  /// Takes out all of them.
  [[nodiscard]] std::deque<std::shared_ptr<ticket>> take_all() { return std::exchange(tickets_, {}); }
  [[nodiscard]] std::size_t size() const noexcept { return tickets_.size(); }

private:
  void forget_answered();
  std::deque<std::shared_ptr<ticket>> tickets_;
  std::size_t sweep_at_ = 1'024;
};

/// The book and a thread of its own, on which no code of a host ever runs. Usable from any thread.
class deadline_keeper {
public:
  /// Starts the thread. Throws what the system refuses.
  deadline_keeper(std::shared_ptr<const time_source> time, std::chrono::milliseconds timeout);
  ~deadline_keeper();
  deadline_keeper(const deadline_keeper&) = delete;
  deadline_keeper& operator=(const deadline_keeper&) = delete;

  void keep(std::shared_ptr<ticket> t);
  /// Ends all calls that are under way, as `stopped`.
  void end_all();

private:
  void run();
  const std::shared_ptr<const time_source> time_;
  const std::chrono::milliseconds timeout_;
  std::mutex guard_;
  std::condition_variable changed_;
  deadline_book book_;
  bool idle_ = false; // waits for a first call
  bool over_ = false;
  std::thread thread_; // last: it uses all of the above
};

} // namespace ammo
