/// Calls that tell what a person did and prefers.
#include "runtime/gateway/calls/gathering.hpp"
#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/service/permission.hpp"
#include "runtime/gateway/text/members.hpp"

namespace ammo::web {
namespace {

void give_feedback(const service& with, const access& who, const document& item, call_key key, callback<void> done) {
  members from(item);
  const user_id user{from.needed_id("user")};
  permit_for(who, user);
  const impression_id impression{from.needed_id("impression")};
  const bool valued = from.has("value"), signalled = from.has("signal");
  if (valued == signalled)
    throw refusal(fault::missing_member, valued ? "value or signal: one of them, not both" : "value or signal");
  const auto value = from.number("value", 0);
  const auto signal = from.text("signal");
  from.end();
  if (valued)
    with.rt.feedback(user, impression, value, std::move(done), key);
  else
    with.rt.feedback(user, impression, std::string_view(signal), std::move(done), key);
}

void post_feedback(const service& with, request&& r, answerer to) {
  const auto named = key_of(r); // a key that can't be read is the whole request's
  for_each_item(r, with.limits.feedback_items, std::move(to), [&](const document& item, std::size_t number, callback<void> done) {
    give_feedback(with, r.who, item, number == 0 ? named : key_of(r, number), std::move(done));
  });
}

void post_preferences(const service& with, request&& r, answerer to) {
  const user_id user{id_of(r.path_parts[0], "user")};
  const auto named = key_of(r);
  for_each_item(r, with.limits.feedback_items, std::move(to), [&](const document& item, std::size_t number, callback<void> done) {
    members from(item);
    const impression_id better{from.needed_id("better")}, worse{from.needed_id("worse")};
    from.end();
    with.rt.prefer(user, better, worse, std::move(done), number == 0 ? named : key_of(r, number));
  });
}

} // namespace

void add_feedback_calls(std::vector<route>& all, const shared_service& with) {
  all.push_back({"post_feedback", "POST", "/v1/feedback", [with](request&& r, answerer to) { post_feedback(*with, std::move(r), std::move(to)); }});
  all.push_back({"post_preferences", "POST", "/v1/users/{user}/preferences", [with](request&& r, answerer to) { post_preferences(*with, std::move(r), std::move(to)); }});
}

} // namespace ammo::web
