/// A host is killed (SIGKILL) in the middle of its work, over and over: nothing that it was told is lost, nothing counts twice.
#include "ammo/runtime.hpp"
#include "tests/support/hosts.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/state_host.hpp"
#include "tests/support/state_host_process.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace ammo;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t keys_known = 8'000; ///< of feedback, at least: creations have keys, too

/// What the host has tried, and what it was told.
struct record {
  std::set<std::uint64_t> users, users_tried;
  struct given {
    std::uint64_t user = 0, round = 0;
    std::size_t after = 0; ///< so many that were acknowledged
  };
  std::map<std::uint64_t, given> feedback, feedback_tried; // by impression
  std::map<std::uint64_t, std::uint64_t> creations;        // by key
  std::set<std::uint64_t> creations_tried;
  std::size_t started = 0;
  std::uint64_t last_started = 0; ///< its seed
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
      (told ? r.feedback : r.feedback_tried)[b] = {a, c, r.feedback.size()};
    } else if (what == "creation") {
      if (told && in >> b)
        r.creations[a] = b;
      else if (!told)
        r.creations_tried.insert(a);
    } else if (what == "started") {
      ++r.started;
      r.last_started = a;
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

/// What a host may be told that dies undisturbed; while its store is out of reach, and just after it (a slate of then was provisional); and once another has its state.
const std::set<std::string> nothing, out_of_reach{"store_unavailable", "outcome_unknown", "timed_out", "unknown_impression"},
  taken_over{"state_in_use", "store_unavailable", "outcome_unknown", "timed_out", "unknown_impression"};

/// Looks through the public API alone. What it does itself is told in the record, too. How many of its users slept. `may_hear`: what the host may have been
/// refused as.
std::uint64_t check(const std::string& state, const std::string& file, const std::set<std::string>& may_hear) {
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
    if (!may_hear.contains(why.substr(why.find(' ') + 1)))
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
    if (g.after + keys_known > r.feedback.size())
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

struct killing {
  int kills = 0;
  std::uint64_t seed = 0;
  std::string database{};                 ///< empty: a folder
  std::chrono::milliseconds lives{400};   ///< a process lives for about so long
  int server_stops = 0;                   ///< of PostgreSQL, at once, in as many of the lives, or just behind them
};

void kill_over_and_over(const killing& how) {
  const scratch in("ammo_kill");
  const auto state = how.database.empty() ? (in.folder / "state").string() : how.database, file = (in.folder / "record").string();
  std::mt19937_64 dice(how.seed);
  const auto some_time = [&] { std::this_thread::sleep_for(how.lives / 20 + std::chrono::milliseconds(dice() % static_cast<std::uint64_t>(how.lives.count()))); };
  std::size_t feedback = 0;
  std::uint64_t asleep = 0;
  int stopped = 0;
  for (int i = 1; i <= how.kills; ++i) {
    INFO("kill " << i << " of seed " << how.seed);
    const std::size_t before = read(file).started;
    state_host_process v(state, file, i);
    for (int wait = 0; wait < 3'000 && read(file).started == before && i % 5 != 0; ++wait) // each fifth may die while it starts
      std::this_thread::sleep_for(10ms);
    some_time();
    const bool stops = i * how.server_stops / how.kills > stopped;
    const bool behind = dice() % 2 == 0;
    if (stops && !behind) {
      crash_private_postgres();
      some_time(); // it goes on
    }
    v.kill();
    if (stops && behind)
      crash_private_postgres();
    stopped += stops;
    asleep += check(state, file, how.server_stops > 0 ? out_of_reach : nothing);
    feedback = read(file).feedback.size();
  }
  CHECK(feedback > std::size_t(how.kills) * 10);
  CHECK(stopped == how.server_stops);
  if (how.lives > 2s)
    CHECK(asleep > 0);
}

/// Three processes want one state. Whoever has it is frozen until another one has taken it, or killed; who was frozen finds out and says so, who ends comes back.
void fight(std::chrono::seconds for_so_long, std::uint64_t seed, std::size_t holders) {
  const scratch in("ammo_fight");
  const auto state = new_postgres_database(), file = (in.folder / "record").string();
  std::mt19937_64 dice(seed);
  struct fighter {
    std::unique_ptr<state_host_process> process;
    std::uint64_t seed = 0;
    bool frozen = false;
  };
  std::array<fighter, 3> fighters;
  int next = 0;
  const auto keep_up = [&] {
    for (auto& f : fighters)
      if (!f.process || (!f.frozen && f.process->ended())) {
        f.seed = static_cast<std::uint64_t>(++next);
        f.process = std::make_unique<state_host_process>(state, file, next);
      }
  };
  std::size_t taken_from_the_frozen = 0;
  for (const auto until = std::chrono::steady_clock::now() + for_so_long; std::chrono::steady_clock::now() < until;) {
    keep_up();
    std::this_thread::sleep_for(100ms);
    const auto r = read(file);
    const auto holder = std::ranges::find_if(fighters, [&](const fighter& f) { return f.process && f.seed == r.last_started; });
    if (r.started == 0 || holder == fighters.end() || holder->process->ended())
      continue;
    std::this_thread::sleep_for(std::chrono::milliseconds(dice() % 800));
    if (dice() % 4 == 0) {
      holder->process->kill();
      holder->process.reset();
      continue;
    }
    holder->process->freeze();
    holder->frozen = true;
    for (int wait = 0; wait < 600 && read(file).started == r.started; ++wait) { // the lease is a second
      keep_up();
      std::this_thread::sleep_for(50ms);
    }
    const bool taken = read(file).started > r.started;
    taken_from_the_frozen += taken;
    holder->process->thaw();
    holder->frozen = false;
    bool ended = !taken;
    for (int wait = 0; wait < 600 && !ended; ++wait) { // it tries to go on, is told, and says so
      std::this_thread::sleep_for(50ms);
      ended = holder->process->ended();
    }
    CHECK(ended);
  }
  for (auto& f : fighters)
    f.process.reset();
  const auto r = read(file);
  WARN("holders: " << r.started << ", processes: " << next << ", taken from frozen ones: " << taken_from_the_frozen << ", acknowledged: " << r.feedback.size());
  CHECK(r.started >= holders);
  CHECK(taken_from_the_frozen > 0);
  const bool said = std::ranges::any_of(r.refused, [](const auto& why) { return why.first.ends_with("state_in_use"); });
  CHECK(said);
  (void)check(state, file, taken_over);
}

} // namespace

TEST_CASE("a host that is killed loses nothing that it was told", "[state][kill]") { kill_over_and_over({.kills = 5, .seed = 1}); }

TEST_CASE("a host that is killed loses nothing that PostgreSQL has", "[state][kill][postgres]") {
  kill_over_and_over({.kills = 5, .seed = 2, .database = new_postgres_database()});
}

TEST_CASE("a host that is killed while some of its people sleep loses nothing that it was told", "[state][kill][sleepers]") {
  kill_over_and_over({.kills = 4, .seed = 3, .lives = 2'500ms});
}

TEST_CASE("a host that is killed while some of its people sleep, and its server stopped, loses nothing that PostgreSQL has", "[state][kill][sleepers][postgres]") {
  kill_over_and_over({.kills = 4, .seed = 4, .database = new_postgres_database(), .lives = 2'500ms, .server_stops = 2});
}

TEST_CASE("three processes that fight for one state lose nothing that any of them was told", "[state][kill][postgres]") { fight(6s, 5, 2); }

TEST_CASE("three processes that fight for one state for a minute lose nothing that any of them was told", "[state][.science][kill][postgres]") { fight(60s, 6, 8); }

TEST_CASE("a host that is killed three hundred times loses nothing that it was told", "[state][.science][kill]") {
  for (std::uint64_t seed = 10; seed < 20; ++seed)
    kill_over_and_over({.kills = 30, .seed = seed});
}

TEST_CASE("a host that is killed a hundred times, and its server stopped thirty times, loses nothing that PostgreSQL has", "[state][.science][kill][postgres]") {
  for (std::uint64_t seed = 30; seed < 34; ++seed)
    kill_over_and_over({.kills = 20, .seed = seed, .database = new_postgres_database(), .server_stops = 6});
  kill_over_and_over({.kills = 20, .seed = 34, .database = new_postgres_database(), .lives = 2'500ms, .server_stops = 6}); // people sleep
}
