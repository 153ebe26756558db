/// What people in general are like: sums over rings of User Buddies, and the prior that follows.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/pooled.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// q ~ N(mean, covariance) in the coordinates of one factor of the layout.
struct gaussian_prior {
  std::vector<double> mean;       ///< d
  std::vector<double> covariance; ///< d(d+1)/2: symmetric, by rows from the diagonal on; positive definite
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.mean, s.covariance); }
  friend bool operator==(const gaussian_prior&, const gaussian_prior&) = default;
};

/// A masked sum on its way around a ring of User Buddies (ring_sum.hpp). Each adds its person's moments under
/// `priors`; where there are none, its `pooled_sums` by factor.
struct prior_sum {
  static constexpr std::uint16_t type = 36;
  std::uint64_t pass = 0;
  std::uint32_t ring = 0;
  std::vector<gaussian_prior> priors; ///< by factor
  std::vector<std::uint64_t> sums;    ///< fixed-point, modulo 2^64
  std::vector<user_id> next{};        ///< whose turn is still to come, nearest last; after them it is Population's
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.ring, s.priors, s.sums, s.next); }
  friend bool operator==(const prior_sum&, const prior_sum&) = default;
};

/// What new users are believed to be like from now on.
struct prior_news {
  static constexpr std::uint16_t type = 37;
  std::uint64_t pass = 0;
  std::uint64_t people = 0;           ///< heard in this pass
  std::vector<gaussian_prior> priors; ///< by factor
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.people, s.priors); }
  friend bool operator==(const prior_news&, const prior_news&) = default;
};

/// Sums over people of what their rewards are like, for whoever has no more than a few of their own.
struct people_news {
  static constexpr std::uint16_t type = 58;
  std::uint64_t pass = 0;
  std::vector<pooled_sums> of; ///< by factor
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.pass, s.of); }
  friend bool operator==(const people_news&, const people_news&) = default;
};

} // namespace ammo
