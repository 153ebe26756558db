/// What a person can do with what they are shown.
#ifndef AMMO_SIGNAL_HPP // hosts see this file as ammo/signal.hpp: one guard for both
#define AMMO_SIGNAL_HPP

#include <array>
#include <cstddef>
#include <cstdint>

namespace ammo {

/// From the least to the most that it says; `dismiss` says the opposite.
enum class signal : std::uint8_t {
  view,     ///< looked at it
  like,
  save,     ///< kept it for later: a watch list, a bookmark
  share,
  response, ///< did what it is for: bought, applied, enrolled
  dismiss,  ///< doesn't want to see it
};
inline constexpr std::size_t signals = 6;

/// The reward of each signal, in [−1, 1], by its number.
using signal_weights = std::array<double, signals>;
inline constexpr signal_weights default_signal_weights{0.05, 0.5, 0.7, 0.6, 1.0, -1.0};

} // namespace ammo

#endif
