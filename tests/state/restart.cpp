/// A runtime is stopped and started again on the same folder: nobody is forgotten, nothing counts twice.
#include "ammo/goal_policy.hpp"
#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

options films_in(const scratch& in) { return ammo::testing::films_in((in.folder / "state").string()); }

constexpr user_id ann{1}, bob{2};

} // namespace

TEST_CASE("a restart forgets nobody: beliefs are the same to the bit", "[state]") {
  const scratch in("ammo_state");
  for (const auto& learner : {"classic", "people"}) {
    auto o = films_in(in);
    o.state += learner;
    o.user.learner = learner;
    user_belief of_ann, of_bob;
    {
      auto rt = started(o);
      for (int i = 0; i < 12; ++i)
        REQUIRE(rt->add_goal(film(i)));
      REQUIRE(rt->add_user(ann));
      REQUIRE(rt->add_user(bob, {.subspace = "film", .vector = {0, 1}, .confidence = 0.5}));
      like(*rt, ann, 30);
      like(*rt, bob, 5, 2);
      of_ann = believed(*rt, ann);
      of_bob = believed(*rt, bob);
      REQUIRE(of_ann.observations == 90);
    }
    auto rt = started(o);
    check_same(believed(*rt, ann), of_ann);
    check_same(believed(*rt, bob), of_bob);
    CHECK(rt->add_user(ann).code() == errc::duplicate_user);
    CHECK(rt->add_goal(film(3)).code() == errc::duplicate_goal);
    like(*rt, ann, 3);
    CHECK(believed(*rt, ann).observations == 99);
  }
}

TEST_CASE("an impression granted before a restart counts once, and only once", "[state]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  slate shown;
  {
    auto rt = started(o);
    for (int i = 0; i < 6; ++i)
      REQUIRE(rt->add_goal(film(i)));
    REQUIRE(rt->add_user(ann));
    REQUIRE(rt->add_user(bob));
    shown = *rt->ask(ann);
    REQUIRE(shown.creations.size() == 3);
    REQUIRE(rt->feedback(ann, shown.creations[0].impression, 0.5));
  }
  std::set<std::uint64_t> seen;
  for (const auto& x : shown.creations)
    seen.insert(raw(x.impression));
  auto rt = started(o);
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5).code() == errc::feedback_twice);
  CHECK(rt->feedback(bob, shown.creations[1].impression, 0.5).code() == errc::feedback_not_shown);
  CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5));
  CHECK(believed(*rt, ann).observations == 2);
  const auto next = *rt->ask(ann);
  for (const auto& x : next.creations)
    CHECK(seen.insert(raw(x.impression)).second); // none is issued twice
  CHECK(next.round == shown.round + 1);
  rt.reset();
  rt = started(o);
  CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5).code() == errc::feedback_twice);
  CHECK(rt->feedback(ann, shown.creations[2].impression, 0.5));
  CHECK(rt->feedback(ann, next.creations[0].impression, 0.5));
  CHECK(believed(*rt, ann).observations == 4);
}

