#include "runtime/state/lease_keeper.hpp"

#include <ctime>
#include <utility>

namespace ammo {

using namespace std::chrono_literals;

store::lease::instant lease_keeper::now() noexcept {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::duration_cast<store::lease::instant>(std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec});
}

lease_keeper::lease_keeper(std::unique_ptr<store::state_store> store, store::incarnation me, std::chrono::milliseconds length,
                           store::lease::instant entered, std::function<void()> on_fenced)
  : store_(std::move(store)), me_(me), length_(length), on_fenced_(std::move(on_fenced)), lease_(length) {
  lease_.on_beat(entered);
  thread_ = std::thread([this] { run(); });
}

lease_keeper::~lease_keeper() {
  {
    const std::scoped_lock turn(turn_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool lease_keeper::holds() const {
  const std::scoped_lock turn(turn_);
  return !fenced_ && lease_.holds(now());
}

void lease_keeper::run() {
  std::unique_lock turn(turn_);
  while (!stop_) {
    const auto sent = now();
    if (const auto next = lease_.next_beat(sent); next > sent) {
      changed_.wait_for(turn, next - sent);
      continue;
    }
    turn.unlock();
    const auto known = store_->beat(me_, length_);
    turn.lock();
    if (!known) { // out of reach: asked again soon, for the lease goes on meanwhile
      changed_.wait_for(turn, length_ / 10, [this] { return stop_; });
      continue;
    }
    if (*known == store::verdict::refused) {
      fenced_ = true;
      turn.unlock();
      on_fenced_();
      return;
    }
    lease_.on_beat(sent);
  }
}

} // namespace ammo
