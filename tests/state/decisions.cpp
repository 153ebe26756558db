/// The decision log: what was shown, with what there was to choose from, and what it earned; enough to judge another policy, and no more than
/// its quota.
#include "actors/protocol/codec.hpp"
#include "ammo/off_policy.hpp"
#include "ammo/runtime.hpp"
#include "runtime/state/decisions/decision_export.hpp"
#include "runtime/state/decisions/decision_log.hpp"
#include "runtime/state/decisions/decision_records.hpp"
#include "runtime/state/state_place.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/state_host.hpp"
#include "tests/support/state_host_process.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>

using namespace ammo;
using namespace ammo::testing;

namespace {

options logging_in(const std::string& state) {
  auto o = films_in(state);
  o.slots = 1;
  o.user.policy = "uniform";
  o.state_decisions = true;
  return o;
}

struct told {
  std::vector<nlohmann::json> decisions, creations;
};

told told_of(const std::string& state) {
  told out;
  const auto done = export_decisions(state, std::nullopt, false, [&](const std::string& line) {
    auto j = nlohmann::json::parse(line);
    (j["kind"] == "decision" ? out.decisions : out.creations).push_back(std::move(j));
    return true;
  });
  INFO((done ? std::string{} : done.error().text()));
  REQUIRE(done);
  return out;
}

std::vector<std::string> csv_of(const std::string& state) {
  std::vector<std::string> lines;
  REQUIRE(export_decisions(state, std::nullopt, true, [&](const std::string& line) {
    lines.push_back(line);
    return true;
  }));
  return lines;
}

/// People like the first film four times of five, others one time of five.
double chance(std::uint64_t content) { return content == 1 ? 0.8 : 0.2; }

void play(runtime& rt, std::uint64_t user, int rounds) {
  std::mt19937_64 dice(user);
  for (int round = 0; round < rounds; ++round) {
    const auto shown = rt.ask(user_id{user});
    REQUIRE(shown);
    REQUIRE(shown->creations.size() == 1);
    const auto& x = shown->creations.front();
    REQUIRE(rt.feedback(user_id{user}, x.impression, std::bernoulli_distribution(chance(x.content))(dice)));
  }
}

void keeps_and_judges(const std::string& state) {
  creation_id first{};
  {
    auto rt = started(logging_in(state));
    add_films(*rt, 6);
    for (std::uint64_t user = 1; user <= 3; ++user) {
      REQUIRE(rt->add_user(user_id{user}));
      play(*rt, user, 200);
    }
    const auto shown = rt->ask(user_id{1});
    REQUIRE(shown);
  }
  {
    auto rt = started(logging_in(state)); // what was taken before isn't taken again
    play(*rt, 3, 100);
  }
  auto log = told_of(state);
  REQUIRE(log.decisions.size() == 701);
  REQUIRE(log.creations.size() == 6);
  for (const auto& c : log.creations) {
    const auto e = c["embedding"].get<std::vector<float>>();
    if (e == direction(1))
      first = creation_id{c["creation"].get<std::uint64_t>()};
  }
  REQUIRE(raw(first) != 0);
  off_policy_judge judge;
  std::uint64_t unanswered = 0;
  for (const auto& d : log.decisions) {
    const auto among = d["among"].get<std::vector<std::uint64_t>>();
    CHECK(d["eligible"] == 6);
    CHECK(among.size() == 6);
    REQUIRE(d["shown"].size() == 1);
    const auto& x = d["shown"][0];
    if (x["reward"].is_null()) {
      ++unanswered;
      continue;
    }
    const auto creation = x["creation"].get<std::uint64_t>();
    CHECK(std::ranges::count(among, creation) == 1);
    CHECK(x["source"] == "exact");
    const judged_impression i{.propensity = x["propensity"].get<double>(), .target = creation == raw(first) ? 1.0 : 0.0, .reward = x["reward"].get<double>()};
    REQUIRE(judge.add({.shown = {&i, 1}, .slots = 1, .unsupported = std::ranges::count(among, raw(first)) == 1 ? 0.0 : 1.0}) == errc::ok);
  }
  CHECK(unanswered == 1);
  const auto value = judge.importance_weighted();
  REQUIRE(value);
  CHECK(value->low < chance(1));
  CHECK(value->high > chance(1));
  CHECK(value->high < 1.2); // and it says something
  const auto overlap = judge.overlap();
  REQUIRE(overlap);
  CHECK(overlap->high > 1);

  const auto csv = csv_of(state);
  REQUIRE(csv.size() == 702);
  CHECK(csv.front().starts_with(",timestamp,item_id,position,click,propensity_score,user_feature_0,"));
  for (const auto& line : csv)
    CHECK(std::ranges::count(line, ',') == std::ranges::count(csv.front(), ','));
}

void forgets(const std::string& state) {
  auto o = logging_in(state);
  {
    auto rt = started(o);
    add_films(*rt, 3);
    for (std::uint64_t user = 1; user <= 2; ++user) {
      REQUIRE(rt->add_user(user_id{user}));
      play(*rt, user, 5);
    }
  }
  CHECK(told_of(state).decisions.size() == 10);
  o.state_decisions = false; // they are forgotten all the same
  {
    auto rt = started(o);
    REQUIRE(rt->remove_user(user_id{1}));
    play(*rt, 2, 5);
  }
  const auto left = told_of(state).decisions;
  CHECK(left.size() == 5);
  for (const auto& d : left)
    CHECK(d["user"] == 2);
}

store::decision_row row_of(std::uint32_t day, std::uint64_t place) {
  return {day, store::unit_id{1}, {1, place}, 0, place, decided_slate::kind, store::bytes(1000)};
}

void drops_the_oldest(const std::string& state) {
  auto rows = open_decisions(state, true);
  REQUIRE(rows);
  store::decision_batch batch;
  for (std::uint32_t day = 100; day < 110; ++day)
    for (std::uint64_t i = 0; i < 10; ++i)
      batch.rows.push_back(row_of(day, day * 10 + i));
  batch.node = {1, 1};
  REQUIRE((*rows)->add(batch));
  REQUIRE((*rows)->add(batch)); // rows that are there stay
  const auto before = (*rows)->days().value();
  REQUIRE(before.size() == 10);
  CHECK(before.front().rows == 10);
  auto nobody = open_store(state);
  REQUIRE(nobody);
  const auto drop = [&](decision_limits limits, std::uint32_t today) {
    auto log = decision_log::open(state, true, limits, unit_numbers{1, 1});
    REQUIRE(log);
    return (*log)->drain(**nobody, today).value();
  };
  CHECK(drop({1 << 20, 30}, 109).dropped_days == 0);
  const auto old = drop({1 << 20, 7}, 109);
  CHECK(old.dropped_days == 3);
  CHECK(old.dropped == 30);
  const auto much = drop({5 * before.front().bytes, 30}, 109);
  CHECK(much.dropped_days == 2);
  const auto left = (*rows)->days().value();
  REQUIRE(left.size() == 5);
  CHECK(left.front().day == 105);
  CHECK(drop({1, 30}, 109).dropped_days == 4); // the last day stays
}

} // namespace

