/// A state goes from one place to another, and nothing of it changes.
#include "runtime/state/copying.hpp"
#include "runtime/state/inspection.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1};

/// What an inspection says, but for the place and its size.
std::string rows_of(const std::string& place) {
  auto looked = inspect_state(place);
  REQUIRE(looked);
  CHECK(looked->damage.empty());
  looked->path.clear();
  looked->bytes = 0;
  for (auto& l : looked->logs)
    l.ended = true; // a copy's nodes have ended, whether or not that was written
  return looked->to_json();
}

} // namespace

TEST_CASE("a state is copied from a folder to PostgreSQL and back, and is the same", "[state][copy][postgres]") {
  const scratch in("ammo_copy");
  auto o = films_in((in.folder / "first").string());
  o.durability.snapshot_frames = 40;
  const auto [shown, of_ann] = played_once(o, ann);
  started(o).reset(); // a second term
  const std::vector<std::string> places{o.state, new_postgres_database(), (in.folder / "third").string()};
  for (std::size_t i = 1; i < places.size(); ++i) {
    double share = 0;
    const auto copied = copy_state(places[i - 1], places[i], [&](double done) { CHECK(done >= share); share = done; });
    INFO((copied ? std::string{} : copied.error().text()));
    REQUIRE(copied);
    CHECK(copied->units == 1 + o.shards + 1);
    CHECK(copied->snapshots > 0);
    CHECK(copied->blocks > 0);
    CHECK(share == 1);
    CHECK(rows_of(places[i]) == rows_of(places[0]));
  }
  for (std::size_t i = 1; i < places.size(); ++i) {
    o.state = places[i];
    o.durability.state_wait_ms = 0;
    auto rt = started(o);
    check_same(believed(*rt, ann), of_ann);
    CHECK(rt->feedback(ann, shown.creations[0].impression, 0.5));
    const auto next = rt->ask(ann);
    REQUIRE(next);
    for (const auto& x : next->creations)
      CHECK(raw(x.impression) > raw(shown.creations[0].impression)); // ids go on
  }
}

TEST_CASE("a copy is refused where there is nothing, where somebody is, and where there is something", "[state][copy][bad-input]") {
  const scratch in("ammo_copy");
  const auto o = films_in((in.folder / "first").string());
  const auto elsewhere = (in.folder / "second").string();
  CHECK(copy_state(o.state, elsewhere).code() == errc::no_such_file);
  {
    auto rt = started(o);
    REQUIRE(rt->add_user(ann));
    CHECK(copy_state(o.state, elsewhere).code() == errc::state_in_use);
  }
  REQUIRE(copy_state(o.state, elsewhere));
  CHECK(copy_state(o.state, elsewhere).code() == errc::bad_state);
  CHECK(copy_state(o.state, in.write("file", "no folder")).code() == errc::store_unavailable);
}

TEST_CASE("a copy that was interrupted is none", "[state][copy]") {
  const scratch in("ammo_copy");
  auto o = films_in((in.folder / "first").string());
  {
    auto rt = started(o);
    REQUIRE(rt->add_user(ann));
  }
  o.state = (in.folder / "second").string();
  {
    auto folder = state_folder::hold(o.state);
    REQUIRE(folder);
    auto rows = open_store(o.state);
    REQUIRE(rows);
    const store::node n{.id = {1, 2}, .name = {}, .address = {}, .capabilities = {}, .mark = {}, .lease_left_ms = 0, .head = 7, .fenced = true};
    REQUIRE((*rows)->copy_row(n));
  }
  CHECK(runtime::start(o).code() == errc::state_damaged);
  CHECK(copy_state((in.folder / "first").string(), o.state).code() == errc::bad_state);
}
