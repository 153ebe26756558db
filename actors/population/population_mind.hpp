/// The mind of the Population: draws the rings of a pass, adds up what they bring, and learns what people in general
/// are like. Pure. Masks and members' addresses are the body's.
#pragma once

#include "actors/population/population_prior.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// One factor of the layout.
struct population_factor {
  std::uint32_t dim = 1;
  prior_strength strength;
};

struct population_mind_config {
  std::vector<population_factor> factors;
  std::uint32_t cohort = 16; ///< k: members of a ring; ≥ 2
  std::uint32_t rings = 8;   ///< most rings of a pass
  std::uint64_t seed = 1;
};

struct population_mind_state;

class population_mind {
public:
  explicit population_mind(population_mind_config config);

  /// The next pass: the positions of its rings' members, one ring after the other. Empty where `members` are too few.
  [[nodiscard]] std::vector<std::size_t> begin(std::size_t members);
  /// What a ring of this pass has summed; `sums_size()` reals.
  void take(std::span<const double> sums);
  /// Ends the pass: learns from the rings that have come back. `members`: people who could have been asked. Returns of
  /// how many factors the sums made no sense; the prior of such a one stays.
  [[nodiscard]] std::uint64_t close(std::size_t members);

  [[nodiscard]] std::uint64_t pass() const noexcept { return pass_; }
  [[nodiscard]] std::uint64_t people() const noexcept {
    return people_;
  } ///< heard in this pass, or in the one that ended last
  [[nodiscard]] std::size_t sums_size() const noexcept { return sums_.size(); }
  /// What people are believed to be like, by factor.
  [[nodiscard]] std::vector<gaussian_prior> current() const;

  [[nodiscard]] population_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself or doesn't fit the
  /// configuration.
  [[nodiscard]] static result<population_mind> restore(population_mind_config config,
                                                       const population_mind_state& state);

private:
  population_mind_config config_;
  std::vector<population_prior> priors_; // by factor
  std::uint64_t pass_ = 0;
  std::vector<double> sums_; // of this pass
  std::uint64_t people_ = 0; // that they are over
};

} // namespace ammo
