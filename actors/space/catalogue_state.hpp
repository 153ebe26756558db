/// What a catalogue's builder holds, as a value.
#pragma once

#include "actors/space/catalogue.hpp"

#include <cstdint>
#include <memory>
#include <tuple>
#include <vector>

namespace ammo {

struct catalogue_state {
  std::uint64_t version = 0;              ///< of the last one published
  bool changed = true;                    ///< since then
  std::vector<std::uint32_t> generations; ///< by row that was ever used
  std::vector<std::shared_ptr<const panel>>
      panels; ///< what is live now; each is shared with the version if it hasn't changed
  std::shared_ptr<const catalogue_version> published; ///< null before the first
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.version, s.changed, s.generations, s.panels, s.published);
  }
};

} // namespace ammo
