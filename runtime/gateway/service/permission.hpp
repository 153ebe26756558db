/// What a token permits. Where there are no keys everything is.
/// Lives here: the rules. May not live here: what a token looks like.
#pragma once

#include "runtime/gateway/service/router.hpp"
#include "runtime/gateway/text/access.hpp"

#include <cstdint>
#include <string_view>

namespace ammo::web {

/// May they carry out that operation? Errors thrown as `refusal`: `token_missing`, `token_expired`, `verb_refused` (not among the token's verbs, or an
/// admin's and this isn't their door).
void permit(const access& who, std::string_view operation, reach of, std::int64_t now_s);
/// The same of a route and whom its path is about. Errors thrown: also `other_user`, and `subspace_refused` (the token names subspaces, and the
/// operation may reach others).
void permit(const route& which, const request& r, std::int64_t now_s);
/// Errors thrown: `other_user`.
void permit_for(const access& who, user_id user);
/// Errors thrown: `subspace_refused`. An empty name stands for all of them.
void permit_in(const access& who, std::string_view subspace);

} // namespace ammo::web
