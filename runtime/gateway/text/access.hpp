/// Who asks, and what they may: what a token says, and by which door a request came.
/// Lives here: plain values. May not live here: keys, routes.
#pragma once

#include "ammo/ids.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::web {

/// What a token says.
struct claims {
  std::optional<user_id> user;        ///< for whom alone; nothing: everybody ("*")
  std::vector<std::string> verbs;     ///< names of operations, or "person" and "admin" for all of theirs; at least one
  std::vector<std::string> subspaces; ///< those that it reaches; empty: all
  double rate = 0;                    ///< requests a second, and at once; 0: as the server has it
  std::int64_t issued = 0, expires = 0; ///< seconds since 1970
  std::string id;                     ///< whose requests are counted together: `jti`, or else of the signature
};

/// Of a request.
struct access {
  std::shared_ptr<const claims> token{}; ///< null: none was given
  bool keyed = false;                    ///< the gateway has keys: without a token only what is open to all
  bool admin_door = false;               ///< it came to the address for admins
  bool everywhere = true;                ///< the token reaches every subspace of the deployment

  [[nodiscard]] bool may_act_for(user_id user) const noexcept { return !token || !token->user || *token->user == user; }
  [[nodiscard]] bool reaches(std::string_view subspace) const {
    return everywhere || !token || std::ranges::find(token->subspaces, subspace) != token->subspaces.end();
  }
};

} // namespace ammo::web
