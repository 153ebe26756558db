/// A person asks the Goal Buddy that made what they were shown, and what they think of the answer reaches both buddies.
#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <future>
#include <string>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1}, bob{2};

std::uint64_t counted(runtime& rt, const std::string& name) {
  const auto all = rt.statistics();
  REQUIRE(all);
  for (const auto& c : all->counters)
    if (c.name == name)
      return c.value;
  return 0;
}

/// Looks again until it is so; false after twenty seconds.
template <class F>
bool becomes(F f) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < until)
    if (f())
      return true;
  return false;
}

options talking() {
  auto o = films();
  o.goal.generator = "template";
  return o;
}

/// Films that know something of themselves.
void add_talking_films(runtime& rt, int n) {
  REQUIRE(rt.set_embedder("film", [](std::string_view) -> result<std::vector<float>> { return std::vector<float>{0.8f, 0.6f}; }));
  for (int i = 1; i <= n; ++i) {
    auto f = film(i);
    f.facts = {{"title", "Film " + std::to_string(i)}, {"text", "It was shot at night. The train is real."}, {"link", "https://example.org/" + std::to_string(i)}};
    REQUIRE(rt.add_goal(std::move(f)));
  }
}

shown_creation first_shown(runtime& rt, user_id user) {
  const auto s = rt.ask(user, 1);
  REQUIRE(s);
  REQUIRE(s->creations.size() == 1);
  return s->creations[0];
}

} // namespace

TEST_CASE("a person asks the Goal Buddy of an item, and it is written anew by their words from its facts", "[runtime][session]") {
  auto rt = started(talking());
  add_talking_films(*rt, 6);
  REQUIRE(rt->add_user(ann));
  const auto shown = first_shown(*rt, ann);
  const auto spent = rt->statistics()->budget_spent_micros;
  const auto told = rt->elaborate(ann, shown.impression, "a real train");
  INFO((told ? std::string{} : told.error().text()));
  REQUIRE(told);
  CHECK((told->impression == shown.impression && told->creation == shown.creation && told->goal == shown.goal && told->content == shown.content));
  CHECK(told->text.title.find("Film " + std::to_string(raw(shown.goal))) != std::string::npos);
  CHECK(told->text.title.find("a real train") != std::string::npos);
  CHECK(told->text.body.find("The train is real.") != std::string::npos);
  CHECK(told->text.link == "https://example.org/" + std::to_string(raw(shown.goal)));
  CHECK(told->questions_left == 15);
  CHECK(counted(*rt, "questions") == 1);

  // Nothing is offered to others, and nobody pays.
  CHECK(rt->statistics()->budget_spent_micros == spent);
  const auto elsewhere = rt->ask(ann, 6);
  REQUIRE(elsewhere);
  for (const auto& c : elsewhere->creations)
    CHECK((!c.item || c.item->title.find("a real train") == std::string::npos));

  SECTION("their feedback reaches the User Buddy, which learns, and the Goal Buddy, and ends the session") {
    REQUIRE(rt->feedback(ann, shown.impression, signal::like));
    CHECK(rt->regret(ann)->observations == 1);
    CHECK(becomes([&] { return counted(*rt, "session_feedback") == 1; }));
    CHECK(rt->elaborate(ann, shown.impression, "and then?").code() == errc::session_over);
    CHECK(rt->feedback(ann, shown.impression, signal::like).code() == errc::feedback_twice);
    CHECK(counted(*rt, "session_feedback") == 1);
  }
  SECTION("feedback outside of a session reaches no Goal Buddy by itself") {
    REQUIRE(rt->feedback(ann, elsewhere->creations[0].impression, 1.0));
    REQUIRE(rt->feedback(ann, shown.impression, -1.0));
    CHECK(becomes([&] { return counted(*rt, "session_feedback") == 1; }));
    CHECK(counted(*rt, "feedback") == 2);
  }
  SECTION("who is forgotten leaves no session") {
    REQUIRE(rt->remove_user(ann));
    CHECK(rt->elaborate(ann, shown.impression, "and then?").code() == errc::unknown_user);
  }
}

