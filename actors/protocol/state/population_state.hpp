/// What the Population's mind holds, as values.
#pragma once

#include "actors/protocol/messages/population.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

struct population_prior_state {
  gaussian_prior current;
  std::vector<double> moments; ///< E[q], E[q qᵀ]: averages of what passes have heard
  std::uint64_t passes = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.current, s.moments, s.passes); }
};

/// The masks of rings under way are no part of it: nobody else knows them, and they never leave the process. What comes
/// back to another process is late.
struct population_mind_state {
  static constexpr std::uint16_t kind = 8;
  std::uint64_t pass = 0;
  std::vector<population_prior_state> priors; ///< by factor
  std::vector<double> sums;                   ///< of the rings of this pass that have come back
  std::uint64_t people = 0;                   ///< that they are over
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.priors, s.sums, s.people); }
};

} // namespace ammo
