/// The options of a User Buddy: what it believes of its person, how it chooses, and what is its own.
#pragma once

#include "actors/space/embedding_store.hpp"
#include "actors/user_buddy/belief/belief_options.hpp"
#include "actors/user_buddy/slate/slate_options.hpp"

#include <memory>

namespace ammo {

class belief_model;

/// Shared by all User Buddies of a shard; immutable. Filled by name: all fields of the three rooms are its own.
struct user_config : belief_options, slate_options {
  /// Of creations that are gone while somebody who has this configuration still refers to them. Not null.
  std::shared_ptr<embedding_store> embeddings = std::make_shared<embedding_store>();
  bool logs_decisions = false; ///< frames of slates say what there was to choose from
  /// What is believed of somebody new where there is no `prior`, of which each new mind has a copy: what copies share is there once. Null, and
  /// with a prior: each makes its own.
  std::shared_ptr<const belief_model> newcomer{};

  [[nodiscard]] exploration explores() const noexcept { return {noise, epsilon, optimism}; }
};

} // namespace ammo
