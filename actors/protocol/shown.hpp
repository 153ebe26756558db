/// What a host gets to see, the same struct from the actor that says it to the callback that hears it: a shown creation, a
/// receipt, a verdict. Plain values of the standard library alone: public headers include this.
#ifndef AMMO_SHOWN_HPP // hosts see this file as ammo/shown.hpp: one guard for both
#define AMMO_SHOWN_HPP

#include "actors/base/errc.hpp"
#include "actors/base/ids.hpp"
#include "actors/base/item.hpp"
#include "actors/space/propensity.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

namespace ammo {

/// One granted slot of a slate: one creation as a person sees it.
struct shown_creation {
  impression_id impression{};
  creation_id creation = no_creation;
  goal_id goal{};
  std::uint64_t content = 0; ///< the host's own number for the content
  /// With which the user's policy showed it: keep it with the reward, and another policy can be judged from the log
  /// (ammo/off_policy.hpp). Unknown for Thompson sampling without `user.propensity_draws`, where `user.diversity`,
  /// caps, floors or a sale had a say, and where the policy's choice was between equals.
  ammo::propensity propensity{};
  std::uint32_t slot = 0;    ///< its place in the slate, from 0
  subspace_id subspace{};    ///< where it lives
  std::shared_ptr<const ammo::item> item{}; ///< title, body, link, shared with the catalogue; null: none was given
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.impression, s.creation, s.goal, s.content, s.propensity.value, s.propensity.source, s.slot, s.subspace,
                    s.item);
  }
  /// Items are compared by their texts.
  friend bool operator==(const shown_creation& a, const shown_creation& b) {
    return a.impression == b.impression && a.creation == b.creation && a.goal == b.goal && a.content == b.content &&
           a.propensity == b.propensity && a.slot == b.slot && a.subspace == b.subspace && same(a.item, b.item);
  }
};

/// A creation that was taken, and what it cost.
struct creation_receipt {
  creation_id creation = no_creation;
  std::int64_t cost_micros = 0;    ///< what was charged
  std::int64_t balance_micros = 0; ///< what is left of the budget
  friend bool operator==(const creation_receipt&, const creation_receipt&) = default;
};

/// What became of a request. The number is the asker's: it comes back.
struct verdict {
  std::uint64_t request = 0; ///< 0: nobody waits
  errc code = errc::ok;
  std::string detail{};      ///< where and what, when refused
  friend bool operator==(const verdict&, const verdict&) = default;
};

} // namespace ammo

#endif
