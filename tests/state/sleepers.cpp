/// Users whom nobody uses leave memory, and no host can tell: their next call finds them as they were, to the bit.
#include "actors/protocol/state_codec.hpp"
#include "ammo/runtime.hpp"
#include "runtime/state/comparison/state_comparison.hpp"
#include "runtime/state/inspection.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/state/state_place.hpp"
#include "runtime/system/actor_graph.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <future>
#include <vector>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1}, bob{2};

options sleepy(const std::string& state) {
  auto o = films_in(state);
  o.durability.sleep_after_s = 1;
  return o;
}

std::uint64_t asleep(runtime& rt) {
  const auto s = rt.statistics();
  REQUIRE(s);
  return s->asleep;
}
/// All of them, and nobody else is here.
void all_sleep(runtime& rt, std::uint64_t n) {
  REQUIRE(comes_true([&] {
    const auto s = rt.statistics();
    return s && s->asleep == n && s->users == 0;
  }));
}

} // namespace

TEST_CASE("a user whom nobody uses leaves memory, and is as they were at their next call", "[state][sleepers]") {
  const scratch in("ammo_sleepers");
  for (const auto& learner : {"classic", "people"}) {
    auto o = sleepy((in.folder / learner).string());
    o.user.learner = learner;
    auto rt = started(o);
    add_films(*rt, 12);
    REQUIRE(rt->add_user(ann));
    REQUIRE(rt->add_user(bob, {.subspace = "film", .vector = {0, 1}, .confidence = 0.5}));
    like(*rt, ann, 30);
    like(*rt, bob, 5, 2);
    const auto shown = *rt->ask(ann);
    REQUIRE(rt->feedback(ann, shown.creations[0].impression, 0.5));
    const auto of_ann = believed(*rt, ann), of_bob = believed(*rt, bob);
    all_sleep(*rt, 2);

    check_same(believed(*rt, ann), of_ann);
    CHECK(asleep(*rt) == 1);
    check_same(believed(*rt, bob), of_bob);
    CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5).code() == errc::feedback_twice);
    CHECK(rt->feedback(bob, shown.creations[1].impression, 0.5).code() == errc::feedback_not_shown);
    CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5));
    all_sleep(*rt, 2);
    CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5).code() == errc::feedback_twice);
    CHECK(rt->feedback(ann, shown.creations[2].impression, 0.5));
    all_sleep(*rt, 2);
    CHECK(rt->ask(ann)->round == shown.round + 1);
    CHECK(believed(*rt, ann).observations == of_ann.observations + 2);
  }
}

TEST_CASE("what is called while a user wakes is done in its order", "[state][sleepers]") {
  const scratch in("ammo_sleepers");
  auto rt = started(sleepy((in.folder / "state").string()));
  add_films(*rt, 6);
  REQUIRE(rt->add_user(ann));
  REQUIRE(rt->ask(ann));
  all_sleep(*rt, 1);
  std::vector<std::future<result<slate>>> asked;
  for (int i = 0; i < 20; ++i)
    asked.push_back(rt->ask(ann, 0, use_future));
  for (std::uint64_t i = 0; i < asked.size(); ++i) {
    const auto s = asked[i].get();
    REQUIRE(s);
    CHECK(s->round == 2 + i);
  }
  all_sleep(*rt, 1);
  CHECK(rt->remove_user(ann)); // it wakes for that
  CHECK(rt->ask(ann).code() == errc::unknown_user);
  CHECK(asleep(*rt) == 0);
}

TEST_CASE("a restart finds sleepers where they are, and starts without them", "[state][sleepers]") {
  const scratch in("ammo_sleepers");
  auto o = sleepy((in.folder / "state").string());
  SECTION("SQLite") {}
  SECTION("PostgreSQL") { o.state = new_postgres_database(); }
  o.user.learner = "classic";
  user_belief of_ann;
  slate shown;
  {
    auto rt = started(o);
    add_films(*rt, 12);
    REQUIRE(rt->add_user(ann));
    REQUIRE(rt->add_user(bob));
    like(*rt, ann, 10);
    shown = *rt->ask(ann);
    of_ann = believed(*rt, ann);
    all_sleep(*rt, 2);
  }
  for (int life = 0; life < 2; ++life) {
    auto rt = started(o);
    const auto s = *rt->statistics();
    CHECK(s.users == 0);
    CHECK(s.asleep == 2u + static_cast<unsigned>(life));
    CHECK(rt->add_user(ann).code() == errc::duplicate_user);
    CHECK(bool(rt->add_user(user_id{77})) == (life == 0));
    check_same(believed(*rt, ann), of_ann);
    all_sleep(*rt, 3);
  }
  {
    auto rt = started(o);
    CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5));
    CHECK(rt->remove_user(bob));
    CHECK(rt->ask(bob).code() == errc::unknown_user);
    all_sleep(*rt, 2); // Ann, and the one who came last
  }
  const auto held = inspect_state(o.state);
  REQUIRE(held);
  CHECK(held->damage.empty());
  CHECK(held->users.size() == 2);
  auto rt = started(o);
  CHECK(rt->ask(bob).code() == errc::unknown_user);
  CHECK(rt->feedback(ann, shown.creations[1].impression, 0.5).code() == errc::feedback_twice);
  CHECK(rt->add_user(bob));
  CHECK(believed(*rt, bob).observations == 0);
}

