/// Calls on behalf of Goal Buddies: to be there, to create, to withdraw, to write.
#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/service/permission.hpp"
#include "runtime/gateway/text/goal_document.hpp"
#include "runtime/gateway/text/members.hpp"

#include <limits>

namespace ammo::web {
namespace {

goal_id goal_in(const request& r) { return goal_id{id_of(r.path_parts[0], "goal")}; }

template <class T>
auto answer_shape(unsigned status, form as) {
  return [=](const T& value) { return answer_with(status, shape_of(value), as); };
}

void put_goal(const service& with, request&& r, answerer to) {
  const auto body = body_of(r);
  members from(body);
  auto spec = goal_of(from, goal_in(r));
  from.end();
  permit_in(r.who, spec.subspace);
  with.rt.add_goal(std::move(spec), answering<creation_receipt>(std::move(to), r.answer, answer_shape<creation_receipt>(201, r.answer)), key_of(r));
}

void delete_goal(const service& with, request&& r, answerer to) {
  with.rt.remove_goal(goal_in(r), answering<void>(std::move(to), r.answer, [] { return nothing(); }), key_of(r));
}

void post_creation(const service& with, request&& r, answerer to) {
  const auto body = body_of(r);
  members from(body);
  creation_spec spec;
  spec.goal = goal_in(r);
  spec.e = from.numbers("e");
  spec.grounded = from.numbers("grounded");
  spec.content = from.id("content").value_or(0);
  spec.replaces = creation_id{from.id("replaces").value_or(raw(no_creation))};
  spec.item = item_of(from);
  spec.tags = from.tags("tags");
  from.end();
  with.rt.create(std::move(spec), answering<creation_receipt>(std::move(to), r.answer, answer_shape<creation_receipt>(201, r.answer)), key_of(r));
}

void delete_creation(const service& with, request&& r, answerer to) {
  const creation_id creation{id_of(r.path_parts[1], "creation")};
  with.rt.withdraw(goal_in(r), creation, answering<void>(std::move(to), r.answer, [] { return nothing(); }), key_of(r));
}

writing_order order_of(const std::string& word) {
  if (word.empty() || word == "draft")
    return writing_order::draft;
  if (word == "publish")
    return writing_order::publish;
  if (word == "recall")
    return writing_order::recall;
  throw refusal(failure{errc::bad_value, "order is \"" + word.substr(0, 40) + "\"; draft, publish and recall are known"});
}

void post_text(const service& with, request&& r, answerer to) {
  const auto body = body_of(r);
  members from(body);
  writing_spec spec;
  spec.goal = goal_in(r);
  spec.text = from.text("text");
  spec.style.reach = from.number("reach", spec.style.reach);
  spec.style.length = from.number("length", spec.style.length);
  spec.seed = from.id("seed").value_or(spec.seed);
  spec.order = order_of(from.text("order"));
  from.end();
  with.rt.write(std::move(spec), answering<written_receipt>(std::move(to), r.answer, answer_shape<written_receipt>(200, r.answer)), key_of(r));
}

} // namespace

void add_goal_calls(std::vector<route>& all, const shared_service& with) {
  const auto of = [&with](auto call) { return [call, with](request&& r, answerer to) { call(*with, std::move(r), std::move(to)); }; };
  all.push_back({"put_goal", "PUT", "/v1/goals/{goal}", of(put_goal), reach::admin, false, true});
  all.push_back({"delete_goal", "DELETE", "/v1/goals/{goal}", of(delete_goal), reach::admin});
  all.push_back({"post_creation", "POST", "/v1/goals/{goal}/creations", of(post_creation), reach::admin});
  all.push_back({"delete_creation", "DELETE", "/v1/goals/{goal}/creations/{creation}", of(delete_creation), reach::admin});
  all.push_back({"post_text", "POST", "/v1/goals/{goal}/texts", of(post_text), reach::admin});
}

} // namespace ammo::web
