/// Calls on behalf of a person: to be there, what they are interested in, slates, beliefs.
#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/calls/slate_text.hpp"
#include "runtime/gateway/service/permission.hpp"
#include "runtime/gateway/text/members.hpp"

#include <algorithm>
#include <charconv>

namespace ammo::web {
namespace {

user_id user_in(const request& r) { return user_id{id_of(r.path_parts[0], "user")}; }

stated_interest interest_of(members& from) {
  stated_interest out;
  out.subspace = from.text("subspace");
  out.text = from.text("text");
  out.vector = from.numbers("vector");
  out.confidence = from.number("confidence", out.confidence);
  if (const auto word = from.text("situation"); !word.empty())
    out.situation = word;
  from.end();
  return out;
}

void put_user(const service& with, request&& r, answerer to) {
  const auto user = user_in(r);
  const auto form = r.answer;
  const auto here = [user](bool created) { return document{{"user", id_text(raw(user))}, {"created", created}}; };
  auto created = answering<void>(to, form, [=] { return answer_with(201, here(true), form); });
  if (!has_body(r)) {
    // To put somebody who is here already changes nothing.
    with.rt.add_user(
      user, [=](result<void> done) {
        if (!done && done.code() == errc::duplicate_user)
          to(answer_with(200, here(false), form));
        else
          created(std::move(done));
      },
      key_of(r));
    return;
  }
  const auto body = body_of(r);
  members from(body);
  const auto* interest = from.find("interest");
  from.end();
  if (!interest)
    throw refusal(fault::missing_member, "interest; without one, send no body");
  members stated(*interest, "interest");
  with.rt.add_user(user, interest_of(stated), std::move(created), key_of(r));
}

void delete_user(const service& with, request&& r, answerer to) {
  const auto user = user_in(r);
  with.rt.remove_user(user, answering<void>(std::move(to), r.answer, [] { return nothing(); }), key_of(r));
}

void put_interest(const service& with, request&& r, answerer to) {
  const auto user = user_in(r);
  const auto body = body_of(r);
  members from(body);
  auto stated = interest_of(from);
  permit_in(r.who, stated.subspace);
  with.rt.state_interest(user, std::move(stated), answering<void>(std::move(to), r.answer, [] { return nothing(); }), key_of(r));
}

std::uint64_t number_in(std::string_view text, std::uint64_t most, std::string_view of) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || out > most)
    throw refusal(fault::bad_query, std::string(of) + ": \"" + std::string(text.substr(0, 40)) + "\" is no whole number from 0 to " + std::to_string(most));
  return out;
}

/// "tag:3,goal:12,content:7": what `content_set` lists, each entry with its kind.
content_set set_of(std::string_view text, std::string_view of) {
  content_set out;
  while (!text.empty()) {
    const auto entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const auto colon = entry.find(':');
    const auto kind = entry.substr(0, colon);
    const auto value = colon == entry.npos ? std::string_view() : entry.substr(colon + 1);
    if (kind == "tag")
      out.tags.push_back(static_cast<std::uint32_t>(number_in(value, UINT32_MAX, of)));
    else if (kind == "all_tag")
      out.all_tags.push_back(static_cast<std::uint32_t>(number_in(value, UINT32_MAX, of)));
    else if (kind == "content")
      out.contents.push_back(number_in(value, UINT64_MAX, of));
    else if (kind == "creation")
      out.creations.push_back(creation_id{number_in(value, UINT64_MAX, of)});
    else if (kind == "goal")
      out.goals.push_back(goal_id{number_in(value, UINT64_MAX, of)});
    else if (kind == "owner")
      out.owners.push_back(owner_id{number_in(value, UINT64_MAX, of)});
    else
      throw refusal(fault::bad_query, std::string(of) + ": \"" + std::string(entry.substr(0, 40)) +
                                        "\"; entries are tag:, all_tag:, content:, creation:, goal: and owner:, each with a number");
  }
  return out;
}

void get_slate(const shared_service& with, request&& r, answerer to) {
  const auto user = user_in(r);
  std::uint32_t slots = 0;
  ask_options how;
  for (const auto& [name, value] : r.query) {
    if (name == "slots")
      slots = static_cast<std::uint32_t>(number_in(value, UINT32_MAX, name));
    else if (name == "situation")
      how.situation = value.empty() ? situation() : situation(value);
    else if (name == "only")
      how.only = set_of(value, name);
    else if (name == "except")
      how.except = set_of(value, name);
    else
      throw refusal(fault::bad_query, "\"" + name.substr(0, 40) + "\"; slots, situation, only and except are read");
  }
  const auto as = r.answer;
  with->rt.ask(user, slots, std::move(how),
               answering<slate>(std::move(to), as, [=](const slate& s) { return response{.status = 200, .type = as == form::json ? json_type : msgpack_type, .body = bytes_of(s, *with, as)}; }));
}

void get_why(const shared_service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with->rt.explain(user_in(r), impression_id{id_of(r.path_parts[1], "impression")},
                   answering<explanation>(std::move(to), form, [=](const explanation& e) { return answer_with(200, shape_of(e, *with), form); }));
}

void post_question(const shared_service& with, request&& r, answerer to) {
  const auto user = user_in(r);
  const impression_id impression{id_of(r.path_parts[1], "impression")};
  const auto body = body_of(r);
  members from(body);
  auto text = from.needed_text("text");
  writing_style style;
  style.reach = from.number("reach", style.reach);
  style.length = from.number("length", style.length);
  from.end();
  const auto form = r.answer;
  with->rt.elaborate(user, impression, std::move(text),
                     answering<elaboration>(std::move(to), form, [=](const elaboration& e) { return answer_with(200, shape_of(e, *with), form); }), style);
}

void get_belief(const service& with, request&& r, answerer to) {
  const auto form = r.answer;
  with.rt.regret(user_in(r), answering<user_belief>(std::move(to), form, [=](const user_belief& b) { return answer_with(200, shape_of(b), form); }));
}

} // namespace

void add_people_calls(std::vector<route>& all, const shared_service& with) {
  const auto of = [&with](auto call) { return [call, with](request&& r, answerer to) { call(*with, std::move(r), std::move(to)); }; };
  all.push_back({"get_slate", "GET", "/v1/users/{user}/slate", [with](request&& r, answerer to) { get_slate(with, std::move(r), std::move(to)); }});
  all.push_back({"get_belief", "GET", "/v1/users/{user}/belief", of(get_belief), reach::person, true});
  all.push_back({"get_why", "GET", "/v1/users/{user}/impressions/{impression}/why", [with](request&& r, answerer to) { get_why(with, std::move(r), std::move(to)); }, reach::person, true});
  all.push_back({"post_question", "POST", "/v1/users/{user}/impressions/{impression}/questions", [with](request&& r, answerer to) { post_question(with, std::move(r), std::move(to)); }});
  all.push_back({"put_interest", "PUT", "/v1/users/{user}/interest", of(put_interest), reach::person, false, true});
  all.push_back({"put_user", "PUT", "/v1/users/{user}", of(put_user)});
  all.push_back({"delete_user", "DELETE", "/v1/users/{user}", of(delete_user)});
}

} // namespace ammo::web
