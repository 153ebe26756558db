/// A policy of the host's own: what each person sees is chosen by a function of the host's, from what is believed of
/// them. Registered by name beside the options; `user.policy = "host"` plays it.
#pragma once

#include "ammo/export.hpp"
#include "ammo/ids.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

struct slate_view;

/// A creation that a policy chose.
struct valued_creation {
  creation_id creation = no_creation;
  float value = 0; ///< finite; slots go to the largest values first
  /// With which the policy chose it, given all that it knew before the round, if it can tell: in (0, 1]. It is logged
  /// with the impression. 0: unknown.
  float propensity = 0;
  friend bool operator==(const valued_creation&, const valued_creation&) = default;
};

/// What is believed of the reward e·q of a creation: a normal distribution.
struct believed_value {
  float mean = 0;
  float deviation = 0; ///< standard deviation
};

/// A creation that could be shown.
struct live_creation {
  creation_id creation = no_creation;
  subspace_id subspace{};           ///< in the order of the options
  goal_id goal{};
  owner_id owner{};
  std::uint64_t content = 0;        ///< the host's own number for the content
  std::span<const float> embedding; ///< the subspace's `width` coordinates; valid during the call
};

/// One user in one round, as a policy sees them. Read only, and valid while `choose` runs.
class AMMO_EXPORT policy_view {
public:
  explicit policy_view(const slate_view& internal) noexcept : view_(internal) {}

  [[nodiscard]] user_id user() const noexcept;
  [[nodiscard]] std::uint64_t round() const noexcept; ///< the user's own count of slates, from 1
  [[nodiscard]] std::uint32_t slots() const noexcept; ///< N
  /// Most creations that may be chosen: N, and where caps can refuse some, or `user.diversity` picks among them, more.
  [[nodiscard]] std::uint32_t most() const noexcept;
  /// 64 random bits that depend on the deployment's seed, the user and the round alone: a policy that draws from these
  /// is reproducible.
  [[nodiscard]] std::uint64_t seed() const noexcept;
  /// The word of `user.situations` in which the person asks; empty: in none in particular.
  [[nodiscard]] std::string_view situation() const noexcept;
  /// How many creations may be shown: those that are live, and that the ask doesn't rule out (`ask_options`). What follows is of these
  /// alone.
  [[nodiscard]] std::size_t live() const noexcept;
  [[nodiscard]] bool is_live(creation_id creation) const noexcept;
  /// Calls `what` with each creation that may be shown, by subspace. O(live · width).
  void each_live(const std::function<void(const live_creation&)>& what) const;
  /// The tags of a creation (`goal_spec::tags`), ascending; none of what isn't live.
  [[nodiscard]] std::vector<std::uint32_t> tags(creation_id creation) const;
  /// Posterior mean of q: all D coordinates. O(d²).
  [[nodiscard]] std::vector<float> mean() const;
  /// Nothing for what isn't live. O(d²).
  [[nodiscard]] std::optional<believed_value> value(creation_id creation) const;
  /// A draw of q from the posterior. Draw 0 is the one by which Thompson sampling would choose. O(d²).
  [[nodiscard]] std::vector<float> sample(std::uint64_t draw = 0) const;
  /// The n creations of the largest e·q, exactly, best first. `q`: D coordinates (else none are found).
  [[nodiscard]] std::vector<valued_creation> top(std::span<const float> q, std::size_t n) const;
  /// What a built-in policy would choose: "thompson", "greedy", "uniform", "epsilon_greedy" or "c2ucb"; else nothing.
  [[nodiscard]] std::vector<valued_creation> built_in(std::string_view policy = "thompson") const;

private:
  const slate_view& view_;
};

/// What a host implements. One object chooses for all users, from several threads at once: in a live runtime on threads for policies alone,
/// within `limits.policy_budget_ms`.
class AMMO_EXPORT host_policy {
public:
  virtual ~host_policy() = default;
  /// One to `view.most()` distinct creations that may be shown, in any order. What breaks this, or throws, is refused for the round
  /// as `policy_failed` (it threw), `policy_empty`, `policy_too_many`, `duplicate_in_slate`, `not_live`, `not_eligible`,
  /// `unknown_subspace`, `not_finite` or `bad_propensity`, counted in the statistics, and the user gets the slate of
  /// Thompson sampling instead.
  [[nodiscard]] virtual std::vector<valued_creation> choose(const policy_view& view) const = 0;
  /// What the policy remembers of a user, in bytes that only it reads: part of the user's saved state. Called while no
  /// slate is chosen for this user, in the User Buddy: it returns at once, and doesn't stop the runtime. What throws counts as nothing. Default: nothing.
  [[nodiscard]] virtual std::string save(user_id) const { return {}; }
  /// Takes back what `save` gave, before the first slate of a user who was saved. False, or what throws: the policy can't
  /// read it, and the saved state is refused. Default: there is nothing to take back.
  [[nodiscard]] virtual bool restore(user_id, std::string_view saved) const { return saved.empty(); }
};

/// The host's policies by name. `user.host_policy` names the one that is played; it may be empty where there is one
/// only.
using host_policies = std::map<std::string, std::shared_ptr<const host_policy>, std::less<>>;

} // namespace ammo
