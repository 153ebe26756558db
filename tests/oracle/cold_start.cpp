/// What a newcomer gains by what the others have told, on real choices.
#include "tests/support/cold_start_world.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

namespace {

struct totals {
  double flat = 0, learned = 0, stated = 0;
  double flat_hits = 0, learned_hits = 0, popular_hits = 0, stated_hits = 0;
};

totals played(const char* name) {
  auto c = ammo::load_content(name, ammo::test::source_path("subspaces"), {});
  REQUIRE(c);
  c->choosers.resize(std::min<std::size_t>(c->choosers.size(), 150)); // sanitizers are slow
  const cold_start::world w(std::move(*c), 1);
  const auto learned = w.learned();
  const auto popular = w.popular();
  totals out;
  for (auto who : w.newcomers()) {
    const auto flat = w.meet(w.flat(), who, false), with = w.meet(learned, who, false), told = w.meet(w.flat(), who, true);
    out.flat += flat.regret;
    out.learned += with.regret;
    out.stated += told.regret;
    out.flat_hits += flat.hit;
    out.learned_hits += with.hit;
    out.stated_hits += told.hit;
    out.popular_hits += w.hits(popular, who);
  }
  return out;
}

} // namespace

TEST_CASE("edu: who is new regrets at most half of what they would without the others", "[.science][oracle][cold-start]") {
  const auto t = played("edu");
  CAPTURE(t.flat, t.learned, t.stated, t.flat_hits, t.learned_hits, t.popular_hits, t.stated_hits);
  CHECK(t.learned <= 0.5 * t.flat);
  CHECK(t.learned_hits >= 1.5 * t.popular_hits);
  CHECK(t.stated <= 0.75 * t.flat); // one thing of many that they like
  CHECK(t.stated_hits > t.flat_hits);
}

TEST_CASE("coin: a stated interest does what the others can't tell", "[.science][oracle][cold-start]") {
  const auto t = played("coin");
  CAPTURE(t.flat, t.learned, t.stated, t.flat_hits, t.learned_hits, t.popular_hits, t.stated_hits);
  CHECK(t.stated <= 0.7 * t.flat);
  CHECK(t.stated_hits > t.flat_hits);
}
