/// What people of a subspace have in common, as sums over them: pure numbers without a unit, exact integers, so in any order.
/// Lives here: the sums, as they travel. May not live here: anybody's q, what follows from the sums.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <tuple>

namespace ammo {

inline constexpr std::size_t reward_kinds = 3;    ///< see `reward_kind`
inline constexpr std::size_t most_positions = 16; ///< slots whose weights are told apart; lower ones count as the last

inline constexpr std::uint32_t most_situations = 64; ///< of a deployment

/// Fixed point of what is pooled: 2^-16.
inline constexpr double pooled_unit = 1.0 / 65536;

/// Of one person, or of many: `+=` adds people. Each person's share of every number is bounded.
struct pooled_sums {
  std::int64_t people = 0;
  std::array<std::int64_t, reward_kinds> votes{}; ///< people by what their rewards look like
  std::int64_t second_is_higher = 0;              ///< of the two-valued ones: ±1 each
  std::array<std::int64_t, reward_kinds> tuned{}; ///< people of a kind whose λ is learned
  std::array<std::int64_t, reward_kinds> log_lambda{}, log_lambda2{};
  std::int64_t bases = 0, base = 0, base2 = 0;    ///< two-valued: intercepts
  std::int64_t splits = 0, joins = 0;             ///< people whose q differs by situation, and doesn't
  std::array<std::int64_t, most_positions> shown{}, seen{}, seen2{}; ///< by slot: showings in random order, second moments
  std::int64_t measured = 0;                      ///< people whose rewards lie about a line, of known noise σ
  std::int64_t log_noise = 0, log_noise2 = 0;     ///< log₂ σ, and its square in units of 2^-32
  std::int64_t level_weight = 0, level = 0, level2 = 0; ///< how well a person's own rewards tell what one at 0 earns, over σ: weights in [0, 1], times it, times its square

  pooled_sums& operator+=(const pooled_sums& other) noexcept;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.people, s.votes, s.second_is_higher, s.tuned, s.log_lambda, s.log_lambda2, s.bases, s.base, s.base2, s.splits,
                    s.joins, s.shown, s.seen, s.seen2, s.measured, s.log_noise, s.log_noise2, s.level_weight, s.level, s.level2);
  }
  friend bool operator==(const pooled_sums&, const pooled_sums&) = default;
};

/// Numbers of a `pooled_sums`.
inline constexpr std::size_t pooled_numbers = [] {
  const pooled_sums any{};
  return std::apply([](const auto&... field) { return (std::size_t{0} + ... + (sizeof field / sizeof(std::int64_t))); },
                    pooled_sums::fields(any));
}();

/// Adds a person to `pooled_numbers` of a masked ring sum, modulo 2^64.
void add_to_ring(std::span<std::uint64_t, pooled_numbers> ring, const pooled_sums& person) noexcept;
/// What was added to `mask` to make `ring`.
[[nodiscard]] pooled_sums taken_from_ring(std::span<const std::uint64_t, pooled_numbers> ring,
                                          std::span<const std::uint64_t, pooled_numbers> mask) noexcept;

} // namespace ammo
