/// A deployment's state in PostgreSQL: it survives as a folder does, and a lease says whose it is.
#include "ammo/runtime.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/inspection.hpp"
#include "runtime/state/state_place.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/state_host.hpp"
#include "tests/support/state_host_process.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <string>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

constexpr user_id ann{1};

bool says(const std::string& file, const std::string& what) {
  std::ifstream from(file);
  for (std::string line; std::getline(from, line);)
    if (line.find(what) != std::string::npos)
      return true;
  return false;
}

} // namespace

TEST_CASE("a restart on PostgreSQL forgets nobody, and needn't wait for its own lease", "[state][postgres]") {
  auto o = films_in(new_postgres_database());
  o.durability.state_wait_ms = 0;
  o.durability.snapshot_frames = 60;
  const auto [shown, of_ann] = played_once(o, ann);
  REQUIRE(of_ann.observations == 90);
  auto rt = started(o);
  check_same(believed(*rt, ann), of_ann);
  CHECK(rt->add_user(ann).code() == errc::duplicate_user);
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5));
  CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5).code() == errc::feedback_twice);
}

TEST_CASE("a state in PostgreSQL is one runtime's at a time", "[state][postgres]") {
  auto o = films_in(new_postgres_database());
  o.durability.lease_ms = 600;
  auto rt = started(o);
  REQUIRE(rt->add_user(ann));
  const auto second = runtime::start(o);
  CHECK(second.code() == errc::state_in_use);
  CHECK_THAT(second.error().detail, Catch::Matchers::Contains("process " + std::to_string(getpid())));
  CHECK(rt->add_user(user_id{2})); // it lost nothing by that
  const auto looked = inspect_state(o.state);
  REQUIRE(looked);
  CHECK_THAT(looked->in_use, Catch::Matchers::Contains(std::to_string(getpid())));
  CHECK(looked->damage.empty());
  rt.reset();
  CHECK(inspect_state(o.state)->in_use.empty());
  CHECK(inspect_state(o.state)->users.size() == 2);
  auto other = o;
  other.subspaces[0].width = 3;
  CHECK(runtime::start(other).code() == errc::state_other_layout);
}

TEST_CASE("a killed process of this machine is dead at once, a frozen one when its lease is over", "[state][postgres]") {
  const scratch in("ammo_holder");
  const auto state = new_postgres_database(), record = (in.folder / "record").string();
  auto o = killed_deployment(state);
  {
    state_host_process host(state, record, 1);
    REQUIRE(comes_true([&] { return says(record, "! feedback"); }));
    const auto beside = runtime::start(o);
    CHECK(beside.code() == errc::state_in_use);
    CHECK_THAT(beside.error().detail, Catch::Matchers::Contains("process " + std::to_string(host.number())));
    host.kill();
  }
  o.durability.state_wait_ms = 0;
  started(o).reset();

  state_host_process host(state, record, 2);
  REQUIRE(comes_true([&] { return says(record, "! started 2"); }));
  host.freeze();
  CHECK(runtime::start(o).code() == errc::state_in_use); // silent, but its lease isn't over
  o.durability.state_wait_ms = 60'000;
  auto rt = started(o);
  host.thaw();
  CHECK(comes_true([&] { return says(record, "state_in_use"); })); // it finds out, and says so
  REQUIRE(rt->add_user(user_id{1'000}));
  const auto shown = rt->ask(user_id{1'000});
  REQUIRE(shown);
  CHECK(rt->feedback(user_id{1'000}, shown->creations[0].impression, 0.5));
}

TEST_CASE("a PostgreSQL that crashes and comes back loses nothing, and nobody has to start again", "[state][postgres]") {
  const auto o = films_in(new_postgres_database());
  std::uint64_t counted = 0, key = 1'000;
  {
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(ann));
    for (int crash = 0; crash < 2; ++crash) {
      like(*rt, ann, 5);
      counted += 15;
      crash_private_postgres();
      REQUIRE(comes_true([&] {
        const auto shown = rt->ask(ann);
        if (!shown || shown->creations.empty())
          return false;
        const call_key mine(++key);
        auto given = rt->feedback(ann, shown->creations[0].impression, 0.5, mine);
        for (int tries = 0; tries < 60 && given.code() == errc::outcome_unknown; ++tries)
          given = rt->feedback(ann, shown->creations[0].impression, 0.5, mine);
        counted += static_cast<bool>(given);
        return static_cast<bool>(given);
      }));
    }
    CHECK(believed(*rt, ann).observations >= counted);
  }
  auto rt = started(o);
  CHECK(believed(*rt, ann).observations >= counted);
}

TEST_CASE("a PostgreSQL that can't be used is refused by name, without its password", "[state][postgres][bad-input]") {
  auto o = films_in("postgresql://ammo:secret@/nowhere?host=/tmp/there_is_none");
  const auto none = runtime::start(o);
  CHECK(none.code() == errc::store_unavailable);
  CHECK_FALSE(none.error().detail.empty());
  CHECK(none.error().detail.find("secret") == std::string::npos);
  o.state = new_postgres_database();
  o.state.replace(o.state.find("test_"), 5, "none_");
  const auto missing = runtime::start(o);
  CHECK(missing.code() == errc::store_unavailable);
  CHECK_THAT(missing.error().detail, Catch::Matchers::Contains("does not exist"));
  CHECK(inspect_state(o.state).code() == errc::store_unavailable);
  CHECK(shown("postgresql://ann:p@ss@host:5432/base?sslmode=require&password=x&application_name=y") ==
        "postgresql://ann@host:5432/base?sslmode=require&password=…&application_name=y");
  CHECK(shown("postgres://host/base") == "postgres://host/base");
  CHECK(shown("folder@with:signs") == "folder@with:signs");
}

TEST_CASE("who had a state is told apart by lease and by process", "[state][postgres]") {
  const store::incarnation a{1, 1}, b{2, 2};
  store::node one{.id = a, .name = {}, .address = {}, .capabilities = {}, .mark = {}, .lease_left_ms = 3'000, .head = 0, .fenced = false};
  holder_watch watch;
  CHECK(watch.look(std::vector{one}, 0ms).waited_for->id == a);
  one.lease_left_ms = 2'000;
  CHECK_FALSE(watch.look(std::vector{one}, 1'000ms).beats); // as its lease was
  one.lease_left_ms = 2'050;
  CHECK_FALSE(watch.look(std::vector{one}, 1'000ms).beats); // two readings differ a little
  one.lease_left_ms = 2'900;
  CHECK(watch.look(std::vector{one}, 1'100ms).beats->id == a);
  auto other = one;
  other.id = b;
  other.lease_left_ms = -1;
  const auto next = watch.look(std::vector{one, other}, 1'200ms);
  CHECK(next.over == std::vector{b});
  one.fenced = true;
  const auto last = watch.look(std::vector{one}, 1'300ms);
  CHECK_FALSE(last.waited_for);
  CHECK(last.over.empty());

  const auto me = mark_of_this_process();
  CHECK_FALSE(gone_for_sure(me));
  auto gone = me;
  ++gone.started; // another process had this number
  CHECK(gone_for_sure(gone));
  gone.boot = "another";
  CHECK_FALSE(gone_for_sure(gone)); // it may be anywhere
  CHECK_FALSE(gone_for_sure({}));
}
