/// Randomness as an argument: small counter-based generators, so that a draw depends on
/// (seed, who, round) alone and never on the order in which actors happen to run.
#pragma once

#include <cstdint>
#include <limits>

namespace ammo {

/// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators").
/// A UniformRandomBitGenerator of 8 bytes of state; passes BigCrush.
class splitmix64 {
public:
  using result_type = std::uint64_t;
  constexpr explicit splitmix64(std::uint64_t seed = 0) noexcept : state_(seed) {}
  static constexpr result_type min() noexcept { return 0; }
  static constexpr result_type max() noexcept { return std::numeric_limits<result_type>::max(); }
  constexpr result_type operator()() noexcept {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15ull);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
  }
  /// A generator seeded with this gives the same numbers from here on.
  [[nodiscard]] constexpr std::uint64_t state() const noexcept { return state_; }

private:
  std::uint64_t state_;
};

/// What a stream of random numbers is for; two purposes never share numbers.
enum class stream : std::uint64_t { policy = 1,
                                    person = 2,
                                    noise = 3,
                                    goal = 4,
                                    data = 5,
                                    baseline = 6,
                                    hold_out = 7,
                                    population = 12,
                                    propensity = 13,
                                    evolution = 14,
                                    slots = 15,
                                    retry = 16,
                                    alike = 17,
                                    decision = 18,
                                    control = 19 };

/// The generator for one purpose of one party in one round.
[[nodiscard]] constexpr splitmix64 generator(std::uint64_t seed, stream purpose, std::uint64_t who, std::uint64_t round) noexcept {
  splitmix64 mix(seed);
  std::uint64_t h = mix() ^ static_cast<std::uint64_t>(purpose) * 0xD1342543DE82EF95ull;
  h = splitmix64(h)() ^ who;
  h = splitmix64(h)() ^ round;
  return splitmix64(splitmix64(h)());
}

/// Uniform in [0, 1) with 53 random bits.
[[nodiscard]] constexpr double uniform01(splitmix64& g) noexcept {
  return static_cast<double>(g() >> 11) * 0x1.0p-53;
}

} // namespace ammo
