/// How a slate is chosen: one interface, and the policies behind it. Pure: a policy sees a user's mind as it is in a
/// round and may not change it; whatever it draws follows from (seed, user, round).
#pragma once

#include "actors/base/random.hpp"
#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/slate/policy_memory.hpp"
#include "actors/user_buddy/slate/ranking.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace ammo {

/// A level as a value that messages may carry: none is infinite.
[[nodiscard]] inline float level_as_value(double level) noexcept { return static_cast<float>(std::clamp(level, -1e30, 1e30)); }

/// What a policy sees. Valid while it chooses.
struct slate_view {
  const layout& space;
  const slate_options& options;
  const belief_model& believed; ///< of q
  exploration explores;         ///< by which this user's mind plays now
  double noise = 0;             ///< σ of a reward around e·q
  user_id user{};
  std::uint64_t round = 0;      ///< the user's own count of slates, from 1
  std::size_t slots = 0;        ///< N
  std::size_t n = 0;            ///< creations wanted: slots and spares
  snapshots_view snapshots;     ///< what is live; at least one
  policy_memory* memory = nullptr; ///< that the policy has made; null where it has none
  chances* told = nullptr;      ///< where it says how likely what it chose was, if asked
  const eligibility* eligible = nullptr; ///< what may be shown; null: all that is live
  std::uint32_t situation = 0;  ///< in which the person asks, from 1; 0: none in particular
  bool fills = false;           ///< all slots are filled, whatever creations are worth
  std::uint32_t look = 0;       ///< of several that a slate takes, each with numbers of its own; < 1,024

  /// Most creations that a policy may choose.
  [[nodiscard]] std::size_t most() const noexcept {
    return options.spare_candidates == 0 ? n : std::min(most_candidates, n * snapshots.size());
  }
  /// How many creations tell whether the last of n was chosen by its value alone.
  [[nodiscard]] std::size_t asked() const noexcept { return told ? n + 1 : n; }
  /// How many creations may be shown. O(subspaces) where all may, else O(rows).
  [[nodiscard]] std::size_t choices() const noexcept {
    std::size_t sum = 0;
    for (const auto& s : snapshots)
      sum += how_many(eligible, *s);
    return sum;
  }
  /// The least e·m, or e·q of a draw, that is worth a slot. No bound where slots are filled.
  [[nodiscard]] float least(subspace_id s) const {
    return fills ? std::numeric_limits<float>::lowest() : level_as_value(believed.level(space.factor_of(s), options.empty_slot_worth));
  }
  /// The same of a bound.
  [[nodiscard]] float least_bound(subspace_id s) const noexcept {
    return fills ? std::numeric_limits<float>::lowest()
                 : level_as_value(believed.bound_level(space.factor_of(s), options.empty_slot_worth));
  }
  /// The policy's own numbers of this user's round, the same however often it is asked.
  [[nodiscard]] splitmix64 randomness() const noexcept {
    return look == 0 ? generator(options.seed, stream::policy, raw(user), round)
                     : generator(options.seed, stream::alike, raw(user), round * 1024 + look);
  }
};

class slate_policy {
public:
  virtual ~slate_policy() = default;
  /// Distinct eligible creations, best first by finite values: at most `most()`. How likely each was, given all that was
  /// known before the round, goes to `view.told`, if the policy can tell: of all or of none, and whether it can must
  /// not depend on what it drew (else a log is a biased one).
  [[nodiscard]] virtual ranking choose(const slate_view& view) const = 0;
  /// Does it draw what it chooses in this round at random, whatever is believed?
  [[nodiscard]] virtual bool by_chance(const slate_view&) const { return false; }
  /// What it will remember of a user who is new to it; null: nothing.
  [[nodiscard]] virtual std::unique_ptr<policy_memory> memory() const { return nullptr; }
  /// The memory that was saved; null where there is none in the state, or it isn't sound.
  [[nodiscard]] virtual std::unique_ptr<policy_memory> memory(const policy_state&) const { return nullptr; }
  /// What a host's policy keeps of a user by itself, and takes back. False where it can't.
  [[nodiscard]] virtual std::vector<std::byte> save(user_id) const { return {}; }
  [[nodiscard]] virtual bool restore(user_id, std::span<const std::byte>) const { return true; }
};

/// The policy of that name: an object without state, shared by everyone. See `user_mind::propose` for what each does.
/// `host` has none here, and gets Thompson's.
[[nodiscard]] const slate_policy& policy_of(user_policy p) noexcept;

/// What a policy that may do anything chooses, best first, equals in its own order. Where it throws or breaks the rules
/// of `choose`, `fault` says how, and Thompson sampling chooses: `policy_failed`, `policy_empty` (although something is
/// eligible), `policy_too_many`, `unknown_subspace`, `not_live`, `not_eligible`, `not_finite`, `duplicate_in_slate`,
/// `bad_propensity` (outside (0, 1]).
[[nodiscard]] ranking host_choice(const slate_policy& host, const slate_view& view, errc& fault);

/// What a host's policy has chosen elsewhere.
struct host_choice_made {
  ranking chosen;
  chances told;
};
/// The policy that chooses just that, for `host_choice` to judge by what is live now. Nothing: the host's has failed, or there was no time
/// for it, and Thompson sampling stands in.
class chosen_before final : public slate_policy {
public:
  explicit chosen_before(std::optional<host_choice_made> made) : made_(std::move(made)) {}
  [[nodiscard]] ranking choose(const slate_view& view) const override;

private:
  std::optional<host_choice_made> made_;
};

/// q as Thompson sampling draws it with these numbers, and its mean: D coordinates.
[[nodiscard]] coordinates sampled_preference(const slate_view& view, splitmix64 g);
[[nodiscard]] coordinates mean_preference(const slate_view& view);

} // namespace ammo
