#include "ammo/runtime.hpp"
#include "ammo/simulation.hpp"
#include "ammo/writing.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <thread>

using namespace ammo;

namespace {

/// A cinema whose films are points of the plane; its words are "sea" and "war".
options cinema(const std::string& generator = "template") {
  options o;
  o.slots = 2;
  o.threads = 2;
  o.subspaces.push_back({.name = "film", .width = 2});
  o.goal.generator = generator;
  o.goal.policy = "static";
  o.goal.generator_timeout_ms = 1'000;
  return o;
}

result<std::vector<float>> meaning(std::string_view text) {
  std::vector<float> v(2);
  const auto count = [&](std::string_view word) {
    float n = 0;
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1))
      ++n;
    return n;
  };
  v = {count("sea"), count("war")};
  const float size = std::hypot(v[0], v[1]);
  if (size == 0)
    return {errc::bad_text, "neither sea nor war"};
  return std::vector<float>{v[0] / size, v[1] / size};
}

goal_spec film(std::uint64_t id, std::vector<fact> facts = {{"title", "Calm sea"}, {"text", "A film of the sea. It has ships."}}) {
  return {.goal = goal_id{id}, .owner = owner_id{id}, .subspace = "film", .grounded = {1, 0}, .content = id, .facts = std::move(facts)};
}

std::uint64_t refused(runtime& rt, errc code) {
  const auto all = rt.statistics().value().refused;
  const auto found = std::ranges::find(all, code, &refusal_count::code);
  return found == all.end() ? 0 : found->count;
}

std::unique_ptr<runtime> opened(const options& o) {
  auto rt = runtime::start(o);
  INFO((rt ? std::string() : rt.error().text()));
  REQUIRE(rt);
  REQUIRE((*rt)->set_embedder("film", meaning));
  return std::move(*rt);
}

} // namespace

TEST_CASE("a host has Goal Buddies write: drafts, creations, and what is live", "[writing][runtime]") {
  for (bool wire : {false, true}) {
    auto o = cinema();
    o.wire_check = wire;
    auto rt = opened(o);
    const auto first = rt->add_goal(film(1)).value();

    const auto draft = rt->write({.goal = goal_id{1}, .text = "war", .style = {1, 1}}).value();
    CHECK(draft.text.title.find("war") != std::string::npos);
    CHECK(draft.text.body.find("A film of the sea.") != std::string::npos);
    CHECK(draft.creation.creation == no_creation);
    CHECK(rt->write({.goal = goal_id{1}, .order = writing_order::recall}).value().text.title.empty()); // a draft is not live

    const auto made = rt->write({.goal = goal_id{1}, .text = "war", .style = {1, 1}, .order = writing_order::publish}).value();
    CHECK(made.text == draft.text);
    CHECK(made.e == draft.e);
    CHECK(made.creation.creation != first.creation);
    const double gap = (std::pow(made.e[0] - 1, 2) + std::pow(made.e[1], 2)) / 2;
    CHECK(gap > 0);
    CHECK(made.creation.cost_micros == 1'000 + static_cast<std::int64_t>(std::ceil(100'000 * gap)));
    CHECK(made.creation.balance_micros == first.balance_micros - made.creation.cost_micros);
    CHECK(rt->write({.goal = goal_id{1}, .order = writing_order::recall}).value().text == made.text);

    REQUIRE(rt->add_user(user_id{1}));
    REQUIRE(rt->ask(user_id{1}).value().creations.at(0).creation == made.creation.creation);
  }
}

#ifdef AMMO_EXAMPLE_GENERATOR
TEST_CASE("who writes is told what others offer close by, by title and distance", "[writing][runtime]") {
  for (bool wire : {false, true}) {
    auto o = cinema(AMMO_EXAMPLE_GENERATOR);
    o.goal.generator_timeout_ms = 20'000;
    o.limits.request_timeout_ms = 20'000;
    o.wire_check = wire;
    auto rt = opened(o);
    REQUIRE(rt->add_goal(film(1)));
    const auto body = [&] { return rt->write({.goal = goal_id{1}, .text = "war"}).value().text.body; };
    CHECK(body().find("Close by") == std::string::npos); // it is alone
    auto other = film(2, {{"title", "War at sea"}});
    other.grounded = {0.6f, 0.8f};
    REQUIRE(rt->add_goal(std::move(other)));
    REQUIRE(rt->add_goal(film(3, {}))); // nobody knows what it is called
    CHECK(body().find("Close by: War at sea (0.89)\n") != std::string::npos);
    CHECK(refused(*rt, errc::bad_value) == 0);
  }
}
#endif

