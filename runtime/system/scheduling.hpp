/// How actors get their turns: a policy for CAF's scheduler in which work stays with the thread that made it.
///
/// CAF's own `sharing` keeps one list under one lock. A User Buddy is woken once a round for a few microseconds, so
/// that lock, and memory freed by another thread than the one that took it, cost more than the buddy's work: see
/// docs/lab_book.md for the measurement. Here each worker has a queue of its own, first in, first out; a worker
/// without work takes half of another's. Jobs from outside come through a central queue that every worker looks at.
/// A question goes from actor to actor. A worker that runs one of them and has nothing else runs the next one itself, at once: to wake another
/// worker for it costs more than the step. One of those that sleep while others work looks around once a millisecond, so that no job waits for a
/// long turn of another.
#pragma once

#include <caf/policy/unprofiled.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>

namespace ammo {

class local_first : public caf::policy::unprofiled {
  /// Jobs under a lock that is almost never contended. The size may be read without the lock, as a hint.
  class queue {
  public:
    /// How many there are now.
    std::size_t push(caf::resumable* job) {
      std::lock_guard guard(lock_);
      jobs_.push_back(job);
      size_.store(jobs_.size(), std::memory_order_relaxed);
      return jobs_.size();
    }
    caf::resumable* pop() {
      std::lock_guard guard(lock_);
      if (jobs_.empty())
        return nullptr;
      auto* job = jobs_.front();
      jobs_.pop_front();
      size_.store(jobs_.size(), std::memory_order_relaxed);
      return job;
    }
    /// Moves the oldest half, at most `most`, to the back of `to`; returns the very oldest one instead of moving it.
    caf::resumable* take_half(queue& to, std::size_t most) {
      std::deque<caf::resumable*> taken;
      {
        std::lock_guard guard(lock_);
        auto n = static_cast<std::ptrdiff_t>(std::min(most, (jobs_.size() + 1) / 2));
        taken.assign(jobs_.begin(), jobs_.begin() + n);
        jobs_.erase(jobs_.begin(), jobs_.begin() + n);
        size_.store(jobs_.size(), std::memory_order_relaxed);
      }
      if (taken.empty())
        return nullptr;
      auto* first = taken.front();
      std::lock_guard guard(to.lock_);
      to.jobs_.insert(to.jobs_.end(), taken.begin() + 1, taken.end());
      to.size_.store(to.jobs_.size(), std::memory_order_relaxed);
      return first;
    }
    [[nodiscard]] std::size_t size_hint() const noexcept { return size_.load(std::memory_order_relaxed); }

  private:
    std::mutex lock_;
    std::deque<caf::resumable*> jobs_;
    std::atomic<std::size_t> size_{0};
  };

public:
  struct coordinator_data {
    explicit coordinator_data(caf::scheduler::abstract_coordinator*) {}
    queue central;
    std::mutex sleep_lock;
    std::condition_variable woken;
    std::size_t asleep = 0, called = 0; // under sleep_lock; called: of those asleep, who have been woken and don't know it yet
    std::atomic<std::size_t> callable{0}; // the rest of them
    std::atomic<bool> looks_around{false}; // one of them does, written under sleep_lock
    void count_callable() { callable.store(asleep - called); }
  };
  struct alignas(64) worker_data {
    explicit worker_data(caf::scheduler::abstract_coordinator*) {}
    worker_data(const worker_data&) {} // CAF copies an empty one for each worker
    queue own;
    std::uint32_t turns = 0;
  };

