/// The hyper-parameters of buddies that evolution may change while they play, and whose they are.
#pragma once

#include <cstdint>

namespace ammo {

enum class gene : std::uint8_t {
  noise,     ///< σ that a User Buddy samples and bounds with
  optimism,  ///< α of C2UCB, sampled or not
  epsilon,   ///< of ε-greedy
  step,      ///< longest step of a Goal Buddy
  patience,  ///< periods between two of its moves, rounded
  curiosity, ///< of an adaptive Goal Buddy
  reach,     ///< of what a Goal Buddy writes: how much it speaks of what was asked for
  length,    ///< and how much of the facts it tells
  end_
};

enum class buddy_kind : std::uint8_t { user, goal };

} // namespace ammo
