/// Push: which new creations would enter whose slate.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// What a new creation must be worth to enter this user's slate. While the posterior mean is within `slack` of
/// `anchor` and all of `slate` is live, a creation e of subspace s can enter only where e·anchor + |e|·slack ≥
/// thresholds[s]. Replaces the one before.
struct watch {
  static constexpr std::uint16_t type = 43;
  user_id user{};
  embedding anchor;                  ///< posterior mean, all D coordinates
  float slack = 0;
  std::vector<float> thresholds;     ///< by subspace
  std::vector<std::uint64_t> versions; ///< by subspace: of the catalogue that this speaks of; 0: none seen
  std::vector<creation_id> slate;    ///< the creations that hold the thresholds up
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.user, s.anchor, s.slack, s.thresholds, s.versions, s.slate);
  }
  friend bool operator==(const watch&, const watch&) = default;
};

/// New creations may enter a user's slate: the User Buddy is to look for itself.
struct wake {
  static constexpr std::uint16_t type = 44;
  subspace_id subspace{};
  std::uint64_t version = 0;           ///< of the catalogue that has them; its news may come later than this
  std::vector<creation_id> fresh;
  std::vector<creation_id> replaced; ///< by place in `fresh`: the creation that was moved there; `no_creation`: none
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.subspace, s.version, s.fresh, s.replaced); }
  friend bool operator==(const wake&, const wake&) = default;
};

} // namespace ammo
