/// Strains that have evolved are there after a restart.
#include "ammo/runtime.hpp"
#include "runtime/state/comparison/state_comparison.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr std::uint64_t people = 12;

evolution_standing evolved(runtime& rt) {
  auto told = rt.evolution();
  REQUIRE(told);
  return *std::move(told);
}

std::uint64_t youngest(const evolved_buddies& of) {
  std::uint64_t id = 0;
  for (const auto& s : of.strains)
    id = std::max(id, s.lineage);
  return id;
}

void play(runtime& rt) {
  for (std::uint64_t user = 1; user <= people; ++user)
    like(rt, user_id{user}, 1);
}

} // namespace

TEST_CASE("strains that have evolved play on after a restart", "[state][evolution]") {
  const scratch in("ammo_evolution");
  auto o = films_in((in.folder / "state").string());
  o.evolution.strains = 4;
  o.evolution.generation_epochs = 1;
  o.evolution.patience = 1;
  o.evolution.truncation = 0.25;
  evolution_standing founded, before;
  {
    auto rt = started(o);
    add_films(*rt, 6);
    for (std::uint64_t user = 1; user <= people; ++user)
      REQUIRE(rt->add_user(user_id{user}));
    founded = evolved(*rt);
    REQUIRE(founded.kinds.size() == 1); // static Goal Buddies don't evolve
    REQUIRE(comes_true([&] {
      play(*rt);
      before = evolved(*rt);
      return youngest(before.kinds[0]) > youngest(founded.kinds[0]);
    }));
  }
  {
    auto rt = started(o);
    const auto after = evolved(*rt);
    CHECK(after.generation > 0);
    CHECK(youngest(after.kinds[0]) >= youngest(before.kinds[0]));
    for (const auto& s : after.kinds[0].strains)
      for (const auto& b : before.kinds[0].strains)
        if (s.lineage == b.lineage)
          CHECK(s.hyper_parameters == b.hyper_parameters);
    CHECK(comes_true([&] { // and it goes on from there
      play(*rt);
      return youngest(evolved(*rt).kinds[0]) > youngest(after.kinds[0]);
    }));
  }
  const auto told = replay_state(o);
  REQUIRE(told);
  INFO(told->to_text());
  CHECK(told->equal());

  o.evolution.strains = 5; // another evolution: it begins anew, and all else is as it was
  auto rt = started(o);
  CHECK(youngest(evolved(*rt).kinds[0]) == 5);
  CHECK(rt->statistics()->users == people);
}
