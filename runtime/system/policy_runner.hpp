/// The threads of a host's policies.
#pragma once

#include "actors/base/context.hpp"
#include "actors/user_buddy/outside_runner.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace ammo {

/// So many policies at once and no more; none waits for another one's thread. Threads start as they are needed. A policy that doesn't
/// return keeps the runner alive.
class policy_runner final : public outside_runner, public std::enable_shared_from_this<policy_runner> {
public:
  static std::shared_ptr<policy_runner> make(std::shared_ptr<context> ctx, std::uint32_t most) {
    return std::shared_ptr<policy_runner>(new policy_runner(std::move(ctx), most));
  }
  bool run(std::function<void()> work) override;
  /// Starts nothing more, and waits until nothing is at work, but no longer than that. False: a policy still is, on a thread that ends by
  /// itself. Once.
  bool close(std::chrono::milliseconds at_most);

private:
  policy_runner(std::shared_ptr<context> ctx, std::uint32_t most) : ctx_(std::move(ctx)), most_(most) {}
  void serve();

  const std::shared_ptr<context> ctx_;
  const std::uint32_t most_;
  std::mutex guard_;
  std::condition_variable work_, quiet_;
  std::deque<std::function<void()>> begun_; // no more than there are threads for
  std::vector<std::thread> threads_;
  std::size_t at_work_ = 0; // those in `begun_` included
  bool closed_ = false;
};

} // namespace ammo
