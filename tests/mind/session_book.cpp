/// How many sessions there are, how old and how long they become, and what is forgotten of them.
#include "runtime/host/sessions/session_book.hpp"

#include <catch2/catch.hpp>

using namespace ammo;
using namespace std::chrono_literals;

namespace {

constexpr user_id ann{1}, bob{2};
constexpr impression_id film{10}, book{11}, song{12};
constexpr session_partner maker{goal_id{5}, creation_id{6}, subspace_id{0}, 7};
const session_book::instant start{1h};

/// Asks, and has it answered.
void talk(session_book& all, user_id who, impression_id of, const std::string& text, session_book::instant now = start) {
  REQUIRE(all.begin(who, of, now));
  all.answered(who, of, text, maker, {0.5f, 0});
}

} // namespace

TEST_CASE("a session knows what was said before, and whom it is with", "[session]") {
  session_book all({.open = 2, .of_a_user = 2, .age = 10min, .questions = 2});
  const auto first = all.begin(ann, film, start);
  REQUIRE(first);
  CHECK((first->said.empty() && !first->with && first->number == 1));
  CHECK(all.begin(ann, film, start).code() == errc::overloaded); // one question at a time
  CHECK(all.answered(ann, film, "how long?", maker, {0.5f, 0}) == 1);
  const auto second = all.begin(ann, film, start + 1min);
  REQUIRE(second);
  CHECK(second->said == std::vector<std::string>{"how long?"});
  CHECK((second->with && second->with->goal == maker.goal && second->number == 2));
  CHECK(all.answered(ann, film, "by whom?", maker, {0, 0.5f}) == 0);
  CHECK(all.begin(ann, film, start).code() == errc::too_many_questions);

  const auto told = all.end(ann, film);
  REQUIRE(told);
  CHECK((told->goal == maker.goal && told->e == std::vector<float>{0, 0.5f}));
  CHECK_FALSE(all.end(ann, film)); // feedback reaches the Goal Buddy once
  CHECK(all.begin(ann, film, start).code() == errc::session_over);
  CHECK(all.open() == 0);
}

TEST_CASE("a question that isn't answered doesn't count", "[session]") {
  session_book all({.open = 2, .of_a_user = 2, .age = 10min, .questions = 1});
  for (int i = 0; i < 3; ++i) {
    REQUIRE(all.begin(ann, film, start));
    all.failed(ann, film);
    CHECK(all.open() == 0);
  }
  CHECK_FALSE(all.end(ann, film));
  talk(all, ann, film, "how long?");
  all.failed(ann, film); // comes twice: changes nothing
  CHECK(all.begin(ann, film, start).code() == errc::too_many_questions);
}

TEST_CASE("sessions are so many, of one person and of all", "[session][bounds]") {
  session_book all({.open = 3, .of_a_user = 2, .age = 10min, .questions = 4});
  talk(all, ann, film, "a");
  talk(all, ann, book, "b");
  CHECK(all.begin(ann, song, start).code() == errc::too_many_sessions);
  talk(all, bob, film, "c"); // of the same number: another person's
  CHECK(all.begin(bob, book, start).code() == errc::too_many_sessions);
  talk(all, ann, film, "going on");
  CHECK(all.end(ann, film));
  talk(all, bob, book, "d");
  CHECK(all.open() == 3);
}

TEST_CASE("a session is over at its age, and makes room for others", "[session][bounds]") {
  session_book all({.open = 2, .of_a_user = 2, .age = 10min, .questions = 4});
  talk(all, ann, film, "a");
  talk(all, ann, book, "b", start + 5min);
  CHECK(all.begin(ann, film, start + 10min).code() == errc::session_over);
  CHECK(all.open() == 1);
  talk(all, bob, film, "c", start + 10min);
  CHECK(all.begin(bob, book, start + 14min).code() == errc::too_many_sessions);
  CHECK(all.begin(bob, book, start + 15min));
  CHECK_FALSE(all.end(ann, book)); // its words are forgotten
  CHECK(all.begin(ann, book, start + 15min).code() == errc::session_over);
}

TEST_CASE("of ended sessions so many are known as may be open", "[session][bounds]") {
  session_book all({.open = 2, .of_a_user = 2, .age = 10min, .questions = 4});
  for (std::uint64_t i = 100; i < 200; ++i) {
    talk(all, ann, impression_id{i}, "a");
    CHECK(all.end(ann, impression_id{i}));
  }
  CHECK(all.begin(ann, impression_id{199}, start).code() == errc::session_over);
  CHECK(all.begin(ann, impression_id{198}, start).code() == errc::session_over);
  CHECK(all.begin(ann, impression_id{197}, start));
}

TEST_CASE("who goes leaves no session, and no answer on its way brings one back", "[session]") {
  session_book all({.open = 4, .of_a_user = 4, .age = 10min, .questions = 4});
  talk(all, ann, film, "a");
  talk(all, bob, film, "b");
  REQUIRE(all.begin(ann, book, start));
  CHECK(all.end(bob, film));
  all.forget(ann);
  CHECK(all.answered(ann, book, "late", maker, {1, 0}) == 0);
  CHECK(all.open() == 0);
  CHECK(all.begin(ann, film, start));
  CHECK(all.begin(bob, film, start).code() == errc::session_over);
}
