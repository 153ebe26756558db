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

/// A ring that is out, and what was added before its first member.
struct ring_state {
  std::uint32_t ring = 0;
  std::vector<std::uint64_t> mask;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.ring, s.mask); }
};

/// Whoever reads it knows what the Population knows: the masks of the rings that are out.
struct population_mind_state {
  static constexpr std::uint16_t kind = 8;
  std::uint64_t pass = 0;
  std::vector<population_prior_state> priors; ///< by factor
  std::vector<double> sums;                   ///< of the rings of this pass that have come back
  std::uint64_t people = 0;                   ///< that they are over
  std::vector<user_id> members;               ///< who may be asked, by place
  std::vector<ring_state> rings;              ///< that are out, ascending
  std::vector<pooled_sums> pooled{};          ///< of the rings of this pass, by factor
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.pass, s.priors, s.sums, s.people, s.members, s.rings, s.pooled);
  }
};

} // namespace ammo
