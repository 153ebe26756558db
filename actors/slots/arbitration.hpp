/// Which candidates get the slots of one slate: greedy over caps that nest, with floors. Pure.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/space/layout.hpp"

#include <boost/container/small_vector.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// Caps and floors of one slate; a cap of 0 means "no cap". The caps nest: creation ⊂ Goal Buddy ⊂ owner (within a
/// subspace) ⊂ subspace ⊂ slate, a laminar matroid.
struct slate_caps {
  std::uint32_t slots = max_slots;               ///< most N that may be asked
  std::uint32_t per_goal = 0;                    ///< most creations of one Goal Buddy in a slate
  std::uint32_t per_owner = 0;                   ///< most creations of one owner in a slate, for each subspace
  std::vector<std::uint32_t> per_subspace = {};  ///< by subspace; missing: no cap
  /// By subspace: so many slots are its own, as far as it has candidates that its other caps allow; missing: none.
  /// Where fewer slots are asked for than the floors add up to, the floors' best candidates get them.
  std::vector<std::uint32_t> floors = {};

  /// Creations of a subspace whose cosine distance (1 − cosine) is at most this count as one and the same: a slate shows
  /// the best of them. 0: off.
  double near_duplicate = 0;

  /// Is there a cap or a floor at all?
  [[nodiscard]] bool any() const noexcept;
  [[nodiscard]] std::uint32_t cap_of(subspace_id s) const noexcept { return at(per_subspace, s); }
  /// Of n slots, those that a subspace may have.
  [[nodiscard]] std::uint32_t most_of(subspace_id s, std::uint32_t n) const noexcept {
    const std::uint32_t cap = cap_of(s);
    return cap > 0 && cap < n ? cap : n;
  }
  [[nodiscard]] std::uint32_t floor_of(subspace_id s) const noexcept { return at(floors, s); }

private:
  [[nodiscard]] static std::uint32_t at(const std::vector<std::uint32_t>& list, subspace_id s) noexcept {
    return raw(s) < list.size() ? list[raw(s)] : 0;
  }
};

/// What arbitration has to know of a candidate.
struct contender {
  goal_id goal{};
  owner_id owner{};
  subspace_id subspace{};
  std::uint32_t likeness = 0; ///< the same for those that are near-duplicates of each other, and different for all others
};

/// What has been picked so far, and which cap the next one would break. No allocation.
class picks {
public:
  enum class verdict : std::uint8_t { fits, near_duplicate, cap_subspace, cap_goal, cap_owner };

  explicit picks(const slate_caps& caps) noexcept : caps_(caps) {} // NOLINT: only the first size_ picks are ever read

  [[nodiscard]] std::uint32_t size() const noexcept { return size_; }
  [[nodiscard]] std::uint32_t of(subspace_id s) const noexcept;
  [[nodiscard]] verdict judge(const contender& c) const noexcept;
  /// size() < max_slots.
  void add(const contender& c) noexcept { picked_[size_++] = c; }

private:
  const slate_caps& caps_;
  std::uint32_t size_ = 0;
  std::array<contender, max_slots> picked_;
};

/// Positions in `best_first`, ascending, of at most `n` candidates that get slots; `best_first`: by value, falling.
/// First every floor is filled with its subspace's best, then the rest of the slots by value. The sum of the values is the
/// most that caps and floors allow for that many slots, for within a subspace greedy is optimal for every number of
/// slots (a matroid), so a subspace's best sum is concave in its slots, and shares of such sums are best allotted
/// greedily from the floors on. (Near-duplicates cross the caps, so with them greedy keeps every rule and isn't always
/// the most.) n ≤ max_slots. O(candidates · n).
[[nodiscard]] boost::container::small_vector<std::uint32_t, 8> arbitrate(const slate_caps& caps,
                                                                        std::span<const contender> best_first,
                                                                        std::uint32_t n);

} // namespace ammo