TEST_CASE("what can't be written is refused by name and costs nothing", "[writing][runtime]") {
  auto rt = opened(cinema());
  const auto before = rt->add_goal(film(1)).value().balance_micros;
  REQUIRE(rt->add_goal(film(2, {})));
  CHECK(rt->write({.goal = goal_id{9}, .text = "war"}).code() == errc::unknown_goal);
  CHECK(rt->write({.goal = goal_id{2}, .text = "war"}).code() == errc::generator_failed); // no facts
  CHECK(rt->write({.goal = goal_id{1}, .text = "\xff"}).code() == errc::bad_text);
  CHECK(rt->write({.goal = goal_id{1}, .text = "war", .style = {2, 0}}).code() == errc::bad_value);
  CHECK(rt->write({.goal = goal_id{1}, .text = "war", .style = {0, std::nan("")}}).code() == errc::bad_value);
  CHECK(rt->add_goal(film(3, {{"title", "\x1b[2J"}})).code() == errc::text_control);
  CHECK(rt->add_goal(film(3, std::vector<fact>(65))).code() == errc::text_too_long);
  CHECK(rt->write({.goal = goal_id{1}, .order = writing_order::recall}).value().creation.balance_micros == before);

  auto mute = opened(cinema(""));
  REQUIRE(mute->add_goal(film(1)));
  CHECK(mute->write({.goal = goal_id{1}, .text = "war"}).code() == errc::generator_failed);
  CHECK(runtime::start(cinema("no/such/program")).code() == errc::generator_failed);
  CHECK(runtime::start(cinema("a 'b")).code() == errc::bad_value);
}

TEST_CASE("a hostile generator disturbs nobody but who asked it", "[writing][runtime]") {
  const auto [how, named] = GENERATE(std::pair{"hang", errc::timed_out}, std::pair{"die", errc::generator_failed},
                                     std::pair{"ten_megabytes", errc::frame_too_large}, std::pair{"nan", errc::not_finite},
                                     std::pair{"control", errc::text_control});
  CAPTURE(how);
  auto rt = opened(cinema(std::string(AMMO_HOSTILE_GENERATOR) + ' ' + how));
  const auto before = rt->add_goal(film(1)).value().balance_micros;
  REQUIRE(rt->add_user(user_id{1}));
  auto asked = rt->write({.goal = goal_id{1}, .text = "war", .order = writing_order::publish}, use_future);
  CHECK(rt->ask(user_id{1}).value().creations.size() == 1); // meanwhile
  REQUIRE(rt->add_goal(film(2)));
  CHECK(asked.get().code() == named);
  CHECK(refused(*rt, named) >= 1);
  const auto s = rt->statistics().value();
  CHECK(s.budget_spent_micros == 2'000); // two first creations
  CHECK(s.goals == 2);
  CHECK(rt->write({.goal = goal_id{1}, .order = writing_order::recall}).value().creation.balance_micros == before);
}

TEST_CASE("a runtime that stops while a generator hangs answers who waits", "[writing][runtime]") {
  auto o = cinema(std::string(AMMO_HOSTILE_GENERATOR) + " hang");
  o.goal.generator_timeout_ms = 60'000;
  o.limits.request_timeout_ms = 60'000;
  auto rt = opened(o);
  REQUIRE(rt->add_goal(film(1)));
  auto asked = rt->write({.goal = goal_id{1}, .text = "war"}, use_future);
  rt->stop();
  CHECK_FALSE(asked.get());
}

TEST_CASE("money is conserved when many threads create and write at once", "[writing][runtime][ledger]") {
  auto rt = opened(cinema());
  constexpr std::uint64_t goals = 4;
  for (std::uint64_t g = 0; g < goals; ++g) {
    auto spec = film(g);
    spec.budget_micros = 60'000;
    REQUIRE(rt->add_goal(std::move(spec)));
  }
  std::atomic<std::int64_t> spent{goals * 1'000};
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 4; ++t)
    threads.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < 30; ++i) {
        const goal_id goal{(t + i) % goals};
        if (i % 3 == 0) {
          if (auto w = rt->write({.goal = goal, .text = "war", .seed = i, .order = writing_order::publish}))
            spent += w->creation.cost_micros;
        } else if (auto made = rt->create({.goal = goal, .e = {0.9f, 0.1f}, .grounded = {1, 0}})) {
          spent += made->cost_micros;
        }
      }
    });
  for (auto& t : threads)
    t.join();
  const auto s = rt->statistics().value();
  CHECK(s.budget_granted_micros == goals * 60'000);
  CHECK(s.budget_spent_micros == spent);
  CHECK(s.budget_spent_micros <= s.budget_granted_micros);
}

