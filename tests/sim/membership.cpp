#include "runtime/cluster/membership.hpp"

#include "runtime/store/store.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ammo;
using namespace ammo::cluster;
using namespace std::chrono_literals;
using store::unit_id;

namespace {

constexpr std::uint32_t units = 12;

std::vector<unit_needs> deployment() {
  std::vector<unit_needs> all;
  for (std::uint32_t u = 0; u < units; ++u)
    all.push_back({unit_id{u}, "people", {"kind:coin"}});
  return all;
}

candidate called(const std::string& name, std::uint64_t id) { return {{1, id}, name, {{"kind:coin"}, {}}}; }

store::node row(const candidate& c, std::int64_t lease_left = 2'000, bool fenced = false) {
  return {c.id, c.name, "", text_of(c.can), {}, lease_left, 0, fenced};
}

const candidate anna = called("anna", 1), bela = called("bela", 2), cleo = called("cleo", 3);

/// Claims with an owner for all units.
std::vector<store::claim> claims_of(store::incarnation owner, store::term_number term = 1) {
  std::vector<store::claim> all;
  for (std::uint32_t u = 0; u < units; ++u)
    all.push_back({unit_id{u}, owner, term});
  return all;
}

/// Units whose best of these is the one with that number.
std::vector<unit_id> units_of(std::size_t which, const std::vector<candidate>& among) {
  std::vector<unit_id> out;
  for (const auto& u : deployment())
    if (ranking(u, among)[0] == which)
      out.push_back(u.unit);
  return out;
}

std::vector<unit_id> taken(const membership::step& s) {
  std::vector<unit_id> out;
  for (const auto& c : s.take)
    out.push_back(c.unit);
  return out;
}

/// Anna's membership, from time 0.
struct anna_knows {
  membership m{anna, deployment(), {}, 0ms};
  membership::step look(std::vector<store::node> nodes, const std::vector<store::claim>& claims, instant now) {
    m.on_beat(now);
    return m.on_rows(m.begin_look(now), nodes, claims, now);
  }
};

} // namespace

