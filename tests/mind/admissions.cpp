#include "runtime/host/admission/admissions.hpp"
#include "runtime/host/calls/request_book.hpp"
#include "tests/support/disorder.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <string>

using namespace ammo;
using namespace std::chrono_literals;
using ammo::test::disordered;

namespace {

constexpr time_source::instant early{};

std::optional<admissions::answered> taken_in(admissions& by, std::uint64_t request, std::uint64_t life, errc code = errc::ok) {
  admission a;
  a.request = request;
  a.code = code;
  return by.on_admission(a, life);
}

} // namespace

TEST_CASE("an admission is answered once every Subspace has introduced the user", "[admissions][coordination]") {
  admissions a(2);
  const user_id ann{7};
  a.ask_user(1, ann);
  CHECK(a.on_introduction(ann, 5, subspace_id{1}).empty());
  CHECK(a.on_introduction(ann, 5, subspace_id{1}).empty()); // twice
  CHECK_FALSE(taken_in(a, 1, 5));
  CHECK_FALSE(taken_in(a, 1, 5));
  CHECK_FALSE(a.knows(ann));
  const auto answers = a.on_introduction(ann, 5, subspace_id{0});
  REQUIRE(answers.size() == 1);
  CHECK((answers[0].request == 1 && answers[0].what.code == errc::ok));
  CHECK(a.knows(ann));
  // It is started again: known all the while.
  CHECK(a.on_introduction(ann, 6, subspace_id{0}).empty());
  CHECK(a.knows(ann));
  // Somebody else asks for it, too.
  a.ask_user(2, ann);
  CHECK(taken_in(a, 2, 0, errc::duplicate_user)->what.code == errc::duplicate_user);
  CHECK(a.knows(ann));
  auto gone = a.on_leave(ann, 6, early);
  CHECK((gone.goodbye && gone.answers.empty()));
  CHECK_FALSE(a.on_leave(ann, 6, early).goodbye);
  CHECK_FALSE(a.knows(ann));
  CHECK(a.on_introduction(ann, 6, subspace_id{1}).empty()); // late: counts for nobody
  CHECK(a.users() == 0);
  // Admitted anew.
  a.ask_user(3, ann);
  CHECK_FALSE(taken_in(a, 3, 8));
  CHECK(a.on_introduction(ann, 6, subspace_id{1}).empty());
  CHECK(a.on_introduction(ann, 8, subspace_id{0}).empty());
  CHECK(a.on_introduction(ann, 8, subspace_id{1}).size() == 1);
}

TEST_CASE("a user who leaves before all have introduced them is answered for, and forgotten", "[admissions][coordination]") {
  admissions a(3);
  a.ask_user(1, user_id{7});
  CHECK_FALSE(taken_in(a, 1, 1));
  const auto gone = a.on_leave(user_id{7}, 1, early);
  CHECK(gone.goodbye);
  REQUIRE(gone.answers.size() == 1);
  CHECK(gone.answers[0].request == 1);
  CHECK(a.users() == 0);
  a.ask_user(2, user_id{8}); // the goodbye is faster than the answer
  CHECK(a.on_leave(user_id{8}, 2, early).goodbye);
  CHECK(taken_in(a, 2, 2)->request == 2);
  CHECK_FALSE(a.knows(user_id{8}));
}

TEST_CASE("a Goal Buddy is known where it was taken in, also after its host has given up", "[admissions][coordination]") {
  admissions a(2);
  a.ask_goal(4, goal_id{1}, subspace_id{1});
  CHECK_FALSE(a.subspace_of(goal_id{1}));
  CHECK(taken_in(a, 4, 0)->request == 4);
  CHECK(a.subspace_of(goal_id{1}) == subspace_id{1});
  a.ask_goal(5, goal_id{1}, subspace_id{0});
  CHECK(taken_in(a, 5, 0, errc::duplicate_goal)->what.code == errc::duplicate_goal);
  CHECK(taken_in(a, 5, 0)->request == 5); // late and wrong: nothing waits for it
  CHECK(a.subspace_of(goal_id{1}) == subspace_id{1});
  CHECK(taken_in(a, 99, 0)->request == 99); // of a dismissal
}

TEST_CASE("without subspaces an admission is answered at once", "[admissions][coordination]") {
  admissions a(0);
  a.ask_user(1, user_id{7});
  CHECK(taken_in(a, 1, 1));
  CHECK(a.knows(user_id{7}));
}

