/// A host is killed (SIGKILL) in the middle of its work, over and over: nothing that it was told is lost, nothing counts twice.
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/state_host.hpp"
#include "tests/support/state_host_process.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace ammo;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

/// What the host has tried, and what it was told.
struct record {
  std::set<std::uint64_t> users, users_tried;
  struct given {
    std::uint64_t user = 0, round = 0;
  };
  std::map<std::uint64_t, given> feedback, feedback_tried; // by impression
  std::map<std::uint64_t, std::uint64_t> creations;        // by key
  std::set<std::uint64_t> creations_tried;
  std::size_t started = 0;
  std::map<std::string, std::size_t> refused;
};

record read(const std::string& file) {
  record r;
  std::ifstream from(file);
  for (std::string line; std::getline(from, line);) {
    std::istringstream in(line);
    std::string sign, what, more;
    std::uint64_t a = 0, b = 0, c = 0;
    in >> sign >> what >> a;
    const bool told = sign == "!";
    if (sign == "-") {
      for (std::string part; in >> part;)
        more = part;
      ++r.refused[what + ' ' + more];
    } else if (what == "user") {
      (told ? r.users : r.users_tried).insert(a);
    } else if (what == "feedback" && in >> b >> c) {
      (told ? r.feedback : r.feedback_tried)[b] = {a, c};
    } else if (what == "creation") {
      if (told && in >> b)
        r.creations[a] = b;
      else if (!told)
        r.creations_tried.insert(a);
    } else if (what == "started") {
      ++r.started;
    }
  }
  return r;
}

std::map<std::uint64_t, std::uint64_t> by_user(const std::map<std::uint64_t, record::given>& all) {
  std::map<std::uint64_t, std::uint64_t> n;
  for (const auto& [impression, g] : all)
    ++n[g.user];
  return n;
}

/// Looks through the public API alone. What it does itself is told in the record, too. How many of its users slept.
std::uint64_t check(const std::string& state, const std::string& file) {
  const auto r = read(file);
  auto started = runtime::start(killed_deployment(state));
  INFO((started ? std::string{} : started.error().text()));
  REQUIRE(started);
  auto& rt = **started;
  const auto found = rt.statistics();
  REQUIRE(found);
  CHECK(found->users + found->asleep >= r.users.size());
  CHECK(found->users + found->asleep <= r.users_tried.size());
  for (const auto& [why, n] : r.refused)
    FAIL("the host was refused " << n << " times: " << why);

  for (const std::uint64_t user : r.users)
    CHECK(rt.add_user(user_id{user}).code() == errc::duplicate_user);
  auto told = by_user(r.feedback), tried = by_user(r.feedback_tried);
  for (const std::uint64_t user : r.users) {
    const auto b = rt.regret(user_id{user});
    REQUIRE(b);
    CHECK(b->observations >= told[user]);
    CHECK(b->observations <= tried[user]);
  }
  std::map<std::uint64_t, std::uint64_t> last; // round, by user
  for (const auto& [impression, g] : r.feedback)
    last[g.user] = std::max(last[g.user], g.round);
  for (const auto& [impression, g] : r.feedback) {
    if (g.round + 50 < last[g.user])
      continue;
    const auto again = rt.feedback(user_id{g.user}, impression_id{impression}, 0.5);
    CHECK(again.code() == errc::feedback_twice);
    CHECK(rt.feedback(user_id{g.user}, impression_id{impression}, 0.5, call_key(impression))); // the first one's answer
  }
  for (const std::uint64_t user : r.users) {
    const auto b = rt.regret(user_id{user});
    REQUIRE(b);
    CHECK(b->observations <= tried[user]);
  }
  const auto s = rt.statistics();
  REQUIRE(s);
  CHECK(s->goals == 1);
  CHECK(s->creations >= r.creations.size() + 1);
  CHECK(s->creations <= r.creations_tried.size() + 1);
  CHECK(s->budget_granted_micros == killed_budget);
  CHECK(s->budget_spent_micros == static_cast<std::int64_t>(s->creations) * killed_price);
  std::size_t looked = 0;
  for (auto made = r.creations.rbegin(); made != r.creations.rend() && looked < 20; ++made, ++looked) {
    const auto again = rt.create({.goal = goal_id{1}, .e = {1, 0}, .key = made->first});
    REQUIRE(again);
    CHECK(raw(again->creation) == made->second);
  }
  CHECK(rt.statistics()->budget_spent_micros == s->budget_spent_micros);
  return found->asleep;
}

/// `database`: empty: a folder. `lives`: a process lives for about so long.
void kill_over_and_over(int kills, std::uint64_t seed, const std::string& database = {}, std::chrono::milliseconds lives = 400ms) {
  const scratch in("ammo_kill");
  const auto state = database.empty() ? (in.folder / "state").string() : database, file = (in.folder / "record").string();
  std::mt19937_64 dice(seed);
  std::size_t feedback = 0;
  std::uint64_t asleep = 0;
  for (int i = 1; i <= kills; ++i) {
    INFO("kill " << i << " of seed " << seed);
    const std::size_t before = read(file).started;
    state_host_process v(state, file, i);
    for (int wait = 0; wait < 3'000 && read(file).started == before && i % 5 != 0; ++wait) // each fifth may die while it starts
      std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(lives / 20 + std::chrono::milliseconds(dice() % static_cast<std::uint64_t>(lives.count())));
    v.kill();
    asleep += check(state, file);
    feedback = read(file).feedback.size();
  }
  CHECK(feedback > std::size_t(kills) * 10);
  if (lives > 2s)
    CHECK(asleep > 0);
}

} // namespace

TEST_CASE("a host that is killed loses nothing that it was told", "[state][kill]") { kill_over_and_over(5, 1); }

TEST_CASE("a host that is killed loses nothing that PostgreSQL has", "[state][kill][postgres]") {
  kill_over_and_over(5, 2, new_postgres_database());
}

TEST_CASE("a host that is killed while some of its people sleep loses nothing that it was told", "[state][kill][sleepers]") {
  kill_over_and_over(4, 3, {}, 2'500ms);
}

TEST_CASE("a host that is killed three hundred times loses nothing that it was told", "[state][.science][kill]") {
  for (std::uint64_t seed = 10; seed < 20; ++seed)
    kill_over_and_over(30, seed);
}

TEST_CASE("a host that is killed a hundred times loses nothing that PostgreSQL has", "[state][.science][kill][postgres]") {
  for (std::uint64_t seed = 30; seed < 35; ++seed)
    kill_over_and_over(20, seed, new_postgres_database());
}