  template <class Coordinator>
  void central_enqueue(Coordinator* self, caf::resumable* job) {
    d(self).central.push(job);
    wake_one(d(self));
  }
  template <class Worker>
  void external_enqueue(Worker* self, caf::resumable* job) {
    central_enqueue(self->parent(), job);
  }
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    auto& parent = d(self->parent());
    if (d(self).own.push(job) > 1 || !parent.looks_around.load(std::memory_order_relaxed))
      wake_one(parent);
  }
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    d(self).own.push(job);
  }

  template <class Worker>
  caf::resumable* dequeue(Worker* self) {
    for (;;) {
      // Every other turn belongs to jobs from outside, so that a busy system still answers its host.
      if (++d(self).turns % 2 == 0)
        if (auto* job = from_central(self))
          return job;
      if (auto* job = d(self).own.pop())
        return job;
      if (auto* job = from_anyone(self))
        return job;
      if (auto* job = sleep(self)) {
        if (d(self).own.size_hint() > 0)
          wake_one(d(self->parent()));
        return job;
      }
    }
  }

  template <class Worker, class F>
  void foreach_resumable(Worker* self, F f) {
    while (auto* job = d(self).own.pop())
      f(job);
  }
  template <class Coordinator, class F>
  void foreach_central_resumable(Coordinator* self, F f) {
    while (auto* job = d(self).central.pop())
      f(job);
  }

private:
  static constexpr std::size_t most_taken = 64; ///< jobs that move between queues at once
  static constexpr std::chrono::milliseconds glance{1}; ///< how long a worker sleeps at a time while others work

  template <class Worker>
  caf::resumable* from_central(Worker* self) {
    auto& central = d(self->parent()).central;
    return central.size_hint() > 0 ? take_from(self, central) : nullptr;
  }

  /// Between two queues jobs are in neither, so a thread that looked just then sleeps: what came along wakes it again.
  template <class Worker>
  caf::resumable* take_from(Worker* self, queue& from) {
    auto* job = from.take_half(d(self).own, most_taken);
    if (job && d(self).own.size_hint() > 0)
      wake_one(d(self->parent()));
    return job;
  }

  template <class Worker>
  caf::resumable* from_anyone(Worker* self) {
    if (auto* job = from_central(self))
      return job;
    auto workers = self->parent()->num_workers();
    for (std::size_t i = 1; i < workers; ++i) {
      auto* other = self->parent()->worker_by_id((self->id() + i) % workers);
      if (d(other).own.size_hint() > 0)
        if (auto* job = take_from(self, d(other).own))
          return job;
    }
    return nullptr;
  }

  /// Goes to sleep unless there is work after all. A job is pushed before its pusher looks for sleepers, and a sleeper is
  /// counted before it looks for jobs, both through the queue's lock: one of the two sees the other.
  template <class Worker>
  caf::resumable* sleep(Worker* self) {
    auto& parent = d(self->parent());
    std::unique_lock guard(parent.sleep_lock);
    ++parent.asleep;
    parent.count_callable();
    guard.unlock();
    auto* job = look_everywhere(self);
    guard.lock();
    const auto is_called = [&] { return parent.called > 0; };
    if (!job && parent.asleep < self->parent()->num_workers() && !parent.looks_around) {
      parent.looks_around = true;
      parent.woken.wait_for(guard, glance, is_called);
      parent.looks_around = false;
    } else if (!job) {
      parent.woken.wait(guard, is_called);
    }
    --parent.asleep;
    parent.called -= job ? 0 : std::min<std::size_t>(parent.called, 1); // a call that finds nobody asleep any more is over
    parent.called = std::min(parent.called, parent.asleep);
    parent.count_callable();
    return job;
  }

  /// Like from_anyone, with each queue's lock taken, so that no hint is stale.
  template <class Worker>
  caf::resumable* look_everywhere(Worker* self) {
    if (auto* job = d(self->parent()).central.take_half(d(self).own, most_taken))
      return job;
    auto workers = self->parent()->num_workers();
    for (std::size_t i = 1; i < workers; ++i) {
      auto* other = self->parent()->worker_by_id((self->id() + i) % workers);
      if (auto* job = d(other).own.take_half(d(self).own, most_taken))
        return job;
    }
    return nullptr;
  }

  static void wake_one(coordinator_data& parent) {
    if (parent.callable.load() == 0)
      return;
    std::lock_guard guard(parent.sleep_lock);
    if (parent.called == parent.asleep)
      return;
    ++parent.called;
    parent.count_callable();
    parent.woken.notify_one();
  }
};

} // namespace ammo
