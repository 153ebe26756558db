/// The mind of the Population: who may be asked, the rings of a pass and their masks, the sum of what they bring, and what
/// people in general are like. Pure.
#pragma once

#include "actors/base/errc.hpp"
#include "actors/population/population_prior.hpp"
#include "actors/protocol/messages/population.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

/// One factor of the layout.
struct population_factor {
  std::uint32_t dim = 1;
  prior_strength strength;
};

struct population_mind_config {
  std::vector<population_factor> factors;
  bool pooled = false;       ///< what is summed is what rewards are like (`pooled_sums`); else moments of q
  bool in_order = false;     ///< who is asked doesn't depend on the order in which they joined, for a sort a pass
  std::uint32_t cohort = 16; ///< k: members of a ring; ≥ 2
  std::uint32_t rings = 8;   ///< most rings of a pass
  std::uint64_t seed = 1;
};

struct population_mind_state;

class population_mind {
public:
  explicit population_mind(population_mind_config config);

  /// The user may be asked from now on. Whoever has joined already stays where they are.
  void join(user_id user);
  void leave(user_id user);
  [[nodiscard]] std::size_t members() const noexcept { return members_.size(); }

  /// The first message of a ring.
  struct first_leg {
    user_id to{};
    prior_sum sum;
  };
  /// The next pass: what its rings begin with. Empty where too few have joined. Rings of the pass before that are still out
  /// are lost. `random`: uniformly random 64-bit numbers that nobody can foresee, for the masks.
  [[nodiscard]] std::vector<first_leg> begin(const std::function<std::uint64_t()>& random);
  /// A ring has come back. `stale_epoch`, and nothing changes, for one that isn't out or has another size.
  [[nodiscard]] errc take(const prior_sum& m);
  /// Rings that are out.
  [[nodiscard]] std::size_t out() const noexcept { return masks_.size(); }

  struct ending {
    std::size_t lost = 0;           ///< rings that were still out
    std::uint64_t senseless = 0;    ///< factors whose sums made no sense: the prior of such a one stays
    std::optional<prior_news> news; ///< where anybody was heard, of moments
    std::optional<people_news> people; ///< where anybody was heard, pooled
  };
  /// Ends the pass: learns from the rings that have come back.
  [[nodiscard]] ending close();

  [[nodiscard]] std::uint64_t pass() const noexcept { return pass_; }
  /// Heard in this pass, or in the one that ended last.
  [[nodiscard]] std::uint64_t people() const noexcept { return people_; }
  /// What people are believed to be like, by factor.
  [[nodiscard]] std::vector<gaussian_prior> current() const;
  [[nodiscard]] bool pools() const noexcept { return config_.pooled; }

  [[nodiscard]] population_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself or doesn't fit the
  /// configuration.
  [[nodiscard]] static result<population_mind> restore(population_mind_config config,
                                                       const population_mind_state& state);

private:
  population_mind_config config_;
  std::vector<population_prior> priors_; // by factor
  std::uint64_t pass_ = 0;
  std::size_t numbers_ = 0;  // of a ring's sums
  std::vector<double> sums_; // of this pass
  std::vector<pooled_sums> pooled_; // of this pass, by factor
  std::uint64_t people_ = 0; // that they are over
  std::vector<user_id> members_;                                // by place
  std::unordered_map<user_id, std::size_t> places_;             // by user
  std::map<std::uint32_t, std::vector<std::uint64_t>> masks_;   // of the rings that are out
};

} // namespace ammo
