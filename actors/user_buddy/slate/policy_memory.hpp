/// What a policy remembers of one user between rounds, beside what is believed of them. Pure.
#pragma once

#include "actors/user_buddy/slate/ranking.hpp"
#include "actors/user_buddy/slate/slate_memory.hpp"
#include "actors/protocol/state/user_state.hpp"

#include <cstdint>
#include <memory>
#include <span>

namespace ammo {

/// Made by `slate_policy::memory`; a user's mind holds it and tells it what happens.
class policy_memory {
public:
  virtual ~policy_memory() = default;
  [[nodiscard]] virtual std::unique_ptr<policy_memory> clone() const = 0;
  /// Follows the catalogues: called whenever one of them is new.
  virtual void renew(snapshots_view snapshots) = 0;
  /// Rewards of a round's slate.
  virtual void learn(std::uint64_t round, std::span<const earned> entries) = 0;
  /// What `slates` has forgotten had no feedback and will have none.
  virtual void forget(const slate_memory& slates) = 0;
  /// Fills the field of its policy.
  virtual void save(policy_state& to) const = 0;
};

} // namespace ammo
