/// Where a user's record stands: an open-addressing table from user ids to dense indices, 24 to 48 bytes a user.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/base/random.hpp"

#include <cstdint>
#include <vector>

namespace ammo {

/// A map user → index with linear probing at a load of at most ⅔; erasing shifts back, so that no tombstones pile up.
class user_index {
public:
  static constexpr std::uint32_t none = ~std::uint32_t{0}; ///< no index; may not be stored

  /// The user's index, or `none`.
  [[nodiscard]] std::uint32_t find(user_id user) const noexcept {
    return cells_.empty() ? none : cells_[probe(user)].index;
  }
  /// Sets the user's index, new or not.
  void set(user_id user, std::uint32_t index);
  /// Does nothing for an unknown user.
  void erase(user_id user) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  /// Calls f(user, index) for everyone, in no order.
  template <class F>
  void each(F f) const {
    for (const cell& c : cells_)
      if (c.index != none)
        f(c.user, c.index);
  }

private:
  struct cell {
    user_id user{};
    std::uint32_t index = none;
  };
  [[nodiscard]] std::size_t home(user_id user) const noexcept { return splitmix64(raw(user))() & (cells_.size() - 1); }
  [[nodiscard]] std::size_t next(std::size_t at) const noexcept { return (at + 1) & (cells_.size() - 1); }
  /// The user's cell, or the free one where it would be put.
  [[nodiscard]] std::size_t probe(user_id user) const noexcept {
    auto at = home(user);
    while (cells_[at].index != none && cells_[at].user != user)
      at = next(at);
    return at;
  }
  void grow();

  std::vector<cell> cells_; // a power of two
  std::size_t size_ = 0;
};

} // namespace ammo
