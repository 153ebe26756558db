/// What is believed of a person before they have done anything, and what a person's belief tells of people in general.
/// Pure.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/user_buddy/belief/posterior.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// Reals of a symmetric d × d matrix, packed by rows from the diagonal on.
[[nodiscard]] constexpr std::size_t triangle(std::size_t d) noexcept { return d * (d + 1) / 2; }

/// The flat prior N(0, variance · I).
[[nodiscard]] gaussian_prior flat_prior(std::uint32_t dim, double variance);

/// The belief that a person starts with: A = σ² covariance⁻¹, m = mean, with σ = `noise` > 0. O(d³).
/// Nothing where the covariance isn't positive definite, a size doesn't fit, or a number isn't finite.
[[nodiscard]] std::optional<ridge_posterior<float>> belief_from(const gaussian_prior& prior, double noise);

/// Numbers that one person tells of a factor with d coordinates: d + triangle(d).
[[nodiscard]] constexpr std::size_t moments_size(std::size_t d) noexcept { return d + triangle(d); }

/// E-step of one person: E[q] and E[q qᵀ] (packed) under `prior` and what `now` has learned since it was `start`; RᵀR
/// of `now` less RᵀR of `start` is what was seen, whatever the person started with. In double. O(d³).
/// False, and `out` (moments_size(d) reals) of no meaning, where a result isn't finite or a matrix isn't definite.
[[nodiscard]] bool moments_of(const ridge_posterior<float>& now, const ridge_posterior<float>& start, double noise,
                              const gaussian_prior& prior, std::span<double> out);

} // namespace ammo
