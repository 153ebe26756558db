/// Why an impression was shown, asked of the live runtime.
#include "ammo/runtime.hpp"
#include "tests/support/films.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace ammo;
using namespace ammo::testing;

namespace {

constexpr user_id ann{1}, ben{2};

} // namespace

TEST_CASE("an impression is explained before and after its feedback", "[runtime][explain]") {
  const auto rt = started();
  add_films(*rt, 12);
  REQUIRE(rt->add_user(ann));
  slate last;
  for (int round = 0; round < 20; ++round) {
    auto shown = rt->ask(ann);
    REQUIRE(shown);
    last = *shown;
    const auto open = rt->explain(ann, last.creations[0].impression);
    REQUIRE(open);
    CHECK_FALSE(open->answered);
    CHECK(open->score);
    for (const auto& x : last.creations)
      REQUIRE(rt->feedback(ann, x.impression, 3 + direction(static_cast<int>(x.content))[0]));
  }
  const auto& first = last.creations[0];
  const auto why = rt->explain(ann, first.impression, use_future).get();
  REQUIRE(why);
  CHECK(why->user == ann);
  CHECK(why->impression == first.impression);
  CHECK(why->creation == first.creation);
  CHECK(why->goal == first.goal);
  CHECK(why->content == first.content);
  CHECK(why->slot == first.slot);
  CHECK(why->round == 20);
  CHECK(why->answered);
  CHECK(why->policy == "sampled_ucb");
  CHECK_FALSE(why->by_chance);
  CHECK(why->rewards == 60);
  CHECK(why->expected == Approx(4).margin(0.5));
  REQUIRE_FALSE(why->reasons.empty());
  CHECK(why->reasons.size() <= most_reasons);
  CHECK(std::ranges::any_of(why->reasons, [](const reason& r) { return r.contribution > 0 && r.mean > 3; }));
  std::promise<result<explanation>> told;
  rt->explain(ann, first.impression, [&told](result<explanation> e) { told.set_value(std::move(e)); });
  const auto heard = told.get_future().get();
  REQUIRE(heard);
  CHECK(*heard == *why);
}

TEST_CASE("an explanation is refused by name, and of nobody else", "[runtime][explain]") {
  const auto rt = started();
  add_films(*rt, 12);
  REQUIRE(rt->add_user(ann));
  REQUIRE(rt->add_user(ben));
  const auto shown = rt->ask(ann);
  REQUIRE(shown);
  const auto mine = shown->creations[0].impression;
  CHECK(rt->explain(ben, mine).code() == errc::feedback_not_shown);
  CHECK(rt->explain(user_id{3}, mine).code() == errc::unknown_user);
  CHECK(rt->explain(ann, impression_id{raw(mine) + (1'000 << 10)}).code() == errc::unknown_impression);
  CHECK(rt->explain(ann, impression_id{0}).code() == errc::unknown_impression);
  CHECK(refusals(*rt, errc::feedback_not_shown) == 1);
  CHECK(rt->explain(ann, mine));
  REQUIRE(rt->remove_user(ann));
  CHECK(rt->explain(ann, mine).code() == errc::unknown_user);
  rt->stop();
  CHECK(rt->explain(ben, mine).code() == errc::stopped);
}

TEST_CASE("an impression that is no longer remembered can't be explained", "[runtime][explain]") {
  auto o = films();
  o.limits.open_impressions = 6;
  const auto rt = started(o);
  add_films(*rt, 12);
  REQUIRE(rt->add_user(ann));
  const auto old = rt->ask(ann);
  REQUIRE(old);
  for (int i = 0; i < 3; ++i)
    REQUIRE(rt->ask(ann));
  CHECK(rt->explain(ann, old->creations[0].impression).code() == errc::feedback_late);
}
