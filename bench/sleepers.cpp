/// What people cost who aren't here: a state of so many learned users, most of them asleep. How much memory the process has with some awake, how long a start takes, and
/// how long a sleeper's ask. The first `--played` users are played; the others are these under other names, written straight to the store.
/// `bench_sleepers [--users N] [--awake N] [--asks N] [--state DIR|postgresql://…]`. JSON.
#include "actors/protocol/state_codec.hpp"
#include "ammo/runtime.hpp"
#include "bench/hosting.hpp"
#include "runtime/state/state_place.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <deque>
#include <filesystem>
#include <future>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace ammo;
using namespace ammo::bench;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

struct settings {
  std::uint64_t users = 1'000'000, played = 20'000, awake = 50'000, asks = 2'000, rounds = 2, width = 16, creations = 500;
  std::string state;
  bool make = false; ///< the users are made and put to sleep, no more
};

options deployment(const settings& s, std::uint32_t sleep_after_s) {
  options o;
  o.name = "sleepers";
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "film", .width = static_cast<std::uint32_t>(s.width)});
  o.state = s.state;
  o.durability.sleep_after_s = sleep_after_s;
  return o;
}

/// A little shorter than 1.
std::vector<float> direction(std::uint64_t of, std::uint64_t width) { return direction_of(of, width, 1.001f); }

/// Makes calls 0 to `n` − 1, some at once, and takes their answers in order. One that the runtime has no room for is made again.
template <class Call, class Take> void make_calls(std::uint64_t n, const Call& call, const Take& take) {
  constexpr std::size_t together = 64; // the runtime takes as many whatever happens
  std::deque<decltype(call(0))> open;
  const auto close = [&](std::uint64_t i) {
    auto told = open.front().get();
    for (; !told && told.code() == errc::overloaded; told = call(i).get())
      std::this_thread::sleep_for(1ms);
    open.pop_front();
    take(i, std::move(told));
  };
  for (std::uint64_t i = 0; i < n; ++i) {
    open.push_back(call(i));
    if (open.size() == together)
      close(i + 1 - together);
  }
  while (!open.empty())
    close(n - open.size());
}

