#include "runtime/system/policy_runner.hpp"

#include "actors/base/host_code.hpp"

#include <utility>

namespace ammo {

bool policy_runner::run(std::function<void()> work) {
  std::unique_lock held(guard_);
  if (closed_ || at_work_ >= most_)
    return false;
  if (at_work_ == threads_.size())
    try {
      threads_.reserve(threads_.size() + 1);
      threads_.emplace_back([me = shared_from_this()] { me->serve(); });
    } catch (...) { // what the system refuses
      return false;
    }
  ++at_work_;
  begun_.push_back(std::move(work));
  held.unlock();
  work_.notify_one();
  return true;
}

void policy_runner::serve() {
  std::unique_lock held(guard_);
  for (;;) {
    work_.wait(held, [this] { return !begun_.empty() || closed_; });
    if (begun_.empty())
      return;
    auto work = std::move(begun_.front());
    begun_.pop_front();
    held.unlock();
    {
      in_host_code here(ctx_.get());
      try {
        work();
        work = nullptr;
      } catch (...) { // work catches what the host throws; this is memory
      }
    }
    held.lock();
    if (--at_work_ == 0)
      quiet_.notify_all();
  }
}

bool policy_runner::close(std::chrono::milliseconds at_most) {
  std::unique_lock held(guard_);
  closed_ = true;
  work_.notify_all();
  const bool quiet = quiet_.wait_for(held, at_most, [this] { return at_work_ == 0; });
  auto threads = std::exchange(threads_, {});
  held.unlock();
  for (auto& t : threads)
    quiet ? t.join() : t.detach();
  return quiet;
}

} // namespace ammo