TEST_CASE("budgets are exact, and creations are live again under their own names", "[state]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  creation_receipt first, second, third;
  {
    auto rt = started(o);
    first = *rt->add_goal({.goal = goal_id{1}, .owner = owner_id{7}, .subspace = "film", .grounded = {1, 0}, .budget_micros = 200'000});
    second = *rt->create({.goal = goal_id{1}, .e = {0, 1}, .grounded = {0.5f, 0.5f}, .key = 5});
    third = *rt->create({.goal = goal_id{1}, .e = {0, -1}, .key = 6});
    REQUIRE(rt->withdraw(goal_id{1}, third.creation));
    REQUIRE(rt->add_goal({.goal = goal_id{2}, .owner = owner_id{8}, .subspace = "film", .grounded = {0, 1}, .budget_micros = 50'000}));
    REQUIRE(rt->remove_goal(goal_id{2}));
    REQUIRE(rt->add_user(ann));
  }
  auto rt = started(o);
  const auto s = *rt->statistics();
  CHECK(s.goals == 1);
  CHECK(s.creations == 2);
  CHECK(s.users == 1);
  CHECK(s.budget_spent_micros == first.cost_micros + second.cost_micros + third.cost_micros);
  CHECK(s.budget_granted_micros == 200'000);
  const auto again = rt->create({.goal = goal_id{1}, .e = {0, 1}, .grounded = {0.5f, 0.5f}, .key = 5}); // charged once
  REQUIRE(again);
  CHECK(again->creation == second.creation);
  CHECK(rt->statistics()->budget_spent_micros == s.budget_spent_micros);
  const auto fourth = rt->create({.goal = goal_id{1}, .e = {-1, 0}, .key = 7});
  REQUIRE(fourth);
  CHECK(fourth->creation != third.creation);
  CHECK(fourth->balance_micros == 200'000 - s.budget_spent_micros - fourth->cost_micros);
  CHECK(rt->add_goal({.goal = goal_id{2}, .owner = owner_id{8}, .subspace = "film", .grounded = {0, 1}, .budget_micros = 50'000})); // it was removed
  std::set<std::uint64_t> shown;
  const auto now = *rt->ask(ann, 4);
  for (const auto& x : now.creations)
    shown.insert(raw(x.creation));
  CHECK(shown.contains(raw(first.creation)));
  CHECK(shown.contains(raw(second.creation)));
}

TEST_CASE("a holder's keys are known after a restart, however many another one has used since", "[state][keys]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  constexpr std::uint64_t honest = 1, hostile = 2;
  impression_id seen{};
  {
    auto rt = started(o);
    REQUIRE(rt->add_goal(film(1)));
    REQUIRE(rt->add_user(ann));
    seen = rt->ask(ann, 1)->creations.at(0).impression;
    REQUIRE(rt->feedback(ann, seen, 0.5, call_key(5, honest)));
    std::vector<std::future<result<void>>> flood;
    for (std::uint64_t i = 0; i < 17'000; ++i) {
      flood.push_back(rt->feedback(ann, impression_id{1'000'000}, 0.5, use_future, call_key(100 + i, hostile)));
      if (flood.size() == 200 || i + 1 == 17'000)
        for (auto& f : std::exchange(flood, {}))
          REQUIRE(f.get().code() == errc::unknown_impression);
    }
    CHECK(rt->feedback(ann, seen, 0.5, call_key(5, honest)));
  }
  auto rt = started(o);
  CHECK(rt->feedback(ann, seen, 0.5, call_key(5, honest)));
  CHECK(rt->feedback(ann, seen, 0.5, call_key(6, honest)).code() == errc::feedback_twice);
}

TEST_CASE("a creation that has no key is another one after a restart", "[state]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  std::set<creation_id> made;
  for (int start = 0; start < 3; ++start) {
    auto rt = started(o);
    (void)rt->add_goal(film(1));
    const auto one = rt->create({.goal = goal_id{1}, .e = {1, 0}});
    REQUIRE(one);
    made.insert(one->creation);
  }
  CHECK(made.size() == 3);
}

TEST_CASE("a Goal Buddy that moves goes on from where it is", "[state]") {
  const scratch in("ammo_state");
  auto o = films_in(in);
  o.goal.policy = "explorer";
  o.goal.patience = 1;
  o.subspaces[0].crowd = 0;
  const auto moves = [](runtime& rt) { return rt.statistics()->budget_spent_micros; };
  const auto play = [&](runtime& rt, std::int64_t until) {
    for (int i = 0; i < 3'000 && moves(rt) < until; ++i) {
      REQUIRE(rt.ask(ann));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    CHECK(moves(rt) >= until);
  };
  std::int64_t spent = 0;
  {
    auto rt = started(o);
    REQUIRE(rt->add_goal(film(1)));
    REQUIRE(rt->add_user(ann));
    spent = moves(*rt);
    play(*rt, spent + 1);
  }
  for (int run = 0; run < 2; ++run) {
    auto rt = started(o);
    spent = moves(*rt);
    CHECK(rt->statistics()->creations == 1);
    CHECK(refusals(*rt, errc::bad_state) == 0);
    play(*rt, spent + 1); // it moves on, from its balance
    CHECK(rt->statistics()->creations == 1);
    CHECK(refusals(*rt, errc::unknown_creation) == 0);
  }
}

TEST_CASE("a Goal Buddy remembers over a restart how often it has thought of a move", "[state]") {
  struct watcher final : creator_policy {
    explicit watcher(std::shared_ptr<std::vector<std::uint64_t>> to) : seen(std::move(to)) {}
    std::optional<creator_move> move(const creator_view& view) override {
      const std::scoped_lock turn(*one_at_a_time());
      seen->push_back(view.asked());
      return {};
    }
    static std::mutex* one_at_a_time() {
      static std::mutex m;
      return &m;
    }
    std::shared_ptr<std::vector<std::uint64_t>> seen;
  };
  const scratch in("ammo_state");
  auto o = films_in(in);
  o.goal.policy = "host";
  o.goal.patience = 1;
  o.subspaces[0].crowd = 0;
  std::uint64_t last = 0;
  for (int run = 0; run < 3; ++run) {
    const auto seen = std::make_shared<std::vector<std::uint64_t>>();
    auto rt = std::move(*runtime::start(o, {}, [seen](goal_id) { return std::make_unique<watcher>(seen); }));
    if (run == 0) {
      REQUIRE(rt->add_goal(film(1)));
      REQUIRE(rt->add_user(ann));
    }
    const auto asked = [&] {
      const std::scoped_lock turn(*watcher::one_at_a_time());
      return *seen;
    };
    for (int i = 0; i < 3'000 && asked().size() < 2; ++i) {
      REQUIRE(rt->ask(ann));
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    rt.reset();
    REQUIRE(asked().size() >= 2);
    CHECK(asked().front() >= last);
    CHECK((run == 0) == (asked().front() == 0));
    last = asked().back();
  }
}

TEST_CASE("a call's repeat after a restart is told what became of the first", "[state]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  const call_key adds{100}, gives{101}, says{102};
  slate shown;
  const stated_interest interest{.subspace = "film", .vector = {0, 1}, .confidence = 0.5};
  user_belief before;
  {
    auto rt = started(o);
    for (int i = 0; i < 3; ++i)
      REQUIRE(rt->add_goal(film(i)));
    REQUIRE(rt->add_user(ann, adds));
    shown = *rt->ask(ann);
    REQUIRE(rt->feedback(ann, shown.creations[0].impression, 0.25, gives));
    REQUIRE(rt->state_interest(ann, interest, says));
    before = believed(*rt, ann);
  }
  auto rt = started(o);
  CHECK(rt->add_user(ann, adds));
  CHECK(rt->add_user(ann).code() == errc::duplicate_user);
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.25, gives));
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5, gives).code() == errc::key_reused);
  CHECK(rt->state_interest(ann, interest, says));
  check_same(believed(*rt, ann), before);
}

TEST_CASE("who has left is forgotten, and may come back as a stranger", "[state]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  slate shown;
  {
    auto rt = started(o);
    for (int i = 0; i < 3; ++i)
      REQUIRE(rt->add_goal(film(i)));
    REQUIRE(rt->add_user(ann));
    REQUIRE(rt->add_user(bob));
    like(*rt, ann, 4);
    like(*rt, bob, 4);
    shown = *rt->ask(ann);
    REQUIRE(rt->remove_user(ann));
    REQUIRE(rt->remove_user(bob));
    REQUIRE(rt->add_user(bob));
  }
  auto rt = started(o);
  CHECK(rt->ask(ann).code() == errc::unknown_user);
  CHECK(believed(*rt, bob).rounds == 0);
  CHECK(rt->add_user(ann));
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5).code() == errc::feedback_late);
}

TEST_CASE("snapshots while people are here change nothing", "[state]") {
  const scratch in("ammo_state");
  auto o = films_in(in);
  o.durability.snapshot_frames = 40;
  user_belief of_ann;
  for (int run = 0; run < 4; ++run) {
    auto rt = started(o);
    if (run == 0) {
      for (int i = 0; i < 12; ++i)
        REQUIRE(rt->add_goal(film(i)));
      REQUIRE(rt->add_user(ann));
    } else {
      check_same(believed(*rt, ann), of_ann);
    }
    like(*rt, ann, 200);
    of_ann = believed(*rt, ann);
    CHECK(of_ann.observations == std::uint64_t(600 * (run + 1)));
  }
}

TEST_CASE("a state that can't be used is refused by name", "[state][bad-input]") {
  const scratch in("ammo_state");
  auto o = films_in(in);
  auto rt = started(o);
  REQUIRE(rt->add_user(ann));
  const auto second = runtime::start(o);
  CHECK(second.code() == errc::state_in_use);
  CHECK_THAT(second.error().detail, Catch::Matchers::Contains("process " + std::to_string(getpid())));
  rt.reset();

  auto other = o;
  other.subspaces[0].width = 3;
  CHECK(runtime::start(other).code() == errc::state_other_layout);
  other = o;
  other.shards = 5;
  CHECK(runtime::start(other).code() == errc::state_other_layout);
  other = o;
  other.state = in.write("file", "no folder");
  CHECK(runtime::start(other).code() == errc::store_unavailable);

  other = o;
  other.subspaces.insert(other.subspaces.begin(), {.name = "song", .width = 4}); // at the end it is taken: tests/state/growth.cpp
  CHECK(runtime::start(other).code() == errc::state_other_layout);
  CHECK(started(o)->add_user(ann).code() == errc::duplicate_user); // nothing of it has changed
}

TEST_CASE("a state that is damaged is named, and stays as it is", "[state][bad-input]") {
  const scratch in("ammo_state");
  const auto o = films_in(in);
  {
    auto rt = started(o);
    for (int i = 0; i < 3; ++i)
      REQUIRE(rt->add_goal(film(i)));
    REQUIRE(rt->add_user(ann));
    like(*rt, ann, 5);
  }
  const auto file = o.state + "/state.sqlite";
  std::string bytes;
  {
    std::ifstream from(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(from), {});
  }
  for (std::size_t i = 4096; i < bytes.size(); i += 97)
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
  const auto damaged = runtime::start(o);
  REQUIRE_FALSE(damaged);
  CHECK(damaged.code() == errc::state_damaged);
  CHECK_FALSE(damaged.error().detail.empty());
  std::ifstream from(file, std::ios::binary);
  CHECK(std::string(std::istreambuf_iterator<char>(from), {}) == bytes);
}

TEST_CASE("where slates are strict, one that was delivered survives a crash at once", "[state]") {
  const scratch in("ammo_state");
  auto o = films_in(in);
  o.durability.slates = "strict";
  o.durability.commit_ms = 20;
  auto rt = started(o);
  add_films(*rt, 12);
  REQUIRE(rt->add_user(ann));
  for (int round = 0; round < 5; ++round) {
    const auto shown = rt->ask(ann);
    REQUIRE(shown);
    CHECK_FALSE(shown->provisional);
    const scratch after("ammo_crashed"); // the disk as a crash leaves it
    std::filesystem::copy(in.folder / "state", after.folder / "state");
    const auto again = started(films_in(after));
    for (const auto& x : shown->creations)
      CHECK(again->feedback(ann, x.impression, 0.5));
    CHECK(again->feedback(ann, shown->creations[0].impression, 0.5).code() == errc::feedback_twice);
  }
}
