/// What a state holds, for whoever looks after one: every row is read and every checksum is checked; nothing is changed.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace ammo {

struct state_inspection {
  struct user {
    std::uint64_t user = 0, rounds = 0, observations = 0, open = 0; ///< impressions that await feedback
    bool asleep = false; ///< a row of the store; as of when they fell asleep
  };
  struct goal {
    std::uint64_t goal = 0, owner = 0;
    std::string subspace;
    std::int64_t granted_micros = 0, spent_micros = 0;
    std::uint64_t live = 0; ///< creations
  };
  struct unit {
    std::string name;
    std::uint64_t term = 0, place = 0; ///< of its newest snapshot; 0: it has none
    std::uint64_t bytes = 0, frames = 0; ///< of that; since that
  };
  struct log {
    std::string node;
    bool ended = false; ///< its process is gone
    std::uint64_t first = 0, head = 0, blocks = 0, bytes = 0;
  };
  std::string path, layout, in_use; ///< `in_use`: who has it; empty: nobody
  std::uint32_t shards = 0;
  std::uint64_t bytes = 0, pieces = 0, keys = 0, rows = 0; ///< `rows`: sleepers that were read
  std::vector<user> users;
  std::vector<goal> goals;
  std::vector<unit> units;
  std::vector<log> logs;
  std::vector<failure> damage; ///< empty: every checksum matches

  /// For people. Users, Goal Buddies and creations are as of the snapshots; frames since are counted beside them.
  [[nodiscard]] std::string to_text() const;
  /// One JSON object a line; the first is the whole, those that follow say by `kind` what they are.
  [[nodiscard]] std::string to_json() const;
};

/// Reads a state, also while a runtime has it. Errors: `no_such_file` (no state there), those of the store.
[[nodiscard]] result<state_inspection> inspect_state(const std::string& path);

} // namespace ammo
