/// A small world for tests of User Buddies: layouts, catalogues of random unit creations, people with a planted q.
#pragma once

#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/belief/ridge_belief.hpp"
#include "actors/user_buddy/user_mind.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

namespace ammo_test {

using namespace ammo;

inline std::vector<float> unit_vector(splitmix64& g, std::size_t d) {
  std::vector<float> v(d);
  standard_normal(g, v);
  const float norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0f));
  for (float& x : v)
    x /= norm;
  return v;
}

inline catalogue random_catalogue(subspace_id s, block b, std::uint32_t creations, std::uint64_t seed = 11) {
  catalogue c(s, b);
  splitmix64 g(seed);
  for (std::uint32_t i = 0; i < creations; ++i)
    REQUIRE(c.add(goal_id{i}, owner_id{i}, i, unit_vector(g, b.width)));
  return c;
}

inline user_config config_of(std::uint32_t dim, std::vector<subspace_block> blocks,
                             user_policy policy = user_policy::thompson) {
  user_config c;
  c.space = layout::make(dim, std::move(blocks)).value();
  c.policy = policy;
  return c;
}

inline user_mind mind_of(const user_config& c, std::uint64_t user = 1) {
  return user_mind(std::make_shared<const user_config>(c), user_id{user});
}

/// The linear belief whose only factor has this posterior.
inline std::unique_ptr<belief_model> believing(ridge_posterior<float> p) {
  factor_posteriors all;
  all.of.push_back(std::move(p));
  return std::make_unique<linear_belief>(std::move(all));
}

/// e·q under the true q, for a creation of the snapshot.
inline float utility(const catalogue_version& c, creation_id id, std::span<const float> q) {
  return c.dot(row_of(id), q.subspan(c.coordinates().offset, c.coordinates().width));
}

inline reward reward_of(const slate_proposal& p, float value) {
  reward r{p.user, p.round, {}};
  for (const candidate& c : p.candidates)
    r.entries.push_back({c.creation, value});
  return r;
}

} // namespace ammo_test