TEST_CASE("a state with sleepers is what its log says", "[state][sleepers][comparison]") {
  const scratch in("ammo_sleepers");
  auto o = sleepy((in.folder / "state").string());
  o.user.learner = "classic";
  for (int life = 0; life < 2; ++life) {
    auto rt = started(o);
    if (life == 0)
      add_films(*rt, 6);
    for (std::uint64_t user = 1; user <= 8; ++user) {
      (void)rt->add_user(user_id{user});
      like(*rt, user_id{user}, 4);
    }
    all_sleep(*rt, 8);
    for (std::uint64_t user = 1; user <= 4; ++user)
      like(*rt, user_id{user}, 1);
    if (life == 1)
      all_sleep(*rt, 8);
  }
  const auto same = replay_state(o);
  REQUIRE(same);
  INFO(same->to_text());
  CHECK(same->equal());
}

TEST_CASE("a user who is used stays awake", "[state][sleepers]") {
  const scratch in("ammo_sleepers");
  auto rt = started(sleepy((in.folder / "state").string()));
  add_films(*rt, 6);
  REQUIRE(rt->add_user(ann));
  REQUIRE(rt->add_user(bob));
  REQUIRE(comes_true([&] {
    REQUIRE(rt->ask(ann));
    const auto s = *rt->statistics();
    CHECK(s.users >= 1);
    return s.asleep == 1;
  }));
  CHECK(rt->statistics()->users == 1);
}

TEST_CASE("a wake that a part has lost is told again, until the bridge has heard of it", "[state][sleepers][failures]") {
  const scratch in("ammo_sleepers");
  const auto o = sleepy((in.folder / "state").string());
  {
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(ann));
    like(*rt, ann, 3);
    all_sleep(*rt, 1);
  }
  auto graph = actor_graph::make(o);
  REQUIRE(graph);
  auto& ctx = *(*graph)->context();
  auto keeper = state_keeper::open(o, (*graph)->space(), (*graph)->context());
  REQUIRE(keeper);
  REQUIRE((*keeper)->recover((*graph)->configs()));
  (*keeper)->start([](std::uint64_t) {});
  caf::scoped_actor aipp((*graph)->system()); // which forgets what it was told
  ctx.routes.open(address_of<role::aipp>(shard_of(ann, (*graph)->shards())), caf::actor_cast<caf::actor>(aipp));
  const auto told = [&] {
    std::optional<back_from_sleep> out;
    aipp->receive([&](back_from_sleep& m) { out = std::move(m); }, caf::after(std::chrono::seconds{30}) >> [] {});
    return out;
  };
  (*keeper)->wake(ann);
  const auto first = told(), second = told();
  REQUIRE((first && second));
  CHECK(second->user == ann);
  CHECK(second->place == first->place);
  CHECK(encode_state(second->mind->save_own()) == encode_state(first->mind->save_own()));
  CHECK((*keeper)->wakes_not_heard() == 1);
  (*keeper)->is_awake(ann);
  CHECK((*keeper)->wakes_not_heard() == 0);
  (*keeper)->stop(std::chrono::seconds{1});
  (*keeper)->close();
}

TEST_CASE("who wasn't used before a restart needn't be forgotten anew", "[state][sleepers]") {
  const scratch in("ammo_sleepers");
  auto o = sleepy((in.folder / "state").string());
  o.durability.sleep_after_s = 3'600;
  {
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(ann));
    REQUIRE(rt->add_user(bob));
    like(*rt, ann, 1);
    like(*rt, bob, 1);
  }
  {
    auto store = open_store(o.state);
    REQUIRE(store);
    std::size_t found = 0;
    for (std::uint32_t n = 1; n <= (*(*store)->layout())->shards; ++n) {
      const store::unit_id unit{n};
      const auto all = (*store)->snapshots(unit).value();
      if (all.empty())
        continue;
      auto shard = decode_state<user_shard_state>((*store)->read_piece(unit, all.front().at, 0).value());
      REQUIRE(shard);
      REQUIRE(shard->used.size() == shard->users.size());
      for (std::size_t i = 0; i < shard->users.size(); ++i)
        if (shard->users[i].mind.user == ann) {
          shard->used[i] -= 3'600; // an hour goes by
          ++found;
        }
      REQUIRE((*store)->write_piece(unit, all.front().at, 0, encode_state(*shard)));
    }
    CHECK(found == 1);
  }
  auto rt = started(o);
  CHECK(comes_true([&] {
    const auto s = rt->statistics();
    return s && s->asleep == 1 && s->users == 1;
  }));
  CHECK(rt->ask(bob)->round == 2);
}
