/// Some of the creations that are live, as a host names them: by tags, or by lists.
/// Lives here: the description, standard library only. May not live here: what finds them in a catalogue.
#ifndef AMMO_CONTENT_SET_HPP // hosts see this file as ammo/content_set.hpp: one guard for both
#define AMMO_CONTENT_SET_HPP

#include "actors/base/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

inline constexpr std::size_t most_tags = 64;       ///< of one creation
inline constexpr std::size_t most_listed = 16'384; ///< entries of each list of a content_set

/// The creations of which one of these is true. Lists are in any order, at most `most_listed` entries each. With several subspaces
/// `contents` are looked for in all of them.
struct content_set {
  std::vector<std::uint32_t> tags{};     ///< one of these is among its tags (`goal_spec::tags`)
  std::vector<std::uint32_t> all_tags{}; ///< all of these are among its tags
  std::vector<std::uint64_t> contents{}; ///< its `content`, the host's own number, is one of these
  std::vector<creation_id> creations{};  ///< it is one of these; a creation that moves gets another id
  std::vector<goal_id> goals{};          ///< its Goal Buddy is one of these
  std::vector<owner_id> owners{};        ///< its owner is one of these

  [[nodiscard]] bool empty() const noexcept {
    return tags.empty() && all_tags.empty() && contents.empty() && creations.empty() && goals.empty() && owners.empty();
  }
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.tags, s.all_tags, s.contents, s.creations, s.goals, s.owners);
  }
  friend bool operator==(const content_set&, const content_set&) = default;
};

} // namespace ammo

#endif
