/// A state has a quota: what must be durable is refused before it is spent, and goes on once there is room.
#include "ammo/runtime.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

TEST_CASE("at nine tenths of its quota a state takes no changes, and a larger one takes them again", "[state][quota]") {
  const scratch in("ammo_quota");
  auto o = films_in((in.folder / "state").string());
  o.durability.state_mb = 1;
  std::uint64_t users = 0;
  {
    auto rt = started(o);
    add_films(*rt, 12);
    errc last = errc::ok;
    REQUIRE(comes_true([&] {
      for (int i = 0; i < 50 && last == errc::ok; ++i) {
        const user_id user{++users};
        last = rt->add_user(user).code();
        if (last == errc::ok)
          (void)rt->ask(user);
      }
      return last != errc::ok;
    }));
    CHECK(last == errc::state_full);
    --users;
    const auto how = rt->health();
    CHECK(how->state == errc::state_full);
    CHECK_FALSE(how->well());
    const auto shown = rt->ask(user_id{1});
    CHECK((shown ? shown->provisional : shown.code() == errc::state_full)); // as much as is left
    CHECK(refusals(*rt, errc::state_full) >= 1);
  }
  o.durability.state_mb = 100;
  auto rt = started(o);
  CHECK(rt->statistics()->users == users);
  CHECK(rt->add_user(user_id{users + 1}));
  CHECK(rt->health()->well());
}
