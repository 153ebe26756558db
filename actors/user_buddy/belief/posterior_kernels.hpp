/// The inner loops of `ridge_posterior`: vector code (Highway), the best target of the machine chosen at run time.
/// Lives here: loops over raw arrays. May not live here: checks; the caller has made them.
///
/// The state of a posterior is its triangle [R y] packed by rows: row k holds R_kk … R_k,d−1 and then y_k, so that y is
/// one more column of R. `state_size` adds what a vector may read, and never writes, behind the last row.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ammo::kernels {

/// Arrays that a kernel works in are padded to a multiple of this and aligned to 64 bytes.
inline constexpr std::size_t padding = 16;
/// Most observations that one sweep takes.
inline constexpr std::uint32_t sweep_rows = 8;

[[nodiscard]] constexpr std::size_t padded(std::size_t n) noexcept { return (n + padding - 1) / padding * padding; }
/// Where row k would have its column 0: R_kj is at `row_base(d, k) + j`, y_k at `row_base(d, k) + d`. Never negative.
[[nodiscard]] constexpr std::size_t row_base(std::size_t d, std::size_t k) noexcept { return k * d - k * (k - 1) / 2; }
[[nodiscard]] constexpr std::size_t state_size(std::size_t d) noexcept { return d * (d + 1) / 2 + padded(d); }
/// Reals of one observation in a sweep: column j of [e r] is at `padding − 1 + j`, so that column 1 is aligned.
[[nodiscard]] constexpr std::size_t sweep_stride(std::size_t d) noexcept { return padding + padded(d); }

/// [R y; x] → [R' y'; 0 r'] by one Householder reflection a column; 1 ≤ rows ≤ sweep_rows. `x` is overwritten.
/// `number`: of this sweep in the posterior's life; float32 draws from it how to round.
void sweep(float* state, std::uint32_t d, float* x, std::uint32_t rows, std::uint32_t number) noexcept;
void sweep(double* state, std::uint32_t d, double* x, std::uint32_t rows, std::uint32_t number) noexcept;
/// x = R⁻¹ b. `x` has padded(d) reals, `b` has d; they are distinct.
void back_substitute(const float* state, std::uint32_t d, const float* b, float* x) noexcept;
void back_substitute(const double* state, std::uint32_t d, const double* b, double* x) noexcept;
/// |R⁻ᵀ x|². `x` has padded(d) reals and is overwritten.
float forward_norm2(const float* state, std::uint32_t d, float* x) noexcept;
double forward_norm2(const double* state, std::uint32_t d, double* x) noexcept;
/// For `padding` vectors e side by side: means = e·R⁻¹y and norms2 = |R⁻ᵀe|². Coordinate `first` + k of vector i is
/// `e[k * padding + i]` for k < width, the others are 0; with `leads` coordinate 0, which `e` doesn't hold, is 1. `w` has room for d · padding reals, aligned.
void confidence(const float* state, std::uint32_t d, const float* e, std::size_t first, std::size_t width, bool leads, float* w,
                float* means, float* norms2) noexcept;
void confidence(const double* state, std::uint32_t d, const double* e, std::size_t first, std::size_t width, bool leads, double* w,
                double* means, double* norms2) noexcept;

} // namespace ammo::kernels
