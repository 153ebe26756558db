/// A store that doesn't answer: what must be durable is refused by name, slates go on, and all heals by itself.
#include "ammo/runtime.hpp"
#include "runtime/state/inspection.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <atomic>
#include <chrono>
#include <future>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

constexpr user_id ann{1};

/// Somebody else writes to the file and doesn't end: the runtime's commits wait, then fail.
class other_writer {
public:
  explicit other_writer(const std::string& file) {
    REQUIRE(sqlite3_open(file.c_str(), &db_) == SQLITE_OK);
    sqlite3_busy_timeout(db_, 5'000);
    REQUIRE(sqlite3_exec(db_, "begin immediate", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  ~other_writer() { sqlite3_close(db_); }
  other_writer(const other_writer&) = delete;
  other_writer& operator=(const other_writer&) = delete;
  void end() { REQUIRE(sqlite3_exec(db_, "rollback", nullptr, nullptr, nullptr) == SQLITE_OK); }

private:
  sqlite3* db_ = nullptr;
};

} // namespace

TEST_CASE("a store that doesn't answer refuses what must be durable, and heals", "[state][outage]") {
  const scratch in("ammo_outage");
  options o;
  o.slots = 2;
  o.threads = 2;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = 2});
  o.limits.request_timeout_ms = 500;
  o.state = (in.folder / "state").string();
  const call_key given{77};
  slate shown;
  {
    auto rt = std::move(*runtime::start(o));
    for (std::uint64_t g = 1; g <= 3; ++g)
      REQUIRE(rt->add_goal({.goal = goal_id{g}, .owner = owner_id{g}, .subspace = "film", .grounded = {1, 0}}));
    REQUIRE(rt->add_user(ann));
    shown = *rt->ask(ann);

    other_writer busy(o.state + "/state.sqlite");
    const auto late = rt->feedback(ann, shown.creations[0].impression, 0.5, given);
    CHECK(late.code() == errc::outcome_unknown); // it may be durable one day
    std::uint64_t next = 100;
    CHECK(comes_true([&] { return rt->add_user(user_id{++next}).code() == errc::store_unavailable; }));
    CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5).code() == errc::store_unavailable);
    CHECK(refusals(*rt, errc::store_unavailable) >= 2);
    CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5, given).code() == errc::outcome_unknown); // as the first: it isn't refused, it waits for what comes of that
    const auto meanwhile = rt->ask(ann); // nobody has to wait for a slate
    REQUIRE(meanwhile);
    REQUIRE(meanwhile->creations.size() == 2);
    CHECK(meanwhile->provisional);
    CHECK(rt->health()->state == errc::store_unavailable);
    CHECK(rt->regret(ann));

    busy.end();
    CHECK(comes_true([&] { return static_cast<bool>(rt->add_user(user_id{++next})); }));
    CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5, given)); // told what became of it
    CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5));
    CHECK(rt->feedback(ann, meanwhile->creations[0].impression, 0.5).code() == errc::unknown_impression);
    CHECK(rt->health()->well());
    CHECK_FALSE(rt->ask(ann)->provisional);
    CHECK(rt->regret(ann)->observations == 2);
  }
  auto rt = std::move(*runtime::start(o));
  CHECK(rt->regret(ann)->observations == 2);
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5, given));
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5).code() == errc::feedback_twice);
}

TEST_CASE("who can't be put to sleep stays awake, and sleeps once the store answers", "[state][outage][sleepers]") {
  const scratch in("ammo_outage");
  auto o = films_in((in.folder / "state").string());
  o.durability.sleep_after_s = 1;
  auto rt = started(o);
  add_films(*rt, 3);
  REQUIRE(rt->add_user(ann));
  like(*rt, ann, 5);
  const auto before = believed(*rt, ann);
  other_writer busy(o.state + "/state.sqlite");
  REQUIRE(comes_true([&] { return refusals(*rt, errc::store_unavailable) > 0; }));
  CHECK(rt->statistics()->users == 1);
  CHECK(rt->statistics()->asleep == 0);
  CHECK(rt->ask(ann)); // it doesn't wait for the store
  busy.end();
  REQUIRE(comes_true([&] { return rt->statistics()->asleep == 1; }));
  CHECK(believed(*rt, ann).observations == before.observations);
  CHECK(rt->statistics()->asleep == 0);
}

