#include "actors/goal_buddy/goal_mind.hpp"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace ammo;

namespace {

constexpr goal_id me{1};
const std::vector<float> truth{0.0f, 0.8f};

struct unused final : text_generator {
  std::uint64_t write(writing_request, answer) override { return 0; }
};

/// A Goal Buddy that can write, whose facts are live, with a policy that goes along demand.
struct author {
  goal_mind mind;
  std::uint64_t period = 3;
  explicit author(std::int64_t balance = 1'000'000, goal_policy policy = goal_policy::exploiter)
    : mind({.policy = policy, .lambda = 0.1, .step = 0.2, .patience = 1, .generator = std::make_shared<unused>(), .style = {0.4, 0.6}},
           me, owner_id{1}, 9, truth, {{"title", "Atom"}}) {
    take(mind.first(), balance);
  }
  void take(const creation_offer& o, std::int64_t balance = 1'000'000, errc code = errc::ok) {
    mind.told({{.request = 0, .code = code}, {creation_id{50 + o.key}, 10, balance}, me, o.key});
  }
  goal_answer hear() {
    return mind.hear({.subspace = subspace_id{0}, .period = period++, .rounds = 100, .demand = {{1, 0}},
                      .exposures = {{mind.creation(), 40, {}}}});
  }
};

writing_request wish_in(goal_answer a) {
  REQUIRE(std::holds_alternative<writing_request>(a));
  return std::get<writing_request>(a);
}

written_news news_for(const writing_request& r, std::vector<float> e = {0.1f, 0.8f}) {
  auto n = text_generator::answer_to(r);
  n.text.title = "Atom, for you";
  n.e.values = std::move(e);
  return n;
}

} // namespace

TEST_CASE("where a policy wants to go is what is to be written of", "[goal][writing]") {
  author a;
  const auto wish = wish_in(a.hear());
  CHECK(wish.goal == me);
  CHECK(wish.why == trigger::schedule);
  CHECK(wish.order == writing_order::publish);
  CHECK(wish.direction.values.size() == 2);
  CHECK(wish.direction.values[0] > 0.1f); // along demand
  CHECK(wish.facts == std::vector<fact>{{"title", "Atom"}});
  CHECK(wish.grounded.values == truth);
  CHECK(wish.style == writing_style{0.4, 0.6});
  CHECK(std::holds_alternative<creation_pass>(a.hear())); // one thing after the other

  SECTION("the text is offered where it lies, and is the creation's once it is taken") {
    const auto answer = a.mind.written(news_for(wish));
    REQUIRE(answer);
    const auto& o = std::get<creation_offer>(*answer);
    CHECK(o.e.values == std::vector<float>{0.1f, 0.8f});
    CHECK(o.replaces == creation_id{51});
    CHECK(a.mind.text().title.empty());
    a.take(o);
    CHECK(a.mind.e() == o.e.values);
    CHECK(a.mind.text().title == "Atom, for you");
  }
  SECTION("a refused offer leaves the text as it was") {
    a.take(std::get<creation_offer>(*a.mind.written(news_for(wish))), 0, errc::budget_exceeded);
    CHECK(a.mind.text().title.empty());
    CHECK(a.mind.e() == truth);
  }
  SECTION("what wasn't written costs nothing and moves nothing, and is named") {
    auto failed = text_generator::answer_to(wish, errc::timed_out);
    const auto answer = a.mind.written(failed);
    REQUIRE(answer);
    CHECK(std::holds_alternative<creation_pass>(*answer));
    CHECK(a.mind.refused() == errc::timed_out);
    CHECK(a.mind.balance_micros() == 1'000'000);
    wish_in(a.hear()); // and tries again
  }
  SECTION("a place that can't be is refused by name") {
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const auto [e, code] = GENERATE_COPY(std::pair{std::vector<float>{nan, 0}, errc::not_finite}, std::pair{std::vector<float>{3, 0}, errc::norm_over_cap},
                                         std::pair{std::vector<float>{0.1f}, errc::wrong_dimension});
    CHECK(std::holds_alternative<creation_pass>(*a.mind.written(news_for(wish, e))));
    CHECK(a.mind.refused() == code);
  }
  SECTION("an answer that nobody waits for is none") {
    auto other = news_for(wish);
    other.request += 1;
    CHECK_FALSE(a.mind.written(other));
    CHECK(a.mind.written(news_for(wish)));
    CHECK_FALSE(a.mind.written(news_for(wish)));
  }
}

