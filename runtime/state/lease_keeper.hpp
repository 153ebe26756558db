/// Renews a node's lease from a thread of its own, for as long as the store says yes.
#pragma once

#include "runtime/store/lease.hpp"
#include "runtime/store/store.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

namespace ammo {

class lease_keeper {
public:
  /// Milliseconds of a clock that goes on while the machine sleeps.
  [[nodiscard]] static store::lease::instant now() noexcept;

  /// `entered`: when the node's entry into the store was sent. `store`: a connection of its own. `on_fenced` is called once, from the
  /// keeper's thread, and must not block.
  lease_keeper(std::unique_ptr<store::state_store> store, store::incarnation me, std::chrono::milliseconds length,
               store::lease::instant entered, std::function<void()> on_fenced);
  ~lease_keeper();
  lease_keeper(const lease_keeper&) = delete;
  lease_keeper& operator=(const lease_keeper&) = delete;

  /// Nobody else can have taken what this node owns. Any thread.
  [[nodiscard]] bool holds() const;

private:
  void run();

  const std::unique_ptr<store::state_store> store_;
  const store::incarnation me_;
  const std::chrono::milliseconds length_;
  const std::function<void()> on_fenced_;
  mutable std::mutex turn_;
  std::condition_variable changed_;
  store::lease lease_;
  bool fenced_ = false, stop_ = false;
  std::thread thread_;
};

} // namespace ammo
