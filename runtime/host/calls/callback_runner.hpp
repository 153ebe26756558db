/// Where a host's callbacks run: on its executor, or on threads of the runtime's own; never inside an actor.
#pragma once

#include "actors/base/context.hpp"
#include "actors/base/executor.hpp"
#include "actors/base/result.hpp"
#include "actors/base/trace.hpp"
#include "ammo/runtime.hpp"
#include "runtime/host/calls/place.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ammo {

/// Answers and pushes on their way into callbacks, oldest first. Answers are never shed: a call is admitted only with a place for its
/// answer. Pushes are, oldest first. Usable from any thread. What runs late, on a host's executor or in a callback that doesn't
/// return, keeps the runner alive.
class callback_runner : public std::enable_shared_from_this<callback_runner> {
public:
  struct setup {
    std::shared_ptr<context> ctx;                  ///< required
    executor run_on{};                             ///< empty: threads of its own
    std::uint32_t threads = 8;                     ///< most of its own; they start as they are needed
    std::size_t pushes = 1'024;                    ///< most that wait; the oldest are shed
  };
  /// Starts its first thread. Throws what the system refuses.
  static std::shared_ptr<callback_runner> start(setup with);

  /// A callback with its answer.
  struct work {
    virtual ~work() = default;
    virtual void run() = 0;
  };
  struct waiting_answer {
    std::uint64_t turn = 0;
    std::shared_ptr<work> what{};
    place held{};
    shared_trace trace{}; ///< of the call
  };
  /// Room for one answer to wait in: who has it can't be told that there is no memory for its answer.
  using room = std::list<waiting_answer>;
  [[nodiscard]] static room room_for_one() { return room(1); }

  /// Runs work of the host's in its turn, as part of the trace that the calling thread works for. The place is given back when it begins.
  void answer(room in, std::shared_ptr<work> what, place held) noexcept;
  /// Calls the listener in its turn. `outcome` is told once, on any thread: true right before the listener is called, false where it
  /// won't be (nobody listens, or it was shed).
  /// `here`: it isn't passed on.
  void push(slate s, std::function<void(bool shown)> outcome, bool here = false);
  /// Who takes over a push that nobody hears here, and its outcome; empty: it was shown to nobody.
  using elsewhere = std::function<void(slate s, std::function<void(bool shown)> outcome)>;
  void pass_on(elsewhere to);
  /// Who hears of pushes from now on; empty: nobody. `wanted`: of which users, empty: of all; called where the listener is.
  void listen(std::function<void(const slate&)> listener, std::function<bool(user_id)> wanted = {});

  /// Takes no more pushes and drops those that wait; then waits until no callback is running or waits for a thread of its own, but no
  /// longer than that. False: one still runs, on a thread that ends by itself. Once; not inside a callback.
  bool close(std::chrono::milliseconds at_most);

private:
  explicit callback_runner(setup with) : with_(std::move(with)) {}
  struct waiting_push {
    std::uint64_t turn = 0;
    slate what;
    std::function<void(bool)> outcome;
    bool here = false;
  };
  struct push_listener {
    std::function<void(const slate&)> hear;
    std::function<bool(user_id)> wanted;
  };
  class token;
  using lock = std::unique_lock<std::mutex>;

  void start_thread();
  void came(lock& held);
  [[nodiscard]] bool call_watcher();
  void stand_by(lock& held);
  [[nodiscard]] std::uint64_t oldest_turn() const noexcept;
  void run_own();
  void run_executor();
  void run_one();
  void run_one(lock& held);
  void dropped();
  template <class F>
  void call(F run) noexcept;
  bool wants(const push_listener& who, user_id user) noexcept;
  [[nodiscard]] bool waits() const noexcept { return !answers_.empty() || !pushes_.empty(); }

  const setup with_;
  std::mutex guard_;
  std::condition_variable work_, ended_watch_, quiet_;
  room answers_;
  std::deque<waiting_push> pushes_;
  std::shared_ptr<const push_listener> listener_;
  std::shared_ptr<const elsewhere> elsewhere_; ///< null: a push that nobody hears was shown to nobody
  std::vector<std::thread> threads_;
  std::uint64_t next_turn_ = 1;
  std::size_t idle_ = 0, running_ = 0;
  bool called_ = false;   // an idle thread is to watch
  bool watching_ = false; // a thread was called or started that looks at what waits
  std::size_t unposted_ = 0; // of what waits: not yet handed to the executor
  std::size_t dropped_ = 0;  // of what waits: handed to the executor, which didn't run it
  bool closed_ = false;
};

} // namespace ammo
