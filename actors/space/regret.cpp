#include "actors/space/regret.hpp"

#include <cmath>

namespace ammo {

regrets regret_of(std::span<const float> best, std::span<const float> shown, bool exactly) noexcept {
  double got = 0, could = 0, magnitude = 0;
  for (float score : shown) {
    got += score;
    magnitude += std::abs(score);
  }
  for (float score : best)
    if (exactly || score > 0) {
      could += score;
      magnitude += std::abs(score);
    }
  regrets r{(best.empty() ? 0.0 : best.front()) - got, could - got};
  // The same scores summed in another order may differ by rounding; that is no negative regret.
  if (r.slate < 0 && -r.slate <= 0x1p-46 * magnitude)
    r.slate = 0;
  return r;
}

void exact_sum::add(double x) noexcept {
  if (!(std::abs(x) < 0x1p64)) {
    ++ignored_;
    return;
  }
  units_ += static_cast<int128>(std::nearbyint(x * 0x1p32));
}

void exact_sum::add(const exact_sum& other) noexcept {
  units_ += other.units_;
  ignored_ += other.ignored_;
}

double exact_sum::value() const noexcept { return static_cast<double>(units_) * 0x1p-32; }

exact_sum exact_sum::from_parts(std::int64_t high, std::uint64_t low) noexcept {
  exact_sum s;
  s.units_ = static_cast<int128>(high) << 64 | static_cast<int128>(low);
  return s;
}

} // namespace ammo