TEST_CASE("another policy is judged from the decisions that a state keeps", "[state][decisions]") {
  SECTION("in a folder") {
    const scratch in("ammo_decisions");
    keeps_and_judges((in.folder / "state").string());
  }
  SECTION("in PostgreSQL") { keeps_and_judges(test::new_postgres_database()); }
}

TEST_CASE("who is removed leaves no decision", "[state][decisions]") {
  SECTION("in a folder") {
    const scratch in("ammo_decisions");
    forgets((in.folder / "state").string());
  }
  SECTION("in PostgreSQL") { forgets(test::new_postgres_database()); }
}

TEST_CASE("after kills every decision is there whose reward was acknowledged, once", "[state][decisions]") {
  const scratch in("ammo_decisions");
  const auto state = (in.folder / "state").string();
  const auto record = in.folder / "record";
  {
    auto rt = started(test::killed_deployment(state));
    REQUIRE(rt->add_goal(test::killed_goal()));
  }
  for (int life = 1; life <= 5; ++life) {
    std::error_code none;
    const auto grown = (life == 1 ? 0 : std::filesystem::file_size(record)) + 20'000u + 9'176u * static_cast<unsigned>(life);
    test::state_host_process host(state, record.string(), life);
    REQUIRE(comes_true([&] {
      const auto size = std::filesystem::file_size(record, none);
      return !none && size >= grown;
    }));
    host.kill();
  }
  { auto rt = started(test::killed_deployment(state)); } // reads what the last one that was killed hadn't
  std::multiset<std::uint64_t> rewarded;
  const auto log = told_of(state);
  for (const auto& d : log.decisions)
    for (const auto& x : d["shown"])
      if (!x["reward"].is_null())
        rewarded.insert(x["impression"].get<std::uint64_t>());
  std::ifstream from(record);
  std::size_t acknowledged = 0;
  for (std::string line; std::getline(from, line);) {
    std::istringstream words(line);
    std::string mark, what;
    std::uint64_t user = 0, impression = 0;
    if (words >> mark >> what >> user >> impression && mark == "!" && what == "feedback") {
      ++acknowledged;
      if (rewarded.count(impression) != 1)
        FAIL("impression " << impression << " is there " << rewarded.count(impression) << " times");
    }
  }
  CHECK(acknowledged > 500);
}

