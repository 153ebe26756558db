/// A place for the answer of one call of a host.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

namespace ammo {

/// One of so many places, taken when a call is admitted and given back when its answer has arrived; of a call that counts among others of
/// its sort, too, one of each. Movable; an empty one holds none.
class place {
public:
  using counter = std::shared_ptr<std::atomic<std::uint32_t>>;

  place() = default;
  place(place&& other) noexcept : taken_(std::exchange(other.taken_, nullptr)), of_sort_(std::exchange(other.of_sort_, nullptr)) {}
  place& operator=(place&& other) noexcept {
    std::swap(taken_, other.taken_);
    std::swap(of_sort_, other.of_sort_);
    return *this;
  }
  ~place() { give_back(); }

  /// Nothing where all `most` are taken.
  [[nodiscard]] static std::optional<place> take(const counter& of, std::uint32_t most) {
    return one_more(of, most) ? std::optional(place(of)) : std::nullopt;
  }
  /// Of its sort, too. False: all `most` are taken.
  [[nodiscard]] bool take_of_sort(const counter& of, std::uint32_t most) {
    if (!one_more(of, most))
      return false;
    of_sort_ = of;
    return true;
  }
  void give_back() noexcept {
    for (counter* held : {&of_sort_, &taken_})
      if (const auto of = std::exchange(*held, nullptr))
        of->fetch_sub(1, std::memory_order_acq_rel);
  }

private:
  explicit place(counter of) : taken_(std::move(of)) {}
  static bool one_more(const counter& of, std::uint32_t most) {
    if (of->fetch_add(1, std::memory_order_acq_rel) < most)
      return true;
    of->fetch_sub(1, std::memory_order_acq_rel);
    return false;
  }
  counter taken_, of_sort_;
};

} // namespace ammo
