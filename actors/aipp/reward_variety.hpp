/// Do the rewards of a subspace tell one creation from another? Counted by all AiPP shards together.
#pragma once

#include "actors/base/ids.hpp"

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>
#include <optional>

namespace ammo {

/// Usable from any thread; costs a look at one flag once rewards have differed.
class reward_variety {
public:
  explicit reward_variety(std::size_t subspaces) : size_(subspaces), of_(std::make_unique<row[]>(subspaces)) {}

  void saw(subspace_id at, double reward) noexcept {
    if (raw(at) >= size_)
      return;
    row& r = of_[raw(at)];
    if (r.differ.load(std::memory_order_relaxed))
      return;
    auto none = nothing;
    const auto bits = std::bit_cast<std::uint64_t>(reward);
    if (!r.first.compare_exchange_strong(none, bits, std::memory_order_relaxed) && none != bits)
      r.differ.store(true, std::memory_order_relaxed);
    r.count.fetch_add(1, std::memory_order_relaxed);
  }
  /// That all rewards of a subspace have been so far, and how many; nothing where they differ, or there was none.
  struct sameness {
    double reward = 0;
    std::uint64_t count = 0;
  };
  [[nodiscard]] std::optional<sameness> all_same(subspace_id at) const noexcept {
    const row& r = of_[raw(at)];
    const auto first = r.first.load(std::memory_order_relaxed);
    if (first == nothing || r.differ.load(std::memory_order_relaxed))
      return std::nullopt;
    return sameness{std::bit_cast<double>(first), r.count.load(std::memory_order_relaxed)};
  }
  [[nodiscard]] std::size_t subspaces() const noexcept { return size_; }

private:
  static constexpr std::uint64_t nothing = ~std::uint64_t{0}; // a NaN: no reward is one
  struct row {
    std::atomic<std::uint64_t> first{nothing}, count{0};
    std::atomic<bool> differ{false};
  };
  std::size_t size_;
  std::unique_ptr<row[]> of_;
};

} // namespace ammo
