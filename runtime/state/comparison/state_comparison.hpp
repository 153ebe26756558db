/// Is a state what its log says? Each unit is played from the older of its two newest snapshots along the log to the newer one, and compared
/// with it, bit for bit. Nothing is changed.
#pragma once

#include "ammo/options.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace ammo {

struct unit_comparison {
  std::string name;
  std::uint64_t frames = 0;     ///< that were played
  bool compared = false;        ///< false: there is one snapshot, or none
  std::uint64_t users = 0;      ///< compared, of a unit of users
  std::uint64_t heard_news = 0; ///< of these: heard of other people between the snapshots, so their posterior follows from more than the log
  std::string differs;          ///< where first; empty: nowhere
};

struct state_comparison {
  std::vector<unit_comparison> units;
  [[nodiscard]] bool equal() const noexcept;
  [[nodiscard]] std::string to_text() const; ///< a line a unit
  [[nodiscard]] std::string to_json() const; ///< an object a line
};

/// Reads the state that `deployment.state` names; no runtime may be using it. What the log doesn't hold isn't compared: see docs/durability.md.
/// Errors: `no_such_file`, `state_in_use`, `state_other_layout`, `bad_state` (the options no longer fit), those of the store.
[[nodiscard]] result<state_comparison> replay_state(const options& deployment);

} // namespace ammo
