/// A host's policy with a memory of its own: how often it chose for each user. Saved with the user, and taken back.
#pragma once

#include "actors/user_buddy/slate/slate_policy.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace ammo::test {

/// What it chooses is its heir's: `chosen[user]` is to be counted on and looked at there.
struct counting_policy : slate_policy {
  mutable std::map<user_id, std::uint8_t> chosen;

  std::vector<std::byte> save(user_id user) const override { return {std::byte{chosen[user]}}; }
  bool restore(user_id user, std::span<const std::byte> kept) const override {
    if (kept.size() != 1)
      return false;
    chosen[user] = static_cast<std::uint8_t>(kept.front());
    return true;
  }
};

} // namespace ammo::test
