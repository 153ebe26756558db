/// CAF's clock, less what it costs that an actor ends.
///
/// CAF tells its clock of every actor that ends, to cancel what it waits for: through a ring of 64 places, whose reader is woken for each. That was half of
/// the time in which a million of actors ended. None of ours sets a timeout; one that waits sends itself a message, which CAF doesn't cancel.
#pragma once

#include "runtime/system/scheduling.hpp"

#include <caf/all.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/coordinator.hpp>

#include <atomic>
#include <utility>

namespace ammo {

/// Passes all on, but what there is nothing to cancel for.
class quiet_clock final : public caf::detail::thread_safe_actor_clock {
public:
  explicit quiet_clock(caf::detail::thread_safe_actor_clock& real) : real_(real) {}

  void set_ordinary_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override {
    waits_.store(true, std::memory_order_release);
    real_.set_ordinary_timeout(t, self, type, id);
  }
  void set_multi_timeout(time_point t, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override {
    waits_.store(true, std::memory_order_release);
    real_.set_multi_timeout(t, self, type, id);
  }
  void set_request_timeout(time_point t, caf::abstract_actor* self, caf::message_id id) override {
    waits_.store(true, std::memory_order_release);
    real_.set_request_timeout(t, self, id);
  }
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override { real_.cancel_ordinary_timeout(self, type); }
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override { real_.cancel_request_timeout(self, id); }
  void cancel_timeouts(caf::abstract_actor* self) override {
    if (waits_.load(std::memory_order_acquire))
      real_.cancel_timeouts(self);
  }
  void schedule_message(time_point t, caf::strong_actor_ptr receiver, caf::mailbox_element_ptr content) override {
    real_.schedule_message(t, std::move(receiver), std::move(content));
  }
  void schedule_message(time_point t, caf::group target, caf::strong_actor_ptr sender, caf::message content) override {
    real_.schedule_message(t, std::move(target), std::move(sender), std::move(content));
  }
  void cancel_all() override { real_.cancel_all(); }

private:
  caf::detail::thread_safe_actor_clock& real_;
  std::atomic<bool> waits_{false}; ///< somebody has ever set a timeout
};

/// What gives actors their turns.
class turn_giver final : public caf::scheduler::coordinator<local_first> {
public:
  using super = caf::scheduler::coordinator<local_first>;
  explicit turn_giver(caf::actor_system& sys) : super(sys), quiet_(super::clock()) {}
  static caf::actor_system::module* make(caf::actor_system& sys, caf::detail::type_list<>) { return new turn_giver(sys); }
  caf::detail::thread_safe_actor_clock& clock() noexcept override { return quiet_; }

private:
  quiet_clock quiet_;
};

} // namespace ammo
