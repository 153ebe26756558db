/// Why a person was shown a creation: the same struct from the User Buddy that says it to the host that hears it.
/// Plain values of the standard library alone: public headers include this.
#ifndef AMMO_EXPLAINED_HPP // hosts see this file as ammo/explained.hpp: one guard for both
#define AMMO_EXPLAINED_HPP

#include "actors/base/ids.hpp"
#include "actors/base/item.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace ammo {

/// A creation whose rewards bear upon what is expected of another one.
struct reason {
  creation_id creation = no_creation;
  goal_id goal{};            ///< 0 where the creation has gone
  std::uint64_t content = 0; ///< the host's own number; 0 where the creation has gone
  std::shared_ptr<const ammo::item> item{}; ///< null: none was given, or the creation has gone
  std::uint64_t rewards = 0; ///< of it that are remembered one by one
  double mean = 0;           ///< of them, in the host's unit
  double contribution = 0;   ///< to `explanation::expected`, in the host's unit
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.creation, s.goal, s.content, s.item, s.rewards, s.mean, s.contribution);
  }
  friend bool operator==(const reason& a, const reason& b) {
    return a.creation == b.creation && a.goal == b.goal && a.content == b.content && same(a.item, b.item) && a.rewards == b.rewards &&
           a.mean == b.mean && a.contribution == b.contribution;
  }
};

inline constexpr std::size_t most_reasons = 5; ///< of one explanation

/// Why an impression was shown. Score and chance are of the time when the slate was made; all else is what is believed now.
/// `expected − usual = from_group + from_rewards + from_other`.
struct explanation {
  user_id user{};
  impression_id impression{};
  creation_id creation = no_creation;
  goal_id goal{};            ///< 0 where the creation has gone
  std::uint64_t content = 0; ///< 0 where the creation has gone
  subspace_id subspace{};
  std::shared_ptr<const ammo::item> item{}; ///< null: none was given, or the creation has gone
  std::uint64_t round = 0;   ///< the user's own count of slates
  std::uint32_t slot = 0;    ///< its place in the slate, from 0
  bool answered = false;     ///< it has had its feedback

  std::string policy;          ///< by which the user's slates are chosen
  bool by_chance = false;      ///< drawn at random: by `uniform`, by ε-greedy as it explored, or as an empty slate was tried again
  std::optional<double> score; ///< that the policy ranked it by, comparable within its slate only; nothing once the slate is forgotten

  double expected = 0;       ///< reward of it, in the host's unit; of a classic learner with logistic or choice belief, value
  double low = 0, high = 0;  ///< 95 % interval of `expected`: how sure that is; as long as no two rewards differ both are `expected`
  double usual = 0;          ///< mean of what is expected of creations whose own rewards are remembered; of none, or a classic learner: of one at 0
  std::uint64_t rewards = 0; ///< own ones in the subspace's coordinates that were learned from; of a classic learner, in all subspaces
  double from_group = 0;     ///< what `expected` has from what the group likes
  double from_rewards = 0;   ///< from own rewards that are remembered one by one, the last 64 to 128 rounds of them
  double from_other = 0;     ///< from older rewards, stated interests, preferences between two, and (of a classic learner) everything
  std::vector<reason> reasons; ///< of `from_rewards`, the largest contributions first; at most `most_reasons`
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.impression, s.creation, s.goal, s.content, s.subspace, s.item, s.round, s.slot, s.answered, s.policy,
                    s.by_chance, s.score, s.expected, s.low, s.high, s.usual, s.rewards, s.from_group, s.from_rewards, s.from_other,
                    s.reasons);
  }
  friend bool operator==(const explanation& a, const explanation& b) {
    return a.user == b.user && a.impression == b.impression && a.creation == b.creation && a.goal == b.goal && a.content == b.content &&
           a.subspace == b.subspace && same(a.item, b.item) && a.round == b.round && a.slot == b.slot && a.answered == b.answered &&
           a.policy == b.policy && a.by_chance == b.by_chance && a.score == b.score && a.expected == b.expected && a.low == b.low &&
           a.high == b.high && a.usual == b.usual && a.rewards == b.rewards && a.from_group == b.from_group &&
           a.from_rewards == b.from_rewards && a.from_other == b.from_other && a.reasons == b.reasons;
  }
};

} // namespace ammo

#endif
