/// The two regrets of the game, always both, and sums of them that don't depend on order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ammo {

/// Regret of one slate against one preference vector, in units of reward (e·q).
struct regrets {
  double stated = 0; ///< max_{e∈C} e·q − Σ_{e∈S} e·q: the formula to the letter; goes negative for N > 1
  double slate = 0;  ///< max_{|S'|≤N} Σ_{e∈S'} e·q − Σ_{e∈S} e·q ≥ 0: the best slate as the comparator
};

/// `best`: the N largest e·q of the catalogue, best first, negative ones too; `shown`: e·q of each creation shown.
/// Both under the same q and the same version. The comparator leaves a slot empty rather than take a negative score
/// (|S'| ≤ N), unless `exactly` forces all N; then `shown` has all N too.
[[nodiscard]] regrets regret_of(std::span<const float> best, std::span<const float> shown, bool exactly = false) noexcept;

/// A sum of reals that is the same in every order of addition: fixed point with 2^-32 resolution in 64+64 bits.
/// Each term is rounded to it once. A term that isn't finite, or is 2^64 and beyond, is ignored and counted.
class exact_sum {
public:
  void add(double x) noexcept;
  void add(const exact_sum& other) noexcept;
  [[nodiscard]] double value() const noexcept;
  [[nodiscard]] std::uint64_t ignored() const noexcept { return ignored_; }
  /// The fixed-point pattern, for the wire.
  [[nodiscard]] std::int64_t high() const noexcept { return static_cast<std::int64_t>(units_ >> 64); }
  [[nodiscard]] std::uint64_t low() const noexcept { return static_cast<std::uint64_t>(units_); }
  static exact_sum from_parts(std::int64_t high, std::uint64_t low) noexcept;
  friend bool operator==(const exact_sum&, const exact_sum&) = default;

private:
  __extension__ typedef __int128 int128;
  int128 units_ = 0; // 2^-32
  std::uint64_t ignored_ = 0;
};

} // namespace ammo
