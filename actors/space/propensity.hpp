/// How likely a policy was to show what it showed: what a log needs so that another policy can be judged from it.
#ifndef AMMO_PROPENSITY_HPP // hosts see this file as ammo/propensity.hpp: one guard for both
#define AMMO_PROPENSITY_HPP

#include <cstdint>

namespace ammo {

/// How a propensity came about.
enum class propensity_source : std::uint8_t {
  unknown = 0,   ///< nobody can tell
  exact = 1,     ///< in closed form, or as the host's policy says
  resampled = 2, ///< 1 / (draws until it was chosen again): 1 / propensity is right in expectation
  control = 3,   ///< the slate was drawn at random for control (`user.control_share`): exact, or 0 where caps had a say in it
};

/// A probability in (0, 1] with its source; where that is unknown, its value says nothing.
struct propensity {
  float value = 0;
  propensity_source source = propensity_source::unknown;

  [[nodiscard]] constexpr bool known() const noexcept { return source != propensity_source::unknown && !(source == propensity_source::control && value == 0); }
  /// Is it in (0, 1], or unknown?
  [[nodiscard]] constexpr bool sound() const noexcept { return !known() || (value > 0 && value <= 1); }
  friend bool operator==(const propensity&, const propensity&) = default;
};

} // namespace ammo

#endif