TEST_CASE("a node counts while its lease holds by its own clock", "[membership]") {
  membership m{anna, deployment(), {}, 1'000ms};
  m.on_taken(unit_id{1}, 4);
  CHECK(m.answers_for(unit_id{1}, 3'699ms)); // a lease of 3 s, less a tenth
  CHECK_FALSE(m.answers_for(unit_id{1}, 3'700ms));
  m.on_beat(2'000ms);
  CHECK(m.answers_for(unit_id{1}, 4'699ms));
  CHECK_FALSE(m.answers_for(unit_id{2}, 4'000ms));
  m.on_fenced();
  CHECK_FALSE(m.counts(2'100ms));
  CHECK(m.owned().empty());
}

TEST_CASE("a node alone takes everything; of two each takes what it should play", "[membership]") {
  anna_knows alone;
  CHECK(alone.look({row(anna)}, claims_of({}, 0), 10ms).take.size() == units);
  anna_knows with_bela;
  const auto wanted = units_of(0, {anna, bela});
  CHECK(taken(with_bela.look({row(anna), row(bela)}, claims_of({}, 0), 10ms)) == wanted);
  CHECK((wanted.size() > 1 && wanted.size() < units - 1));
}

TEST_CASE("a take that is under way isn't made twice", "[membership]") {
  anna_knows a;
  const auto first = a.look({row(anna)}, claims_of({}, 0), 10ms);
  REQUIRE(first.take.size() == units);
  CHECK(a.look({row(anna)}, claims_of({}, 0), 20ms).take.empty());
  for (const auto& c : first.take)
    a.m.on_not_taken(c.unit);
  CHECK(a.look({row(anna)}, claims_of({}, 0), 30ms).take.size() == units);
}

TEST_CASE("a free unit whose best node doesn't come goes to the next best after a while", "[membership]") {
  anna_knows a;
  const std::vector nodes{row(anna), row(bela)};
  const auto belas = units_of(1, {anna, bela});
  auto free = claims_of({}, 0);
  for (const auto& c : a.look(nodes, free, 0ms).take)
    a.m.on_taken(c.unit, 1), free[store::raw(c.unit)] = {c.unit, anna.id, 1};
  CHECK(a.look(nodes, free, 999ms).take.empty());
  CHECK(taken(a.look(nodes, free, 1'000ms)) == belas);
  // What Bela let lie isn't given to her at once.
  for (const unit_id u : belas)
    a.m.on_taken(u, 1), free[store::raw(u)] = {u, anna.id, 1};
  CHECK(a.look(nodes, free, 5'000ms).give.empty());
  CHECK_FALSE(a.look(nodes, free, 12'000ms).give.empty());
}

TEST_CASE("a node whose lease is over is fenced, and its units are free once it is", "[membership]") {
  anna_knows a;
  const auto step = a.look({row(anna), row(bela, -1)}, claims_of(bela.id), 10ms);
  CHECK(step.fence == std::vector{bela.id});
  CHECK(step.take.empty());
  CHECK(a.look({row(anna), row(bela, -1, true)}, claims_of(bela.id), 20ms).take.size() == units);
  CHECK(a.look({row(anna)}, claims_of(bela.id), 30ms).take.empty()); // under way
  anna_knows later;
  CHECK(later.look({row(anna)}, claims_of(bela.id), 30ms).take.size() == units); // forgotten
}

TEST_CASE("a node looks again when another's lease may be over", "[membership]") {
  anna_knows a;
  (void)a.look({row(anna), row(bela, 300)}, claims_of(bela.id), 1'000ms);
  CHECK(a.m.next_look(1'000ms) == 1'310ms);
  (void)a.look({row(anna), row(bela, 2'900)}, claims_of(bela.id), 1'000ms);
  CHECK(a.m.next_look(1'000ms) == 2'000ms); // with the next beat
}

TEST_CASE("a unit moves to a node that should play it, once that node has been there for a while, a few at a time", "[membership]") {
  anna_knows a;
  auto mine = claims_of(anna.id);
  for (std::uint32_t u = 0; u < units; ++u)
    a.m.on_taken(unit_id{u}, 1);
  const std::vector nodes{row(anna), row(bela)};
  CHECK(a.look(nodes, mine, 100ms).give.empty());
  CHECK(a.look(nodes, mine, 2'099ms).give.empty());
  const auto step = a.look(nodes, mine, 2'100ms);
  const auto belas = units_of(1, {anna, bela});
  REQUIRE(step.give.size() == std::min<std::size_t>(4, belas.size()));
  for (const auto& m : step.give) {
    CHECK(m.to == bela.id);
    CHECK(std::ranges::find(belas, m.what.unit) != belas.end());
    CHECK(a.m.gives(m.what.unit));
  }
  CHECK(a.look(nodes, mine, 2'200ms).give.empty());
  a.m.on_released(step.give[0].what.unit);
  CHECK_FALSE(a.m.term_of(step.give[0].what.unit));
}

TEST_CASE("a node that leaves gives everything away and takes nothing", "[membership]") {
  anna_knows a;
  for (std::uint32_t u = 0; u < units; ++u)
    a.m.on_taken(unit_id{u}, 1);
  a.m.leave();
  const auto step = a.look({row(anna), row(bela)}, claims_of(anna.id), 100ms);
  CHECK(step.give.size() == 4); // without waiting for Bela to be there for long
  auto claims = claims_of(anna.id);
  for (const auto& m : step.give) {
    a.m.on_released(m.what.unit);
    claims[store::raw(m.what.unit)].owner = {};
  }
  CHECK(a.look({row(anna), row(bela)}, claims, 200ms).give.empty()); // nobody has them yet
  claims[store::raw(step.give[0].what.unit)] = {step.give[0].what.unit, bela.id, 2};
  CHECK(a.look({row(anna), row(bela)}, claims, 300ms).give.size() == 1);
  CHECK(a.look({row(anna), row(bela)}, claims_of({}, 9), 5'000ms).take.empty());

  anna_knows b; // Anna is told that Bela leaves: she takes what is offered, and gives nothing back
  CHECK(b.m.on_offer({unit_id{3}, bela.id, 5}, bela.id, true, 10ms)->term == 5);
  b.m.on_taken(unit_id{3}, 6);
  claims = claims_of(bela.id);
  claims[3] = {unit_id{3}, anna.id, 6};
  for (instant t = 1'000ms; t < 60'000ms; t += 1'000ms)
    CHECK(b.look({row(anna), row(bela)}, claims, t).give.empty());
}

TEST_CASE("an offer is taken by who can play the unit and counts", "[membership]") {
  anna_knows a;
  CHECK_FALSE(a.m.on_offer({unit_id{3}, bela.id, 5}, bela.id, false, 2'700ms)); // its lease is over
  CHECK_FALSE(a.m.on_offer({unit_id{99}, bela.id, 5}, bela.id, false, 10ms));
  CHECK(a.m.on_offer({unit_id{3}, bela.id, 5}, bela.id, false, 10ms));
  CHECK_FALSE(a.m.on_offer({unit_id{3}, bela.id, 5}, bela.id, false, 10ms)); // under way
  membership job{{{1, 9}, "job", {{"kind:job"}, {}}}, deployment(), {}, 0ms};
  CHECK_FALSE(job.on_offer({unit_id{3}, bela.id, 5}, bela.id, false, 10ms));
}

TEST_CASE("rows that were read before a change say nothing of the unit", "[membership]") {
  anna_knows a;
  const auto before = a.m.begin_look(0ms);
  const auto c = a.m.on_offer({unit_id{3}, bela.id, 5}, bela.id, false, 10ms);
  REQUIRE(c);
  a.m.on_taken(unit_id{3}, 6);
  auto claims = claims_of(bela.id, 5);
  CHECK_FALSE(a.m.on_rows(before, std::vector{row(anna), row(bela)}, claims, 20ms).rows_lost);
  CHECK(a.m.term_of(unit_id{3}) == 6);
  // Released; a look of before the release says that it is Anna's: it isn't found again.
  claims[3] = {unit_id{3}, anna.id, 6};
  const auto stale = a.m.begin_look(30ms);
  a.m.on_released(unit_id{3});
  CHECK(a.m.on_rows(stale, std::vector{row(anna), row(bela)}, claims, 40ms).found.empty());
  CHECK(a.look({row(anna), row(bela)}, claims, 50ms).found.empty()); // nor by any row of that term
  CHECK_FALSE(a.m.term_of(unit_id{3}));
}

TEST_CASE("a take that was thought lost is found", "[membership]") {
  anna_knows a;
  const auto step = a.look({row(anna)}, claims_of({}, 4), 10ms);
  for (const auto& c : step.take)
    a.m.on_not_taken(c.unit);
  const auto found = a.look({row(anna)}, claims_of(anna.id, 5), 500ms).found;
  CHECK(found.size() == units);
  CHECK(a.m.term_of(unit_id{0}) == 5);
  CHECK(a.look({row(anna)}, claims_of(anna.id, 5), 600ms).found.empty());
}

TEST_CASE("a node that finds itself fenced ends; one whose rows are gone says so", "[membership]") {
  anna_knows fenced;
  (void)fenced.look({row(anna, 100, true)}, claims_of({}, 0), 10ms);
  CHECK(fenced.m.ended());
  anna_knows gone;
  CHECK(gone.look({row(bela)}, claims_of({}, 0), 10ms).rows_lost);
  anna_knows unit_lost;
  unit_lost.m.on_taken(unit_id{2}, 7);
  CHECK(unit_lost.look({row(anna)}, claims_of(anna.id, 6), 10ms).rows_lost); // of a term before
  anna_knows fewer;
  auto claims = claims_of({}, 0);
  claims.pop_back();
  CHECK(fewer.look({row(anna)}, claims, 10ms).rows_lost);
}

TEST_CASE("a node stops for an older one of its name that lives, and for no row that is left over", "[membership]") {
  const candidate older = called("anna", 0);
  anna_knows a;
  CHECK_FALSE(a.look({row(anna), row(older, 2'900)}, claims_of({}, 0), 0ms).name_taken);
  CHECK_FALSE(a.look({row(anna), row(older, 1'900)}, claims_of({}, 0), 1'000ms).name_taken);
  CHECK_FALSE(a.look({row(anna), row(older, 2'900)}, claims_of({}, 0), 3'000ms).name_taken); // a beat that was late, maybe
  CHECK_FALSE(a.look({row(anna), row(older, 2'900)}, claims_of({}, 0), 6'000ms).name_taken);
  CHECK(a.look({row(anna), row(older, 2'900)}, claims_of({}, 0), 6'001ms).name_taken);
  membership first{older, deployment(), {}, 0ms}; // the older one goes on
  for (instant t = 0ms; t < 20'000ms; t += 1'000ms)
    CHECK_FALSE(first.on_rows(first.begin_look(t), std::vector{row(older), row(anna)}, claims_of({}, 0), t).name_taken);
}

TEST_CASE("units that no node can play are named", "[membership]") {
  auto all = deployment();
  all[5].needs.push_back("generator:press");
  membership m{anna, all, {}, 0ms};
  const auto step = m.on_rows(m.begin_look(10ms), std::vector{row(anna)}, claims_of({}, 0), 10ms);
  CHECK(step.unplayable == std::vector{unit_id{5}});
  CHECK(step.take.size() == units - 1);
}
