/// Slates in which not everything is alike: a greedy determinantal point process over what a policy values. Pure.
#pragma once

#include "actors/user_buddy/slate/ranking.hpp"

#include <cstddef>
#include <span>

namespace ammo {

/// The n of `pool` that greed finds for Σ_S value + weight·log det S_S, where S is the matrix of their similarities
/// (Chen, Zhang, Zhou, "Fast greedy MAP inference for determinantal point process", NeurIPS 2018, algorithm 1 and §4).
/// `units` are the pool's unit vectors, or zeros, row by row. Scores become the gains, which only fall; a share of a
/// creation that is no one else's counts as 1e-6 at least, so that copies rank last and by value. O(n · pool · (n +
/// dim)): one row of the Cholesky factor a pick.
[[nodiscard]] ranking diversified(const ranking& pool, std::span<const float> units, std::size_t n, float weight);

/// The same, with the creations' embeddings from the snapshots that they are live in.
[[nodiscard]] ranking diversified(const ranking& pool, const layout& space, snapshots_view snapshots, std::size_t n,
                                  float weight);

} // namespace ammo