TEST_CASE("questions that can't be have their names, and are counted", "[runtime][session][bad-input]") {
  auto o = talking();
  o.limits.session_questions = 1;
  auto rt = started(std::move(o));
  add_talking_films(*rt, 6);
  REQUIRE(rt->add_goal(film(11))); // without facts
  REQUIRE(rt->add_user(ann));
  REQUIRE(rt->add_user(bob));
  const auto shown = first_shown(*rt, ann);
  const auto refused = [&](user_id user, impression_id impression, std::string text, errc code, writing_style style = {}) {
    const auto before = refusals(*rt, code);
    CHECK(rt->elaborate(user, impression, std::move(text), style).code() == code);
    CHECK(refusals(*rt, code) == before + 1);
  };
  refused(ann, shown.impression, "", errc::bad_text);
  refused(ann, shown.impression, "\xff", errc::bad_text);
  refused(ann, shown.impression, std::string(1'001, 'x'), errc::text_too_long);
  refused(ann, shown.impression, "how?", errc::bad_value, {2, 0});
  refused(bob, shown.impression, "how?", errc::feedback_not_shown);
  refused(user_id{9}, shown.impression, "how?", errc::unknown_user);
  refused(ann, impression_id{5}, "how?", errc::unknown_impression);
  const auto silent = rt->ask(ann, 1, ask_options{.only = {.goals = {goal_id{11}}}});
  REQUIRE(silent);
  refused(ann, silent->creations.at(0).impression, "how?", errc::generator_failed);
  REQUIRE(rt->elaborate(ann, shown.impression, "how?"));
  refused(ann, shown.impression, "and?", errc::too_many_questions);
  // A Goal Buddy that has gone.
  const auto other = rt->ask(ann, 1, ask_options{.except = {.goals = {shown.goal, goal_id{11}}}});
  REQUIRE(other);
  REQUIRE(rt->remove_goal(other->creations.at(0).goal));
  const auto gone = rt->elaborate(ann, other->creations[0].impression, "how?");
  CHECK((gone.code() == errc::unknown_creation || gone.code() == errc::unknown_goal));
}

TEST_CASE("of one person so many sessions are open, and feedback makes room", "[runtime][session][bounds]") {
  auto rt = started(talking());
  add_talking_films(*rt, 3);
  REQUIRE(rt->add_user(ann));
  std::vector<impression_id> all;
  while (all.size() <= sessions_of_a_user)
    all.push_back(first_shown(*rt, ann).impression);
  for (std::size_t i = 0; i < sessions_of_a_user; ++i)
    REQUIRE(rt->elaborate(ann, all[i], "how?"));
  CHECK(rt->elaborate(ann, all.back(), "how?").code() == errc::too_many_sessions);
  REQUIRE(rt->feedback(ann, all[3], 0.0));
  CHECK(rt->elaborate(ann, all.back(), "how?"));
}

TEST_CASE("an outside model hears what was asked before in the session, and not who asks", "[runtime][session]") {
  auto o = talking();
  o.goal.generator = std::string(AMMO_HOSTILE_GENERATOR) + " recalls";
  auto rt = started(std::move(o));
  add_talking_films(*rt, 3);
  REQUIRE(rt->add_user(ann));
  const auto shown = first_shown(*rt, ann);
  CHECK(rt->elaborate(ann, shown.impression, "is it long?")->text.body == "is it long?\n");
  CHECK(rt->elaborate(ann, shown.impression, "who made it?")->text.body == "is it long?\nwho made it?\n");
  const auto other = first_shown(*rt, ann); // another session
  CHECK(rt->elaborate(ann, other.impression, "who made it?")->text.body == "who made it?\n");
}

TEST_CASE("a generator that says nothing holds a question to the call's deadline, and the next one is free", "[runtime][session][deadline]") {
  auto o = talking();
  o.goal.generator = std::string(AMMO_HOSTILE_GENERATOR) + " hang";
  o.goal.generator_timeout_ms = 60'000;
  o.limits.request_timeout_ms = 300;
  auto rt = started(std::move(o));
  add_talking_films(*rt, 3);
  REQUIRE(rt->add_user(ann));
  const auto shown = first_shown(*rt, ann);
  auto waits = rt->elaborate(ann, shown.impression, "how?", use_future);
  CHECK(rt->elaborate(ann, shown.impression, "how, again?").code() == errc::overloaded);
  CHECK(waits.get().code() == errc::timed_out);
  CHECK(rt->elaborate(ann, shown.impression, "how?").code() == errc::timed_out);
}
