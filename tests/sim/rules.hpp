/// Rules of the cluster that a simulated node can be made to break, to see that the simulator notices.
#pragma once

#include <cstdint>

namespace ammo::sim {

enum class broken_rule : std::uint8_t {
  none,
  ignores_its_lease,        ///< answers though its lease is over
  fences_the_living,        ///< fences a node whose lease holds, as if it were surely gone
  answers_before_durable,   ///< an answer leaves before its frame is in the log
  takes_unknown_for_done,   ///< an append without an answer is taken for durable
  keeps_what_it_released,   ///< serves a unit behind the block that releases it
  forgets_keys,             ///< doesn't read answers of keys back
  forgets_keys_too_soon,    ///< keeps them for less than a call may take
  renames_repeats,          ///< repeats a call under a new key
  says_nothing_happened,    ///< ends a call that was sent as timed out
  never_gives_up,           ///< lets calls run past their deadline
  adds_differences,         ///< says what was spent since the last message, instead of running totals
  tells_undurable_totals,   ///< says what was spent in frames that aren't durable
  takes_nothing,            ///< leaves free units to others
  gives_nothing,            ///< keeps what another node should play
  end_
};

} // namespace ammo::sim