/// Users come by one after the other, so many at once, and are gone for good.
void make(const settings& s) {
  auto rt = value_of(runtime::start(deployment(s, 1)));
  std::vector<std::future<result<creation_receipt>>> goals;
  for (std::uint64_t g = 1; g <= s.creations; ++g)
    goals.push_back(rt->add_goal({.goal = goal_id{g}, .owner = owner_id{g}, .subspace = "film", .grounded = direction(g, s.width), .content = g}, use_future));
  for (auto& g : goals)
    value_of(g.get());
  constexpr std::uint64_t together = 2'000;
  const auto is_fine = [](std::uint64_t, const result<void>& r) { done(r); };
  const auto played = std::min(s.played, s.users);
  for (std::uint64_t first = 1; first <= played; first += together) {
    const auto last = std::min(first + together, played + 1);
    make_calls(
      last - first, [&](std::uint64_t i) { return rt->add_user(user_id{first + i}, use_future); }, is_fine);
    for (std::uint64_t round = 0; round < s.rounds; ++round) {
      struct liked {
        user_id user{};
        impression_id impression{};
        double value = 0;
      };
      std::vector<liked> all;
      make_calls(
        last - first, [&](std::uint64_t i) { return rt->ask(user_id{first + i}, 0, use_future); },
        [&](std::uint64_t i, result<slate> shown) {
          const auto taste = direction(~(first + i), s.width);
          for (const auto& x : value_of(std::move(shown)).creations) {
            const auto e = direction(x.content, s.width);
            all.push_back({user_id{first + i}, x.impression, std::inner_product(e.begin(), e.end(), taste.begin(), 0.0)});
          }
        });
      make_calls(
        all.size(), [&](std::uint64_t i) { return rt->feedback(all[i].user, all[i].impression, all[i].value, use_future); }, is_fine);
    }
    while (value_of(rt->statistics()).users > 60'000)
      std::this_thread::sleep_for(10ms);
  }
  while (value_of(rt->statistics()).users > 0)
    std::this_thread::sleep_for(50ms);
}

/// A row of every played user under as many other names as there are to be users; a unit's snapshot says how many sleep.
void multiply(const settings& s) {
  auto store = value_of(open_store(s.state));
  const auto shards = value_of(store->layout())->shards;
  std::vector<sleeper_state> played;
  for (std::uint32_t i = 0; i < shards; ++i)
    for (const auto& known : value_of(store->sleepers(store::unit_id{1 + i})))
      played.push_back(value_of(decode_state<sleeper_state>(value_of(store->read_sleeper(store::unit_id{1 + i}, known.user))->state)));
  std::vector<std::uint64_t> more(shards);
  sqlite3* db = nullptr;
  sqlite3_stmt* insert = nullptr;
  const auto file = s.state + "/state.sqlite";
  const auto fine = [](bool is) { return is ? void() : end("the rows can't be written"); };
  fine(sqlite3_open(file.c_str(), &db) == SQLITE_OK && sqlite3_exec(db, "begin", nullptr, nullptr, nullptr) == SQLITE_OK &&
       sqlite3_prepare_v2(db, "insert into sleepers values (?, ?, 1, 0, ?, ?)", -1, &insert, nullptr) == SQLITE_OK);
  for (auto user = s.played + 1; user <= s.users; ++user) {
    auto& of = played[user % played.size()];
    of.mind.user = user_id{user};
    if (of.open)
      of.open->user = user_id{user};
    const auto shard = shard_of(user_id{user}, shards);
    ++more[shard];
    const store::unit_id unit{1 + shard};
    const store::sleeper row{user, {1, 0}, encode_state(of)};
    sqlite3_bind_int64(insert, 1, 1 + shard);
    sqlite3_bind_int64(insert, 2, static_cast<sqlite3_int64>(user));
    sqlite3_bind_int64(insert, 3, store::checksum_of(unit, row));
    sqlite3_bind_blob(insert, 4, row.state.data(), static_cast<int>(row.state.size()), SQLITE_STATIC);
    fine(sqlite3_step(insert) == SQLITE_DONE && sqlite3_reset(insert) == SQLITE_OK);
    if (user % 20'000 == 0)
      fine(sqlite3_exec(db, "commit; begin", nullptr, nullptr, nullptr) == SQLITE_OK);
  }
  fine(sqlite3_exec(db, "commit", nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_finalize(insert);
  sqlite3_close(db);
  for (std::uint32_t i = 0; i < shards; ++i) {
    const store::unit_id unit{1 + i};
    const auto newest = value_of(store->snapshots(unit)).front();
    store::bytes whole;
    for (std::uint32_t p = 0; p < newest.pieces; ++p) {
      const auto piece = value_of(store->read_piece(unit, newest.at, p));
      whole.insert(whole.end(), piece.begin(), piece.end());
    }
    auto state = value_of(decode_state<user_shard_state>(whole));
    state.asleep += more[i];
    const auto again = encode_state(state);
    if (again.size() > newest.pieces * store::most_in_a_piece)
      end("a snapshot has outgrown its pieces");
    for (std::uint32_t p = 0; p < newest.pieces; ++p) {
      const auto begin = std::min(again.size(), p * store::most_in_a_piece);
      done(store->write_piece(unit, newest.at, p, std::span(again).subspan(begin, std::min(store::most_in_a_piece, again.size() - begin))));
    }
  }
}

void make_elsewhere(const settings& s) {
  const auto child = fork();
  if (child == 0) {
    const auto users = std::to_string(s.users), played = std::to_string(s.played), rounds = std::to_string(s.rounds), width = std::to_string(s.width), creations = std::to_string(s.creations);
    execl("/proc/self/exe", "bench_sleepers", "--make", "--state", s.state.c_str(), "--users", users.c_str(), "--played", played.c_str(), "--rounds", rounds.c_str(), "--width", width.c_str(),
          "--creations", creations.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int ended = 0;
  if (child < 0 || waitpid(child, &ended, 0) != child || ended != 0)
    end("the users couldn't be made");
}

double part(std::vector<double>& of, double share) {
  const auto at = of.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(of.size() - 1));
  std::nth_element(of.begin(), at, of.end());
  return *at;
}

nlohmann::json measure(const settings& s) {
  nlohmann::json out;
  const auto begun = steady::now();
  auto rt = value_of(runtime::start(deployment(s, 1'000'000)));
  out["start_s"] = since(begun);
  auto counted = value_of(rt->statistics());
  out["users"] = counted.users + counted.asleep;
  out["resident_mb_all_asleep"] = resident_bytes() >> 20;

  // Users are woken in an order that has nothing to do with that of their rows.
  std::vector<std::uint64_t> order(s.users);
  for (std::uint64_t u = 0; u < s.users; ++u)
    order[u] = u + 1;
  std::shuffle(order.begin(), order.end(), std::mt19937_64{1});
  const auto mine = order.size() * sizeof(std::uint64_t);
  const auto woken = steady::now();
  make_calls(
    std::min(s.awake, s.users), [&](std::uint64_t i) { return rt->ask(user_id{order[i]}, 0, use_future); },
    [](std::uint64_t, result<slate> shown) { (void)value_of(std::move(shown)); });
  out["woken_a_second"] = static_cast<double>(s.awake) / since(woken);
  counted = value_of(rt->statistics());
  out["awake"] = counted.users;
  out["asleep"] = counted.asleep;
  out["resident_mb"] = (resident_bytes() - mine) >> 20;

  std::vector<double> asleep_ms, awake_ms;
  for (std::uint64_t i = 0; i < s.asks && s.awake + i < s.users; ++i) {
    for (auto [user, to] : {std::pair(order[s.awake + i], &asleep_ms), std::pair(order[i % s.awake], &awake_ms)}) {
      const auto start = steady::now();
      value_of(rt->ask(user_id{user}));
      to->push_back(since(start) * 1e3);
    }
    std::this_thread::sleep_for(1ms);
  }
  if (asleep_ms.empty())
    return out;
  out["sleepers_ask_ms"] = {{"p50", part(asleep_ms, 0.5)}, {"p99", part(asleep_ms, 0.99)}, {"most", part(asleep_ms, 1)}};
  out["ask_ms"] = {{"p50", part(awake_ms, 0.5)}, {"p99", part(awake_ms, 0.99)}};
  out["resident_mb_at_the_end"] = (resident_bytes() - mine) >> 20;
  return out;
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  CLI::App app{"what people cost who aren't here"};
  app.add_option("--users", s.users, "learned users")->capture_default_str();
  app.add_option("--played", s.played, "of them, played through the runtime")->capture_default_str();
  app.add_option("--awake", s.awake, "of them, woken before memory is looked at")->capture_default_str();
  app.add_option("--asks", s.asks, "of sleepers, one by one")->capture_default_str();
  app.add_option("--rounds", s.rounds, "slates of each user, all creations of which are rewarded")->capture_default_str();
  app.add_option("--width", s.width, "coordinates")->capture_default_str();
  app.add_option("--creations", s.creations, "live creations")->capture_default_str();
  app.add_option("--state", s.state, "a folder or postgresql://…; a state that is there is measured as it is; without: a temporary folder");
  app.add_flag("--make", s.make, "make the users, and stop");
  CLI11_PARSE(app, argc, argv);
  if (s.make) {
    make(s);
    if (s.users > s.played)
      multiply(s);
    return 0;
  }
  const bool temporary = s.state.empty();
  if (temporary)
    s.state = (std::filesystem::temp_directory_path() / ("ammo_sleepers." + std::to_string(getpid()))).string();
  nlohmann::json out;
  if (temporary || (s.state.find("://") == std::string::npos && !std::filesystem::exists(s.state + "/state.sqlite"))) {
    const auto begun = steady::now();
    make_elsewhere(s);
    out["make_s"] = since(begun);
  }
  out.update(measure(s));
  if (s.state.find("://") == std::string::npos)
    out["state_mb"] = std::filesystem::file_size(s.state + "/state.sqlite") >> 20;
  if (temporary)
    std::filesystem::remove_all(s.state);
  std::printf("%s\n", out.dump(1).c_str());
}
