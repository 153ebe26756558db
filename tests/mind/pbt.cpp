#include "actors/evolution/pbt.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

using namespace ammo;

namespace {

strain_population ten(pbt_options options = {.ranges = {{0, 10}}, .diversity_floor = 0}) {
  auto p = strain_population::found(std::move(options), 7).value();
  for (int i = 0; i < 10; ++i)
    REQUIRE(p.admit(0, {0.5 + i}));
  return p;
}

/// Everybody is as good as its first hyper-parameter.
void score_all(strain_population& p, bool checkpoints = true) {
  const std::vector<pbt_member> members(p.members().begin(), p.members().end());
  for (const auto& m : members)
    REQUIRE(p.report(m.id, m.genes[0], checkpoints));
}

void pass(strain_population& p, std::size_t generations) {
  for (std::size_t g = 0; g < generations; ++g)
    REQUIRE(p.next_generation().empty());
}

} // namespace

TEST_CASE("the worst fifth gives way to the best fifth, perturbed, after several generations", "[mind][pbt]") {
  auto p = ten();
  score_all(p);
  pass(p, 2); // nobody is old enough
  const auto changes = p.next_generation();
  REQUIRE(changes.size() == 2);
  for (const auto& c : changes) {
    CHECK((c.retired == 1 || c.retired == 2));
    CHECK((c.parent == 9 || c.parent == 10));
    const double own = 0.5 + static_cast<double>(c.retired - 1), parents = 0.5 + static_cast<double>(c.parent - 1);
    const std::vector<double> possible{own * .8, own * 1.2, parents * .8, std::min(parents * 1.2, 10.0)};
    CHECK(std::ranges::any_of(possible, [&](double g) { return c.heir.genes[0] == Approx(g); }));
    CHECK(!c.newcomer);
    CHECK(!c.heir.score);
  }
  CHECK(p.members().size() == 10);
  CHECK(p.next_generation().size() == 1); // a fifth of the eight that have a score
}

TEST_CASE("nobody is copied without a complete checkpoint, or before it was scored", "[mind][pbt]") {
  auto p = ten();
  pass(p, 5);
  score_all(p, false);
  pass(p, 1);
  REQUIRE(p.report(9, 9, true));
  for (const auto& c : p.next_generation())
    CHECK(c.parent == 9);
}

TEST_CASE("members are compared within their specialisation alone", "[mind][pbt]") {
  auto p = strain_population::found({.ranges = {{0, 10}}, .patience = 0, .diversity_floor = 0}, 1).value();
  for (int i = 0; i < 5; ++i) {
    REQUIRE(p.admit(1, {1.0 + i}));
    REQUIRE(p.admit(2, {5.0 + i}));
  }
  score_all(p);
  const auto changes = p.next_generation();
  REQUIRE(changes.size() == 2);
  CHECK((changes[0].retired == 1 && changes[0].parent == 9 && changes[0].heir.specialisation == 1));
  CHECK((changes[1].retired == 2 && changes[1].parent == 10 && changes[1].heir.specialisation == 2));
}

TEST_CASE("lineage is recorded, and no id comes twice", "[mind][pbt]") {
  auto p = ten({.ranges = {{0, 10}}, .patience = 1, .diversity_floor = 0});
  for (int g = 0; g < 20; ++g) {
    score_all(p);
    p.next_generation();
  }
  std::set<lineage_id> ids;
  for (const auto& r : p.lineage()) {
    CHECK(ids.insert(r.id).second);
    CHECK((r.born == 0) == (r.parent == 0));
    CHECK((r.parent == 0 || ids.contains(r.parent)));
    CHECK((r.predecessor == 0 || ids.contains(r.predecessor)));
  }
  CHECK(p.generation() == 20);
}

TEST_CASE("diversity is held above its floor, whatever selection does", "[mind][pbt]") {
  for (const double floor : {0.05, 0.1, 0.2}) {
    pbt_options options{.ranges = {{0, 1}, {-5, 5}}, .inherited = 1, .patience = 0, .diversity_floor = floor};
    auto p = strain_population::found(options, 3).value();
    for (int i = 0; i < 12; ++i)
      REQUIRE(p.admit(0, {0.5, 1}));
    CHECK(p.diversity(0) == Approx(0).margin(1e-12));
    for (int g = 0; g < 50; ++g) {
      for (const auto& m : std::vector<pbt_member>(p.members().begin(), p.members().end()))
        REQUIRE(p.report(m.id, -std::abs(m.genes[0] - 0.5), true)); // selection drives all to one point
      for (const auto& c : p.next_generation())
        for (std::size_t k = 0; k < 2; ++k)
          CHECK((c.heir.genes[k] >= (k == 0 ? 0 : -5) && c.heir.genes[k] <= (k == 0 ? 1 : 5)));
      CHECK(p.diversity(0) >= floor);
    }
    CHECK(p.members().size() == 12);
  }
}

TEST_CASE("an empty population and one of one go on as they are", "[mind][pbt]") {
  auto p = strain_population::found({.ranges = {{0, 1}}}, 1).value();
  CHECK(p.next_generation().empty());
  REQUIRE(p.admit(0, {0.5}));
  REQUIRE(p.report(1, 1, true));
  CHECK(p.next_generation().empty());
  CHECK(p.diversity(0) == 0);
  CHECK(p.diversity(99) == 0);
}

TEST_CASE("what can't evolve is refused by name, and changes nothing", "[mind][pbt]") {
  const auto nan = std::nan("");
  CHECK(strain_population::found({}, 1).code() == errc::bad_value);
  CHECK(strain_population::found({.ranges = {{1, 1}}}, 1).code() == errc::bad_value);
  CHECK(strain_population::found({.ranges = {{0, nan}}}, 1).code() == errc::not_finite);
  CHECK(strain_population::found({.ranges = {{0, 1}}, .truncation = 0.6}, 1).code() == errc::bad_value);
  CHECK(strain_population::found({.ranges = {{0, 1}}, .diversity_floor = 0.5}, 1).code() == errc::bad_value);
  auto p = ten();
  CHECK(p.admit(0, {}).code() == errc::wrong_dimension);
  CHECK(p.admit(0, {nan}).code() == errc::not_finite);
  CHECK(p.admit(0, {10.1}).code() == errc::gene_out_of_range);
  CHECK(p.admit_as(3, 0, {1}).code() == errc::duplicate_lineage); // two of one lineage
  CHECK(p.admit_as(0, 0, {1}).code() == errc::duplicate_lineage);
  CHECK(p.report(99, 1, true).code() == errc::unknown_goal);
  CHECK(p.report(1, nan, true).code() == errc::not_finite);
  CHECK(p.members().size() == 10);
  CHECK(!p.members()[0].score);
  CHECK(p.admit_as(40, 0, {1}).code() == errc::ok);
  CHECK(p.admit(0, {1}).value() == 41);
}

TEST_CASE("a population that lives long forgets its oldest dead, and never takes their ids again", "[mind][pbt]") {
  auto p = ten({.ranges = {{0, 10}}, .patience = 0, .diversity_floor = 0});
  for (int g = 0; g < 2'500; ++g) {
    score_all(p);
    (void)p.next_generation();
  }
  CHECK(p.lineage().size() == strain_population::remembered + 10);
  for (const auto& m : p.members())
    CHECK(std::ranges::find(p.lineage(), m.id, &lineage_record::id) != p.lineage().end());
  CHECK(p.admit_as(1, 0, {1}).code() == errc::duplicate_lineage);
}
