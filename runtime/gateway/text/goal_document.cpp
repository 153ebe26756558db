#include "runtime/gateway/text/goal_document.hpp"

#include "runtime/gateway/text/refusal.hpp"

namespace ammo::web {
namespace {

std::vector<fact> facts_of(members& from) {
  std::vector<fact> out;
  const auto* all = from.find("facts");
  if (!all)
    return out;
  if (!all->is_array())
    throw refusal(fault::wrong_member_type, "facts is " + std::string(all->type_name()) + ", not an array");
  for (const auto& one : *all) {
    members named(one, "facts");
    out.push_back({named.needed_text("name"), named.needed_text("text")});
    named.end();
  }
  return out;
}

} // namespace

std::shared_ptr<const item> item_of(members& from) {
  const auto* shown = from.find("item");
  if (!shown)
    return nullptr;
  members named(*shown, "item");
  auto out = std::make_shared<item>();
  out->title = named.needed_text("title");
  out->body = named.text("body");
  out->link = named.text("link");
  named.end();
  return out;
}

goal_spec goal_of(members& from, goal_id id) {
  goal_spec out;
  out.goal = id;
  out.subspace = from.needed_text("subspace");
  out.grounded = from.numbers("grounded");
  out.owner = owner_id{from.id("owner").value_or(0)};
  out.content = from.id("content").value_or(0);
  out.budget_micros = from.whole("budget_micros", out.budget_micros);
  out.policy = from.text("policy");
  out.facts = facts_of(from);
  out.item = item_of(from);
  out.tags = from.tags("tags");
  return out;
}

} // namespace ammo::web
