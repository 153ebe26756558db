/// What policy "ftrl" remembers of one user: the losses of what is live, and the marginals that feedback will need.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/user_buddy/slate/hybrid_ftrl.hpp"
#include "actors/user_buddy/slate/ranking.hpp"
#include "actors/user_buddy/slate/slate_memory.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// Arms are the live creations of all subspaces, N are shown in a round; a reward r counts as the loss −r, within [−1,
/// 1]. What came and what went is followed from version to version. State: 24 bytes a live creation, 24 one that awaits
/// feedback.
class ftrl_memory {
public:
  /// Follows the catalogues. Call it whenever a snapshot is new. O(K).
  void renew(snapshots_view snapshots);
  /// The round's slate: `slots` creations, each with its marginal exactly, then up to n − slots others as spares, the
  /// likeliest first. Values fall from 1 with the rank. O(K · iterations).
  [[nodiscard]] ranking choose(std::uint64_t round, std::size_t slots, std::size_t n, splitmix64 g);
  /// How likely each creation of that round's slate was, exactly, if it is the last one; spares left out.
  [[nodiscard]] chances last(std::uint64_t round) const;
  /// Learns what was chosen in that round; of spares nothing, as nobody knows how likely they were.
  void learn(std::uint64_t round, std::span<const earned> entries);
  /// What `slates` has forgotten had no feedback and will have none: it counts as reward 0.
  void forget(const slate_memory& slates);

private:
  struct shown {
    std::uint64_t round;
    creation_id creation;
    double marginal;
  };
  void learn(const shown& s, double reward) noexcept;

  hybrid_ftrl learner_;
  std::vector<creation_id> arms_; // by subspace and row
  std::vector<shown> awaited_;    // oldest first
};

} // namespace ammo
