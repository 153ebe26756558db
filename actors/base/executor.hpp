/// Where a host's callbacks run: `options::executor`.
#ifndef AMMO_EXECUTOR_HPP // hosts see this file as ammo/executor.hpp: one guard for both
#define AMMO_EXECUTOR_HPP

#include "actors/base/export.hpp"

#include <concepts>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

namespace ammo {

/// Runs work for the runtime: on the host's event loop, its thread pool, or wherever else its callbacks are to be. An empty one, the
/// default, leaves that to threads of the runtime's own. A copy runs work in the same place.
///
///     deployment.executor = [&loop](std::function<void()> work) { loop.post(std::move(work)); };
class AMMO_EXPORT executor {
public:
  using function = std::function<void(std::function<void()>)>;

  executor() = default;
  /// `run` is called on one thread of the runtime's own, never inside an actor, with one piece of work at a time, and should hand it on
  /// and return. Whether it runs the work there and then, later, or on several threads at once is the host's choice. Each piece must run
  /// once. The runtime runs what `run` throws at, or drops without running it, on its own thread, and counts that
  /// (`callback_failed`). Work that runs after `stop` does no harm.
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, executor> && std::constructible_from<function, F>)
  executor(F&& run) : executor(function(std::forward<F>(run)), 0) {}

  explicit operator bool() const noexcept { return run_ != nullptr; }
  /// Hands work over; not where it is empty. Throws what the host's function throws.
  void operator()(std::function<void()> work) const { (*run_)(std::move(work)); }

  /// Where callbacks run is no part of what a deployment is: all executors are equal.
  friend bool operator==(const executor&, const executor&) noexcept { return true; }

private:
  executor(function run, int) : run_(run ? std::make_shared<const function>(std::move(run)) : nullptr) {}
  std::shared_ptr<const function> run_;
};

} // namespace ammo

#endif
