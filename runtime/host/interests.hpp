/// What a host's words and vectors of interest mean in the coordinates of a deployment's subspaces.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/layout.hpp"
#include "ammo/runtime.hpp"

#include <shared_mutex>
#include <string>
#include <vector>

namespace ammo {

/// Usable from any thread.
class interests {
public:
  explicit interests(layout space) : space_(std::move(space)), embedders_(space_.size()) {}

  /// Errors: `unknown_subspace`.
  result<void> set_embedder(const std::string& subspace, text_embedder embedder);
  /// Errors: those of `runtime::state_interest`, but `unknown_user`.
  [[nodiscard]] result<interest_statement> statement_of(user_id user, const stated_interest& stated) const;

  /// What a text means in one subspace; no coordinates where it has no embedder. Errors: those of the embedder.
  [[nodiscard]] result<std::vector<float>> understood(subspace_id subspace, std::string_view text) const;

private:
  [[nodiscard]] result<subspace_id> named(const std::string& subspace) const;
  [[nodiscard]] result<interest_notice> checked(subspace_id subspace, std::vector<float> v) const;
  [[nodiscard]] result<std::vector<interest_notice>> meanings(const stated_interest& stated) const;

  layout space_;
  mutable std::shared_mutex changing_;
  std::vector<text_embedder> embedders_; ///< by subspace
};

} // namespace ammo