TEST_CASE("a stated interest is a user's request, an explorer writes out of curiosity", "[goal][writing]") {
  author a;
  a.mind.hear(interest_notice{subspace_id{0}, {{0.5f, 0}}});
  CHECK(wish_in(a.hear()).why == trigger::request);
  author b(1'000'000, goal_policy::explorer);
  CHECK(wish_in(b.hear()).why == trigger::curiosity);
}

TEST_CASE("what is written by follows the strain, but where the host says how", "[goal][writing][evolution]") {
  author a;
  auto habits = a.mind.habits();
  habits.style = {0.9, 0.1};
  a.mind.adopt(habits);
  CHECK(wish_in(a.hear()).style == writing_style{0.9, 0.1});
  writing_request ask;
  ask.style = {0.2, 0.3};
  CHECK(a.mind.order(ask)->style == writing_style{0.2, 0.3});
}

TEST_CASE("a text is to lie where it leads, or where its facts are", "[goal][writing]") {
  author a;
  const auto draft = a.mind.order({}).value();
  CHECK(meant_place(draft).values == truth);
  const auto moves = wish_in(a.hear());
  CHECK(meant_place(moves) == moves.direction);
}

TEST_CASE("nothing is written that the budget won't pay", "[goal][writing]") {
  author a(5); // the first creation cost 10
  CHECK(std::holds_alternative<creation_pass>(a.hear()));
}

TEST_CASE("the host orders drafts and creations", "[goal][writing]") {
  author a;
  writing_request ask;
  ask.text = "liquid staking";
  ask.style = {1, 1};
  const auto draft = a.mind.order(ask);
  REQUIRE(draft);
  CHECK(draft->text == "liquid staking");
  CHECK(draft->facts.size() == 1);
  CHECK(draft->style == writing_style{1, 1});
  CHECK_FALSE(a.mind.written(news_for(*draft))); // isn't the mind's business

  ask.order = writing_order::publish;
  const auto order = a.mind.order(ask);
  REQUIRE(order);
  CHECK(a.mind.order(ask).code() == errc::overloaded);
  const auto answer = a.mind.written(news_for(*order));
  REQUIRE(answer);
  CHECK(std::get<creation_offer>(*answer).e.values == std::vector<float>{0.1f, 0.8f});
  CHECK(a.mind.order(ask).code() == errc::overloaded); // its verdict is still to come

  goal_mind mute({.policy = goal_policy::exploiter}, me, owner_id{1}, 9, truth, {{"title", "Atom"}});
  CHECK(mute.order(ask).code() == errc::generator_failed);
  goal_mind ignorant({.generator = std::make_shared<unused>()}, me, owner_id{1}, 9, truth);
  CHECK(ignorant.order(ask).code() == errc::generator_failed);
}

TEST_CASE("what was liked in a session is an interest, what wasn't is one against it", "[goal][writing][session]") {
  author a;
  a.mind.hear(session_feedback{me, {{0.5f, 0}}, 0.5});
  CHECK(a.mind.save().interests.values == std::vector<float>{0.5f, 0});
  a.mind.hear(session_feedback{me, {{0, 2.0f}}, -1});
  CHECK(a.mind.save().interests.values == std::vector<float>{0.5f, -1});
  a.mind.hear(session_feedback{me, {{0, 2.0f}}, 7}); // as far as it may count
  CHECK(a.mind.save().interests.values == std::vector<float>{0.5f, 0});
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& [of, e, engagement] : {std::tuple{goal_id{2}, std::vector<float>{1, 0}, 1.0}, {me, {1}, 1.0}, {me, {nan, 0}, 1.0}, {me, {0, 0}, 1.0}, {me, {1, 0}, double{nan}}, {me, {1, 0}, 0.0}})
    a.mind.hear(session_feedback{of, {e}, engagement});
  CHECK(a.mind.save().interests.values == std::vector<float>{0.5f, 0});
  CHECK(wish_in(a.hear()).why == trigger::request);
}

TEST_CASE("a person's earlier words reach who writes", "[goal][writing][session]") {
  author a;
  writing_request wanted;
  wanted.text = "and the fees?";
  wanted.said = {"what is it?"};
  const auto order = a.mind.order(wanted);
  REQUIRE(order);
  CHECK(order->said == wanted.said);
  CHECK(order->why == trigger::query);
  CHECK(order->facts == std::vector<fact>{{"title", "Atom"}});
}
