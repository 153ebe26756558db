/// Exact sums as they cross the wire, and back.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/regret.hpp"

#include <cstdint>
#include <limits>

namespace ammo {

/// The wire's form of a sum; what it ignored stays behind.
[[nodiscard]] inline fixed_sum wire_of(const exact_sum& s) noexcept { return {s.high(), s.low()}; }
[[nodiscard]] inline exact_sum sum_of(const fixed_sum& f) noexcept { return exact_sum::from_parts(f.high, f.low); }

inline void add(fixed_sum& to, const fixed_sum& more) noexcept {
  auto sum = sum_of(to);
  sum.add(sum_of(more));
  to = wire_of(sum);
}

inline void add(strain_tally& to, const strain_tally& more) noexcept {
  to.agents += more.agents;
  to.judged += more.judged;
  to.rounds += more.rounds;
  to.impressions += more.impressions;
  to.satisfied += more.satisfied;
  to.firsts += more.firsts;
  to.accurate += more.accurate;
  add(to.reward, more.reward);
  add(to.gain, more.gain);
}

/// The sum of two amounts ≥ 0, at most the largest that 64 bits hold: each account fits, but all of them may not.
[[nodiscard]] inline std::int64_t capped_sum(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? std::numeric_limits<std::int64_t>::max() : sum;
}

/// What engagement earns, in whole micro-units; the fraction that is left is kept for the next time, so that nothing is lost.
class earnings {
public:
  /// `micros` for a unit of engagement; below zero it earns nothing. Errors: `budget_overflow`, and then nothing is earned.
  [[nodiscard]] result<std::int64_t> of(const exact_sum& engagement, std::int64_t micros) noexcept {
    __extension__ typedef __int128 int128;
    constexpr int fraction_bits = 32; // of exact_sum
    const int128 units = static_cast<int128>(engagement.high()) << 64 | engagement.low();
    int128 earned = 0;
    if (units <= 0)
      return std::int64_t{0};
    if (__builtin_mul_overflow(units, int128{micros}, &earned) || __builtin_add_overflow(earned, int128{fraction_}, &earned) ||
        earned >> fraction_bits > std::numeric_limits<std::int64_t>::max())
      return errc::budget_overflow;
    fraction_ = static_cast<std::uint32_t>(earned);
    return static_cast<std::int64_t>(earned >> fraction_bits);
  }
  /// What is left, in 2^-32 of a micro-unit; and to go on from there.
  [[nodiscard]] std::uint32_t fraction() const noexcept { return fraction_; }
  void restore(std::uint32_t fraction) noexcept { fraction_ = fraction; }

private:
  std::uint32_t fraction_ = 0; // of a micro-unit
};

} // namespace ammo
