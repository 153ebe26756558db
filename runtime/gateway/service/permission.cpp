#include "runtime/gateway/service/permission.hpp"

namespace ammo::web {

void permit(const access& who, std::string_view operation, reach of, std::int64_t now_s) {
  if (!who.keyed || of == reach::everybody)
    return;
  if (!who.token)
    throw refusal(fault::token_missing);
  if (who.token->expires <= now_s)
    throw refusal(fault::token_expired);
  const auto has = [&](std::string_view verb) { return std::ranges::find(who.token->verbs, verb) != who.token->verbs.end(); };
  if (!has(operation) && !has(of == reach::admin ? "admin" : "person"))
    throw refusal(fault::verb_refused, std::string(operation) + " is not among the token's verbs");
  if (of == reach::admin && !who.admin_door)
    throw refusal(fault::verb_refused, std::string(operation) + " is an admin's; ask for it at the admins' address");
}

void permit(const route& which, const request& r, std::int64_t now_s) {
  const access& who = r.who;
  permit(who, which.name, which.to, now_s);
  if (!who.keyed || which.to == reach::everybody)
    return;
  if (which.path.starts_with("/v1/users/{user}"))
    permit_for(who, user_id{id_of(r.path_parts.at(0), "user")});
  if (which.private_ && !who.token->user && !who.admin_door)
    throw refusal(fault::verb_refused, std::string(which.name) + " of anybody is an admin's; ask for it at the admins' address, or with the user's own token");
  if (!which.names_subspace)
    permit_in(who, {});
}

void permit_for(const access& who, user_id user) {
  if (!who.may_act_for(user))
    throw refusal(fault::other_user, "user " + std::to_string(raw(user)));
}

void permit_in(const access& who, std::string_view subspace) {
  if (subspace.empty() ? !who.everywhere : !who.reaches(subspace))
    throw refusal(fault::subspace_refused, subspace.empty() ? "it may reach every subspace" : std::string(subspace.substr(0, 80)));
}

} // namespace ammo::web
