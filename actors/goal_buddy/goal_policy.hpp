/// How a Goal Buddy moves: one interface, and the policies behind it. Pure: a policy sees what a real creator would (its
/// own impressions, the group's regret broadcast, the public creations), and never a q.
#pragma once

#include "actors/goal_buddy/text_generator.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/state/goal_state.hpp"
#include "actors/base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace ammo {

/// The maximisers of U = P(e ∈ S) − λ·½|e − grounded|².
enum class goal_policy : std::uint8_t {
  fixed,     ///< "static": offers its grounded facts once
  exploiter, ///< climbs from where it is: along demand, then along random lines both ways, with restarts of the step
  explorer,  ///< goes where few others are
  adaptive,  ///< goes where public exposures promise visibility, measures it, stays where that pays
  host,      ///< what the host supplies as `goal_config::host`
  unstated,  ///< named "": `adaptive` where it can rewrite its content (facts and a generator), else `fixed`
};
[[nodiscard]] std::string_view name_of(goal_policy p) noexcept;
/// Errors: `bad_value`, with the names that exist.
[[nodiscard]] result<goal_policy> goal_policy_named(std::string_view name);

/// The policy that `p` stands for in a Goal Buddy that can rewrite its content, and in one that can't.
[[nodiscard]] constexpr goal_policy resolved(goal_policy p, bool writes) noexcept {
  return p != goal_policy::unstated ? p : writes ? goal_policy::adaptive : goal_policy::fixed;
}

struct goal_config;

/// What a policy sees. Valid while it moves.
struct goal_view {
  const goal_config& config;
  goal_id goal{};
  std::span<const float> grounded;            ///< its facts, block-relative
  std::span<const float> e;                   ///< where its creation is
  creation_id creation = no_creation;         ///< and which it is
  double utility = 0;                         ///< measured there: the mean over the last `patience` periods
  std::uint64_t asked = 0;                    ///< how often it was asked before
  const regret_feedback& heard;               ///< the newest broadcast
  std::span<const float> interests;           ///< sum of the interests stated to it since it was asked last; may be empty
  const catalogue_version* creations = nullptr; ///< everybody's, as published; null where none was seen
  std::shared_ptr<const catalogue_version> kept{}; ///< the same, for who goes on looking after the call

  /// ½|x − grounded|².
  [[nodiscard]] double error_of(std::span<const float> x) const noexcept;
  /// Where people would have it go: the direction of demand plus that of the interests; no direction is 0.
  [[nodiscard]] std::vector<float> wanted() const;
  /// This time's own random numbers.
  [[nodiscard]] splitmix64 randomness() const noexcept;
};

/// Where it would go, and the best place that it knows, which it must always be able to pay the way back to.
struct goal_move {
  std::vector<float> to, home;
};

class goal_strategy {
public:
  virtual ~goal_strategy() = default;
  /// The same again: a mind asks a copy, which takes the place of the one before once all has succeeded. Null, the default: it is asked itself,
  /// and what it did then stays where the rest failed.
  [[nodiscard]] virtual std::unique_ptr<goal_strategy> clone() const { return nullptr; }
  /// Asked once the utility of the creation is measured. Nothing: it stays.
  [[nodiscard]] virtual std::optional<goal_move> move(const goal_view& view) = 0;
  /// The move last returned isn't made (no budget, refused): the creation is where it was.
  virtual void not_moved() {}
  /// What it has learned. Default: nothing, it starts anew.
  [[nodiscard]] virtual goal_strategy_state save() const { return std::vector<std::byte>{}; }
  /// Goes on from there, in a block of `dim` coordinates. Errors: `bad_state` for the state of another policy and for
  /// one that doesn't fit; `policy_failed` where a host's policy can't.
  [[nodiscard]] virtual errc restore(const goal_strategy_state& state, [[maybe_unused]] std::size_t dim) {
    return std::holds_alternative<std::vector<std::byte>>(state) ? errc::ok : errc::bad_state;
  }
};

/// Makes a host's policy for one Goal Buddy.
using goal_strategy_maker = std::function<std::unique_ptr<goal_strategy>(goal_id)>;

/// How a Goal Buddy goes about moving, and writing for that: what may change while it plays. See `goal_config`.
struct goal_habits {
  double step = 0.1;
  std::uint32_t patience = 5;
  double curiosity = 0.02;
  writing_style style = {};
};

struct goal_config {
  goal_policy policy = goal_policy::unstated;
  double lambda = 1.0;        ///< weight of the cost ½|e − grounded|² against visibility; ≥ 0
  double step = 0.1;          ///< longest step; halved (down to 1/16) after one that didn't pay, else doubled; > 0
  float norm_cap = 1.0f;
  std::uint32_t patience = 5; ///< periods that a utility is measured for, between two moves; ≥ 1
  std::uint64_t seed = 1;
  bool by_merit = false;      ///< P(e ∈ S) is replaced by the mean backward reward of a round (see reward_rule)
  double curiosity = 0.02;    ///< adaptive: how fast a belief that failed comes back, a turn; in [0, 1]
  goal_strategy_maker host = {}; ///< of goal_policy::host; without it, or where it throws or makes none, it is static
  std::shared_ptr<text_generator> generator = {}; ///< writes what it offers; null: it offers places without a text
  writing_style style = {};                       ///< how it is to write
  std::int64_t income_micros = 0;                 ///< what it earns with a unit of engagement

  [[nodiscard]] goal_habits habits() const noexcept { return {step, patience, curiosity, style}; }
};

/// The policy of a Goal Buddy; null for static.
[[nodiscard]] std::unique_ptr<goal_strategy> make_goal_strategy(const goal_config& config, goal_id goal);

} // namespace ammo
