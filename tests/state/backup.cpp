/// A copy of a state that a runtime is using.
#include "runtime/state/backup.hpp"

#include "ammo/runtime.hpp"
#include "runtime/state/copying.hpp"
#include "runtime/state/decisions/decision_export.hpp"
#include "runtime/state/inspection.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace ammo;
using namespace ammo::testing;

namespace {

std::uint64_t decisions_in(const std::string& state) {
  std::uint64_t n = 0;
  const auto done = export_decisions(state, std::nullopt, false, [&](const std::string& line) {
    n += line.find("\"kind\":\"decision\"") != std::string::npos;
    return true;
  });
  INFO((done ? std::string{} : done.error().text()));
  REQUIRE(done);
  return n;
}

} // namespace

TEST_CASE("a state is copied while a runtime is using it, and the copy has what was acknowledged by then", "[state][backup]") {
  const scratch in("ammo_backup");
  auto o = films_in((in.folder / "state").string());
  o.state_decisions = true;
  const auto copy = (in.folder / "copy").string();
  std::atomic<std::uint64_t> acknowledged{0};
  std::uint64_t before = 0, after = 0;
  {
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(user_id{1}));
    std::atomic<bool> over{false};
    std::thread busy([&] {
      while (!over) {
        const auto shown = rt->ask(user_id{1});
        for (std::size_t i = 0; shown && i < shown->creations.size(); ++i)
          if (rt->feedback(user_id{1}, shown->creations[i].impression, 0.5))
            ++acknowledged;
      }
    });
    while (acknowledged < 100)
      std::this_thread::yield();
    before = acknowledged;
    const auto done = back_up(o.state, copy);
    after = acknowledged;
    over = true;
    busy.join();
    INFO((done ? std::string{} : done.error().text()));
    REQUIRE(done);
    CHECK(*done > 0);
    CHECK(back_up(o.state, copy).code() == errc::bad_state);
  }
  const auto found = inspect_state(copy);
  REQUIRE(found);
  CHECK(found->damage.empty());
  auto of_copy = o;
  of_copy.state = copy;
  {
    auto rt = started(of_copy);
    const auto learned = believed(*rt, user_id{1}).observations;
    CHECK(learned >= before);
    CHECK(learned <= after + 64); // what was under way
  }
  CHECK(decisions_in(copy) * 3 >= before);
  CHECK(decisions_in(copy) <= decisions_in(o.state));
  CHECK(back_up((in.folder / "none").string(), (in.folder / "other").string()).code() == errc::no_such_file);
  CHECK(back_up("postgresql:///x", copy).code() == errc::bad_value);
}

TEST_CASE("a copy of a state that nobody has brings its decisions", "[state][backup]") {
  const scratch in("ammo_backup");
  auto o = films_in((in.folder / "state").string());
  o.state_decisions = true;
  {
    auto rt = started(o);
    add_films(*rt, 6);
    REQUIRE(rt->add_user(user_id{1}));
    like(*rt, user_id{1}, 10);
  }
  const auto there = test::new_postgres_database(), back = (in.folder / "back").string();
  REQUIRE(copy_state(o.state, there));
  REQUIRE(copy_decisions(o.state, there));
  CHECK(decisions_in(there) == 10);
  REQUIRE(copy_state(there, back));
  REQUIRE(copy_decisions(there, back));
  CHECK(decisions_in(back) == 10);
}