TEST_CASE("decisions have a quota of bytes and of days, and the oldest go first", "[state][decisions]") {
  SECTION("in a folder") {
    const scratch in("ammo_decisions");
    drops_the_oldest(in.folder.string());
  }
  SECTION("in PostgreSQL") { drops_the_oldest(test::new_postgres_database()); }
}

TEST_CASE("a flipped byte in a decision is found", "[state][decisions]") {
  const scratch in("ammo_decisions");
  auto rows = open_decisions(in.folder.string(), true);
  REQUIRE(rows);
  auto r = row_of(100, 1);
  CHECK(store::checksum_of(r) != 0);
  const auto before = store::checksum_of(r);
  r.data[17] ^= std::byte{1};
  CHECK(store::checksum_of(r) != before);
  CHECK(day_named("2026-11-29").value() == 20786);
  CHECK(name_of_day(20786) == "2026-11-29");
  CHECK(day_named("2026-13-01").code() == errc::bad_value);
  CHECK(day_named("yesterday").code() == errc::bad_value);
}

TEST_CASE("a strict slate that nobody was shown after all is no decision", "[state][decisions]") {
  const scratch in("ammo_decisions");
  auto rows = open_decisions(in.folder.string(), true);
  REQUIRE(rows);
  decision_gatherer gatherer(true);
  const auto note = [&](std::uint64_t place, std::uint64_t impression, errc code) {
    slate_granted g{.user = user_id{1}, .round = impression, .code = code, .impressions = {}};
    g.impressions.push_back({impression_id{impression}, creation_id{5}, {}});
    const auto bytes = encode(slates_granted{{g}}, {.source = address_of<role::aipp>(0u), .time_us = 1'000'000});
    const noted_frame f{store::unit_id{1}, address_of<role::aipp>(0u), slates_granted::type, bytes};
    REQUIRE(gatherer.take(f, {1, place}));
  };
  note(1, 11, errc::ok);
  note(2, 12, errc::ok);
  note(3, 11, errc::timed_out);
  auto batch = gatherer.batch();
  batch.node = {1, 1};
  REQUIRE((*rows)->add(batch));
  std::vector<std::uint64_t> shown;
  REQUIRE(read_decisions(**rows, std::nullopt, [&](const decision& d) { return shown.push_back(raw(d.slate.shown.at(0).impression)), true; }));
  CHECK(shown == std::vector<std::uint64_t>{12});
}