TEST_CASE("who is known at last depends on what was said, not on when it came", "[admissions][coordination]") {
  struct event {
    enum { introduction,
           answer,
           end } what = introduction;
    std::uint64_t user = 0, life = 0, by = 0; // by: a subspace, or a request
  };
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    splitmix64 g(seed);
    const std::size_t subspaces = 1 + seed % 4;
    admissions a(subspaces);
    std::vector<event> said;
    std::map<std::uint64_t, std::uint64_t> here; // the model: user → the life that goes on
    std::set<std::uint64_t> requests, ends;
    std::uint64_t life = 0;
    for (int i = 0; i < 40; ++i) {
      const std::uint64_t user = g() % 5;
      if (here.contains(user) && g() % 2) {
        said.push_back({event::end, user, here[user], 0});
        ends.insert(here[user]);
        here.erase(user);
        continue;
      }
      const bool anew = !here.contains(user); // else it fails, and is started again
      here[user] = ++life;
      if (anew) {
        requests.insert(life);
        a.ask_user(life, user_id{user});
        said.push_back({event::answer, user, life, life});
      }
      for (std::size_t s = 0; s < subspaces; ++s)
        said.push_back({event::introduction, user, life, s});
    }
    std::map<std::uint64_t, int> answered, goodbyes;
    for (const auto& e : disordered(said, g, seed % 30)) {
      if (e.what == event::end) {
        const auto out = a.on_leave(user_id{e.user}, e.life, early);
        goodbyes[e.life] += out.goodbye;
        for (const auto& x : out.answers)
          ++answered[x.request];
      } else if (e.what == event::answer) {
        if (const auto x = taken_in(a, e.by, e.life))
          ++answered[x->request];
      } else {
        for (const auto& x : a.on_introduction(user_id{e.user}, e.life, subspace_id{static_cast<std::uint16_t>(e.by)}))
          ++answered[x.request];
      }
    }
    for (std::uint64_t user = 0; user < 5; ++user)
      REQUIRE(a.knows(user_id{user}) == here.contains(user));
    REQUIRE(a.users() == here.size());
    for (auto request : requests)
      REQUIRE(answered[request] >= 1); // a copy of an answer finds nobody in the book of requests
    for (auto ended : ends)
      REQUIRE(goodbyes[ended] <= 1);
  }
}

TEST_CASE("requests expire in their order, and an answer that comes late or twice finds nobody", "[admissions][coordination]") {
  request_book<std::string> book(5s);
  CHECK_FALSE(book.watches());
  const auto one = book.open("one", early).first, two = book.open("two", early + 1s).first, three = book.open("three", early + 2s).first;
  CHECK((one != 0 && one < two && two < three));
  *book.find(two) += "!";
  std::string got;
  const auto keep = [&](std::string s) { got = std::move(s); };
  CHECK(book.close(one, keep));
  CHECK(got == "one");
  CHECK_FALSE(book.close(one, keep));
  CHECK(book.expire(early + 5999ms).empty());
  const auto late = book.expire(early + 6s);
  REQUIRE(late.size() == 1);
  CHECK(late[0] == std::pair{two, std::string("two!")});
  CHECK_FALSE(book.close(two, keep));
  CHECK(book.watches());
  CHECK(book.close_all() == std::vector<std::string>{"three"});
  CHECK(book.expire(early + 1h).empty());
  CHECK(book.size() == 0);
  CHECK_FALSE(book.watches());

  const auto told = book.open("answered", early).first;
  CHECK(book.expire(early + 1h, [](const std::string& s) { return s == "answered"; }).empty());
  CHECK_FALSE(book.watches());
  CHECK(book.close(told, keep)); // whenever it is told
  CHECK(got == "answered");
}

TEST_CASE("who was here before a restart sleeps once every Subspace has introduced them, and can be woken", "[admissions][sleepers]") {
  const user_id ann{1};
  admissions a(2);
  a.recovered(ann);
  CHECK(a.knows(ann));
  CHECK_FALSE(a.doze(ann)); // an introduction that is on its way would make them known behind their sleep
  CHECK(a.on_introduction(ann, 7, subspace_id{0}).empty());
  CHECK_FALSE(a.doze(ann));
  CHECK(a.on_introduction(ann, 7, subspace_id{1}).empty());
  const auto life = a.doze(ann);
  REQUIRE(life == 7u);
  CHECK_FALSE(a.has(ann));
  a.slept(ann, *life, early);
  CHECK(a.on_introduction(ann, 7, subspace_id{1}).empty()); // told twice
  CHECK_FALSE(a.has(ann));
  a.woken(ann, 8);
  CHECK(a.knows(ann));
  CHECK(a.doze(ann) == 8u);
}
