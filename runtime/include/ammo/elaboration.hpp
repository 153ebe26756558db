/// What a person is told in a session with the Goal Buddy that made what they were shown.
#pragma once

#include "ammo/ids.hpp"
#include "ammo/written.hpp"

#include <cstdint>
#include <string>

namespace ammo {

inline constexpr std::size_t longest_question = 1'000; ///< bytes
inline constexpr std::size_t sessions_of_a_user = 16;  ///< that are open at once

/// The item of an impression, written anew by its Goal Buddy from its facts, by a person's words. Theirs alone: nothing is offered to others,
/// and nobody pays.
struct elaboration {
  impression_id impression{};
  creation_id creation = no_creation;
  goal_id goal{};
  subspace_id subspace{};
  std::uint64_t content = 0; ///< the host's own number for the content
  written_creation text;     ///< title, body, media, link, action: data, to be escaped where it is shown
  std::uint32_t questions_left = 0; ///< that this session still takes
};

} // namespace ammo
