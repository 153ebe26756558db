/// A place for the answer of one call of a host.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace ammo {

/// One of so many places, taken when a call is admitted and given back when its answer has arrived. Movable; an empty one holds none.
class place {
public:
  using counter = std::shared_ptr<std::atomic<std::uint32_t>>;

  place() = default;
  place(place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)) {}
  place& operator=(place&& other) noexcept {
    std::swap(taken_, other.taken_);
    return *this;
  }
  ~place() { give_back(); }

  /// Nothing where all `most` are taken.
  [[nodiscard]] static std::optional<place> take(const counter& of, std::uint32_t most) {
    if (of->fetch_add(1, std::memory_order_acq_rel) < most)
      return place(of);
    of->fetch_sub(1, std::memory_order_acq_rel);
    return std::nullopt;
  }
  void give_back() noexcept {
    if (const auto of = std::exchange(taken_, nullptr))
      of->fetch_sub(1, std::memory_order_acq_rel);
  }

private:
  explicit place(counter of) : taken_(std::move(of)) {}
  counter taken_;
};

} // namespace ammo
