/// Sums over many people of which nobody sees a summand: a ring of masked, fixed-point additions. Pure.
///
/// The Population actor draws a ring of k User Buddies or more and a mask of uniformly random 64-bit numbers, sends the
/// mask to the first; each adds its own numbers modulo 2^64 and passes the sum on; the last sends it back, and the mask is
/// taken out again (secure sum: Clifton et al., "Tools for privacy preserving distributed data mining", SIGKDD
/// Explorations 2002). What each party sees:
/// - a User Buddy: numbers that are uniformly random, whatever the others' are;
/// - the Population actor: the mask, and sums over k people or more, never one that is part of a ring.
/// This holds while everyone follows the protocol (honest but curious) and nobody pools what they saw: the two neighbours of
/// a buddy together, or the Population actor and one neighbour, could take its numbers out. All actors of a process trust
/// that process's memory; the ring is for buddies that run where their person is. Sums of rings that differ in few
/// people aren't compared: rings are drawn anew for each pass, under another prior. Only buddies that have learned something
/// take part, so that a ring never hides one behind k − 1 who say nothing.
#pragma once

#include "actors/base/random.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// Largest magnitude of a summand; up to 65,536 of them fit.
inline constexpr double largest_summand = 32'768;

/// Adds values to a sum in units of 2^-32, modulo 2^64. False, and the sum as before, where a value isn't within
/// ±`largest_summand` or the sizes differ.
[[nodiscard]] bool add_summand(std::span<std::uint64_t> sums, std::span<const double> values);
/// What was added to `mask` to make `sums`; sizes are equal (asserted).
[[nodiscard]] std::vector<double> unmasked(std::span<const std::uint64_t> sums, std::span<const std::uint64_t> mask);

/// At most `most` disjoint rings of k members each, drawn at random from `members`: their positions, one ring after the
/// other. Empty where there are fewer than k.
[[nodiscard]] std::vector<std::size_t> draw_rings(std::size_t members, std::size_t k, std::size_t most, splitmix64& g);

} // namespace ammo
