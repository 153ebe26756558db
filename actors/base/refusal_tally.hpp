/// The refusals of a mind that its body hasn't counted yet.
#pragma once

#include "actors/base/errc.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace ammo {

/// A mind notes what it refuses; its body takes that over into the deployment's counters after each message. So it is
/// empty between two messages, and no part of a mind's state.
class refusal_tally {
public:
  using counts = std::array<std::uint32_t, static_cast<std::size_t>(errc::end_)>;

  void add(errc code) noexcept {
    ++counts_[static_cast<std::size_t>(code)];
    any_ = true;
  }
  /// Since the last `take`, by code.
  [[nodiscard]] const counts& waiting() const noexcept { return counts_; }
  /// Calls `f(code, n)` for each code that was refused since the last call, ascending.
  template <class F>
  void take(F f) {
    if (!any_)
      return;
    any_ = false;
    for (std::size_t i = 0; i < counts_.size(); ++i)
      if (counts_[i] != 0) {
        f(static_cast<errc>(i), counts_[i]);
        counts_[i] = 0;
      }
  }

private:
  counts counts_{};
  bool any_ = false;
};

} // namespace ammo
