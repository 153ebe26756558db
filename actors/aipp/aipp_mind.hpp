/// The mind of an AiPP shard: keeps the impressions that its users were shown, turns feedback into rewards once and
/// only once, plays the people of a simulation, and reports regret and engagement. Pure.
#pragma once

#include "actors/aipp/person.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "actors/space/regret.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

namespace ammo {

struct aipp_config {
  layout space; ///< required
  people_config people;
  std::uint32_t slots = 5;              ///< N of the comparator slate in a simulation
  bool exactly = false;                 ///< the comparator fills all N slots
  std::uint32_t open_impressions = 512; ///< kept for one user; the oldest expire (`feedback_late`)
  std::uint32_t shard = 0;
};

/// A simulated person: hidden q (all D coordinates) and the real choices that were held out, by content number.
struct person {
  std::vector<float> q;
  std::vector<std::uint64_t> held_out; ///< content numbers, ascending
};

class aipp_mind {
public:
  explicit aipp_mind(aipp_config config);

  /// Errors: `duplicate_user`, `wrong_dimension`, `not_finite`. Without `simulated`, the person is the host's.
  result<void> add(user_id user, std::optional<person> simulated);
  result<void> remove(user_id user);
  /// The best slates under every simulated person's q are found at once (batched), lazily before the next slate.
  void see(std::shared_ptr<const catalogue_epoch> snapshot);

  /// What follows from a grant. For a simulated person and occasion::round: their reward at once (impressions are
  /// consumed like a host's, once). Else: a delivery, and the impressions stay open for feedback.
  struct outcome {
    std::optional<reward> learned;           ///< to the User Buddy
    std::optional<slate_delivery> delivered; ///< to the person, through the host
    bool finished = false;                   ///< every simulated person of the shard has had this epoch's rounds
    errc code = errc::ok;                    ///< `unknown_user`
  };
  outcome granted(const slate_granted& g);
  /// A host's feedback. Errors: `unknown_user`, `unknown_impression`, `feedback_not_shown` (issued to someone else),
  /// `feedback_twice`, `feedback_late` (expired), `not_finite`, `reward_out_of_range` (outside [−1, 1]).
  result<reward> take(const feedback& f);

  /// An epoch of the simulation's clock begins: each simulated person has `rounds` rounds.
  void begin(const clock_tick& t);
  /// Ends it: the report for MetaSpace and the one for the clock.
  struct closing {
    regret_report report;
    epoch_played played;
  };
  closing close();

  [[nodiscard]] std::size_t people() const noexcept; ///< simulated ones
  [[nodiscard]] const std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>& refused() const noexcept { return refused_; }
  [[nodiscard]] std::uint64_t rewards() const noexcept { return rewards_; }

private:
  // The implementer's: people by dense index, best-slate scores (people × N), open impressions (a bounded ring a user),
  // exposures by (subspace, row), exact sums by round.
  aipp_config config_;
  std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)> refused_{};
  std::uint64_t rewards_ = 0;
};

} // namespace ammo
