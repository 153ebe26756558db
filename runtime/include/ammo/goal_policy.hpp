/// A policy of the host's own for Goal Buddies: where a creation goes next, from what a creator sees of the game.
/// `goal.policy = "host"`, or `goal_spec::policy = "host"`, plays it.
#pragma once

#include "ammo/export.hpp"
#include "ammo/ids.hpp"
#include "ammo/policy.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

struct goal_view;

/// How often a creation was shown in the last period.
struct seen_creation {
  creation_id creation = no_creation;
  std::uint64_t impressions = 0;
};

/// What one Goal Buddy sees of the last period; never what anybody likes. Read only, and valid while `move` runs.
class AMMO_EXPORT creator_view {
public:
  explicit creator_view(const goal_view& internal) noexcept : view_(internal) {}

  [[nodiscard]] goal_id goal() const noexcept;
  [[nodiscard]] std::span<const float> grounded() const noexcept; ///< its facts: the subspace's `width` coordinates
  [[nodiscard]] std::span<const float> e() const noexcept;        ///< where its creation is
  [[nodiscard]] creation_id creation() const noexcept;            ///< and which it is
  /// Measured there: own impressions / rounds − λ·½|e − grounded|², mean over `goal.patience` periods.
  [[nodiscard]] double utility() const noexcept;
  [[nodiscard]] double lambda() const noexcept;
  [[nodiscard]] double norm_cap() const noexcept;                 ///< no creation may be longer
  [[nodiscard]] std::uint64_t asked() const noexcept;             ///< how often it was asked before
  /// 64 random bits that depend on the deployment's seed, the Goal Buddy and `asked` alone.
  [[nodiscard]] std::uint64_t seed() const noexcept;
  [[nodiscard]] std::uint64_t rounds() const noexcept;            ///< slates of the last period
  [[nodiscard]] std::span<const float> demand() const noexcept;   ///< the group's broadcast: where engagement lies
  [[nodiscard]] std::int64_t slot_price_micros() const noexcept;
  /// Calls `what` with everything that was shown, by creation.
  void each_seen(const std::function<void(const seen_creation&)>& what) const;
  /// Calls `what` with each public creation of the subspace. O(live · width).
  void each_live(const std::function<void(const live_creation&)>& what) const;

private:
  const goal_view& view_;
};

/// Where it would go, and the best place that it knows: no move is made without the budget for the way back there.
struct creator_move {
  std::vector<float> to, home;
};

/// What a host implements. One object moves one creation; it is used by one thread at a time. In a live runtime `move` runs on a thread for
/// policies, over a copy of what the Goal Buddy sees, and the move that it returns is made at the Goal Buddy's next turn. Past
/// `limits.policy_budget_ms` it is dropped, and the creation stays. A simulation moves at once, without a budget. All else runs in the Goal
/// Buddy, without a budget: what doesn't return at once holds up whoever else waits for that thread.
class AMMO_EXPORT creator_policy {
public:
  virtual ~creator_policy() = default;
  /// Nothing: it stays. Both places: `width` finite coordinates of a norm up to `norm_cap`. What breaks this, or throws,
  /// is refused as `policy_failed` (it threw), `wrong_dimension`, `not_finite` or `norm_over_cap`, counted in the
  /// statistics, and the creation stays where it is.
  [[nodiscard]] virtual std::optional<creator_move> move(const creator_view& view) = 0;
  /// The move last returned isn't made: no budget, or refused. What it throws counts as its next `move`'s failure.
  virtual void not_moved() {}
  /// What it has learned, as bytes of its own, for `restore`. Empty, as by default: it starts anew after a restart.
  [[nodiscard]] virtual std::vector<std::byte> save() const { return {}; }
  /// Goes on from what `save` gave, right after it was made; never called with no bytes. False: it can't, and its Goal
  /// Buddy isn't restored (`policy_failed`).
  [[nodiscard]] virtual bool restore(std::span<const std::byte>) { return false; }
};

/// Makes the policy of one Goal Buddy when that starts, or starts anew. Runs in the Goal Buddy, in several of them at once, and returns at once. Where it
/// makes none or throws, that one stays with its facts.
using creator_policy_maker = std::function<std::unique_ptr<creator_policy>(goal_id)>;

} // namespace ammo
