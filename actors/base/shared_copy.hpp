/// A value that copies share until one of them changes.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace ammo {

/// Reads like a T that was copied each time; costs 8 bytes for as long as nobody changes a copy. Copies may be of different threads, one
/// copy is one thread's at a time.
template <class T>
class shared_copy {
public:
  /// Nothing yet: `own` makes it a `T{}`.
  shared_copy() noexcept = default;
  explicit(false) shared_copy(T value) : held_(new cell{std::move(value)}) {}
  shared_copy(shared_copy&& other) noexcept : held_(std::exchange(other.held_, nullptr)) {}
  shared_copy(const shared_copy& other) noexcept : held_(other.held_) {
    if (held_)
      held_->owners.fetch_add(1, std::memory_order_relaxed);
  }
  shared_copy& operator=(shared_copy other) noexcept {
    std::swap(held_, other.held_);
    return *this;
  }
  ~shared_copy() {
    if (held_ && held_->owners.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete held_;
  }

  /// Not where there is nothing yet, or what was there has been moved away.
  [[nodiscard]] const T& operator*() const noexcept { return held_->value; }
  [[nodiscard]] const T* operator->() const noexcept { return &held_->value; }
  /// To change it: from here on it is nobody else's. Valid until it is copied.
  [[nodiscard]] T& own() {
    if (!held_)
      held_ = new cell{};
    else if (held_->owners.load(std::memory_order_acquire) != 1)
      *this = shared_copy(held_->value);
    return held_->value;
  }
  /// Are these copies of one value that neither has changed?
  [[nodiscard]] bool shares_with(const shared_copy& other) const noexcept { return held_ == other.held_; }

private:
  struct cell {
    T value{};
    std::atomic<std::uint32_t> owners{1};
  };
  cell* held_ = nullptr;
};

} // namespace ammo