TEST_CASE("sleepers who are woken together wait for a store that lags, and nothing is lost", "[state][outage][sleepers]") {
  constexpr std::uint64_t people = 700, width = 128;
  const scratch in("ammo_outage");
  auto o = films_in((in.folder / "state").string());
  o.user.learner = "classic";
  o.subspaces[0].width = width;
  o.durability.sleep_after_s = 0;
  const auto seen_by_all = [](runtime& rt, auto call) { // answers in any order; who finds no room calls again
    std::vector<std::uint64_t> left(people);
    std::iota(left.begin(), left.end(), std::uint64_t{1});
    return comes_true([&] {
      std::vector<std::future<result<slate>>> asked;
      for (const auto user : left)
        asked.push_back(rt.ask(user_id{user}, 0, use_future));
      std::vector<std::uint64_t> refused;
      for (std::size_t i = 0; i < left.size(); ++i)
        if (const auto shown = asked[i].get(); !shown)
          refused.push_back(left[i]);
        else
          call(left[i], *shown);
      left = std::move(refused);
      return left.empty();
    });
  };
  {
    auto rt = started(o);
    for (std::uint64_t g = 1; g <= 2; ++g) {
      std::vector<float> e(width);
      e[g] = 1;
      REQUIRE(rt->add_goal({.goal = goal_id{g}, .owner = owner_id{g}, .subspace = "film", .grounded = e}));
    }
    for (std::uint64_t user = 1; user <= people; ++user)
      REQUIRE(rt->add_user(user_id{user}));
    REQUIRE(seen_by_all(*rt, [&](std::uint64_t user, const slate& shown) {
      result<void> given = errc::overloaded;
      CHECK(comes_true([&] { return (given = rt->feedback(user_id{user}, shown.creations[0].impression, 0.5)).code() != errc::overloaded; }));
      CHECK(given.code() == errc::ok);
    }));
  }
  o.durability.sleep_after_s = 1;
  {
    auto rt = started(o);
    REQUIRE(comes_true([&] { return rt->statistics()->asleep == people; }));
  }
  o.durability.sleep_after_s = 0;
  auto rt = started(o);
  {
    other_writer busy(o.state + "/state.sqlite"); // for less than the time after which a commit fails
    std::atomic<bool> all = false;
    std::thread asks([&] { all = seen_by_all(*rt, [](std::uint64_t, const slate&) {}); });
    std::uint64_t woken = 0, still = 0;
    (void)comes_true([&] { // as many as can
      const auto now = rt->statistics()->asleep;
      still = std::exchange(woken, now) == now && now < people ? still + 1 : 0;
      return now == 0 || still == 30;
    });
    CHECK(rt->statistics()->asleep > 0); // some wait
    busy.end();
    asks.join();
    CHECK(all);
  }
  CHECK(rt->statistics()->asleep == 0);
  CHECK(rt->add_user(user_id{people + 1}));
  rt.reset();
  CHECK(started(o)->statistics()->users == people + 1);
}

TEST_CASE("a sleeper whose row is damaged is refused by name, and nobody else", "[state][outage][sleepers]") {
  const scratch in("ammo_outage");
  auto o = films_in((in.folder / "state").string());
  o.durability.sleep_after_s = 1;
  const user_id bob{2};
  {
    auto rt = started(o);
    add_films(*rt, 3);
    for (const auto user : {ann, bob}) {
      REQUIRE(rt->add_user(user));
      like(*rt, user, 3);
    }
    REQUIRE(comes_true([&] { return rt->statistics()->asleep == 2; }));
  }
  sqlite3* db = nullptr;
  REQUIRE(sqlite3_open((o.state + "/state.sqlite").c_str(), &db) == SQLITE_OK);
  REQUIRE(sqlite3_exec(db, "update sleepers set state = zeroblob(length(state)) where user = 1", nullptr, nullptr, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_changes(db) == 1);
  sqlite3_close(db);
  auto rt = started(o);
  CHECK(rt->ask(ann).code() == errc::state_damaged);
  CHECK(rt->add_user(ann).code() == errc::state_damaged); // nobody comes in their place
  CHECK(rt->ask(bob));
  CHECK(believed(*rt, bob).observations > 0);
  CHECK(rt->statistics()->asleep == 1);
  rt.reset();
  const auto held = inspect_state(o.state);
  REQUIRE(held);
  REQUIRE(held->damage.size() == 1);
  CHECK(held->damage.front().code == errc::state_damaged);
}