namespace {

options coin_game(const std::string& generator) {
  auto o = options::built_in("coin").value();
  o.data_root = ammo::test::source_path("subspaces");
  o.simulation.users = 5;
  o.simulation.rounds = 15;
  o.simulation.rounds_per_epoch = 5;
  o.simulation.baselines = false;
  o.goal.policy = "explorer"; // moves whatever it hears
  o.goal.share = 0.05;
  o.goal.patience = 1;
  o.goal.generator = generator;
  return o;
}

} // namespace

TEST_CASE("in a game Goal Buddies offer what they have written, the same with any number of threads", "[writing][simulation]") {
  auto o = coin_game("template");
  o.threads = 1;
  const auto one = simulate(o).value();
  o.threads = 2;
  o.wire_check = true;
  const auto two = simulate(o).value();
  CHECK(one.main.slate == two.main.slate);
  CHECK(one.budget_spent_micros == two.budget_spent_micros);
  CHECK(one.budget_spent_micros > 1'434 * 1'000); // more than everyone's first creation

  o.goal.generator = "";
  CHECK(simulate(o).value().budget_spent_micros != one.budget_spent_micros);
}

TEST_CASE("a game goes on whatever its generator does", "[writing][simulation]") {
  const auto how = GENERATE(as<std::string>{}, "die", "nan", "control", "ten_megabytes");
  auto o = coin_game(std::string(AMMO_HOSTILE_GENERATOR) + ' ' + how);
  o.simulation.rounds = 10;
  o.goal.generator_timeout_ms = 500;
  const auto played = simulate(o);
  INFO((played ? std::string() : played.error().text()));
  REQUIRE(played);
  CHECK(played->budget_spent_micros == 1'434 * 1'000); // nothing was written, and nothing paid
}

TEST_CASE("drafts come from those whom the words concern", "[writing]") {
  auto o = options::built_in("coin").value();
  o.data_root = ammo::test::source_path("subspaces");
  const auto d = write_drafts(o, {.text = "liquid staking", .count = 4}).value();
  REQUIRE(d.all.size() == 4);
  for (const auto& x : d.all) {
    CHECK(x.code == errc::ok);
    CHECK(x.match > 0.3);
    CHECK(x.distance > 0);
    CHECK(x.cost_micros == 1'000 + static_cast<std::int64_t>(std::ceil(x.distance * 100'000)));
    CHECK(d.to_text().find(x.text.title) != std::string::npos);
  }
  CHECK(d.all[0].match >= d.all[3].match);
  CHECK(std::ranges::any_of(d.all, [](const auto& x) {
    return x.text.body.find("Its nearest alternatives here: ") != std::string::npos;
  }));
  CHECK(d.to_html().find("Chain Registry") != std::string::npos);
  CHECK(write_drafts(o, {.text = "zzzzz"}).code() == errc::bad_text);
  o.goal.generator = "no/such/program";
  CHECK(write_drafts(o, {.text = "liquid staking"}).code() == errc::generator_failed);
  o.goal.generator = std::string(AMMO_HOSTILE_GENERATOR) + " control";
  const auto bad = write_drafts(o, {.text = "liquid staking"}).value();
  CHECK(std::ranges::all_of(bad.all, [](const auto& x) { return x.code == errc::text_control; }));
  CHECK(bad.to_text().find('\x1b') == std::string::npos);
  CHECK(bad.to_html().find('\x1b') == std::string::npos);
}
