/// What nodes cost and give: a cluster of one beside the embedded runtime on the same database server; an ask of somebody who is at another node beside one of somebody who is
/// here; how long people go without slates when the node that has half of them is killed; how long units take to a node that comes.
/// `bench_cluster --ammo COMMAND [--users N] [--rounds N] [--seconds S]`, and with `--many` what a round costs as processes become more. JSON. It starts a PostgreSQL of its own.
#include "actors/base/random.hpp"
#include "ammo/runtime.hpp"
#include "bench/hosting.hpp"
#include "runtime/host/cluster/ask_status.hpp"
#include "runtime/node/certificates.hpp"
#include "tests/support/private_postgres.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <fcntl.h>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

extern char** environ; // NOLINT

using namespace ammo;
using namespace ammo::bench;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

namespace {

constexpr std::uint32_t width = 16;
constexpr std::size_t at_once = 256;

struct settings {
  std::string ammo;
  std::uint64_t users = 100'000;
  std::uint64_t rounds = 2; ///< that each user has played
  unsigned shards = 128;    ///< a unit of people moves as one: some hundreds are best
  double seconds = 2;       ///< of a window
  int windows = 5;
  bool many = false;
  std::string logs;         ///< a folder, for what nodes say; empty: nowhere
};

/// A folder that goes with the program.
struct folder {
  std::filesystem::path at = std::filesystem::temp_directory_path() / ("ammo_bench_cluster." + std::to_string(::getpid()));
  folder() { std::filesystem::create_directories(at); }
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(at, ignored);
  }
};

std::string configuration(const settings& s, const folder& in, const std::string& state) {
  const auto file = (in.at / "nodes.toml").string();
  std::ofstream(file) << "name = \"nodes\"\nslots = 3\nshards = " << s.shards << "\nthreads = 2\nstate = \"" << state << "\"\n[[subspace]]\nname = \"film\"\nwidth = " << width
                      << "\n[goal]\npolicy = \"static\"\n[durability]\nlease_ms = 3000\n[node]\nlisten = \"127.0.0.1:0\"\ncertificates = \"" << (in.at / "certificates").string() << "\"\n";
  return file;
}

void add_films(runtime& rt) {
  for (std::uint64_t i = 1; i <= 500; ++i)
    (void)value_of(rt.add_goal({.goal = goal_id(i), .owner = owner_id(i), .subspace = "film", .grounded = direction_of(i, width), .content = i}));
}

/// A slate and feedback on each of it, of these users, `at_once` together. How many ended well.
std::size_t rounds(runtime& rt, std::uint64_t from, std::uint64_t n) {
  std::size_t good = 0;
  for (std::uint64_t i = from; i < from + n; i += at_once) {
    const auto last = std::min(from + n, i + at_once);
    std::vector<std::future<result<slate>>> asked;
    for (auto u = i; u < last; ++u)
      asked.push_back(rt.ask(user_id{u}, 3, use_future));
    std::vector<std::future<result<void>>> given;
    for (auto u = i; u < last; ++u)
      if (const auto shown = asked[u - i].get(); shown) {
        ++good;
        for (const auto& c : shown->creations)
          given.push_back(rt.feedback(user_id{u}, c.impression, direction_of(u, width)[0] * static_cast<float>(c.content % 7) / 7, use_future));
      }
    for (auto& g : given)
      (void)g.get();
  }
  return good;
}

void add_users(runtime& rt, std::uint64_t n) {
  for (std::uint64_t i = 1; i <= n; i += at_once) {
    std::vector<std::future<result<void>>> added;
    for (auto u = i; u < std::min(n + 1, i + at_once); ++u)
      added.push_back(rt.add_user(user_id{u}, use_future));
    for (auto& a : added)
      if (auto r = a.get(); !r && r.code() != errc::duplicate_user)
        end(r.error().text());
  }
}

/// `ammo node` as a process of its own.
class process {
public:
  process(const settings& s, const std::string& config, const std::string& name) {
    std::vector<std::string> words{s.ammo, "node", "--config", config, "--name", name, "--log", "info"};
    const auto log = s.logs.empty() ? std::string("/dev/null") : s.logs + '/' + name + ".log";
    std::vector<char*> arguments;
    for (auto& w : words)
      arguments.push_back(w.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    ::pid_t made = 0;
    if (::posix_spawn(&made, s.ammo.c_str(), &files, nullptr, arguments.data(), environ) != 0)
      bench_cannot(s.ammo);
    id_ = made;
    posix_spawn_file_actions_destroy(&files);
  }
  ~process() { end_by(SIGKILL); }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  void end_by(int signal) {
    if (id_ <= 0)
      return;
    (void)::kill(id_, signal);
    (void)::waitpid(id_, nullptr, 0);
    id_ = 0;
  }
  [[nodiscard]] bool runs() const noexcept { return id_ > 0; }

private:
  [[noreturn]] static void bench_cannot(const std::string& what) { end("can't start " + what); }
  std::atomic<::pid_t> id_{0};
};

/// Asks of everybody in turn, one after the other.
struct asking {
  asking(runtime& at, std::uint64_t users) : rt(at), people(users) {}
  void go_on(std::chrono::milliseconds time) {
    for (const auto until = steady::now() + time; steady::now() < until;) {
      const auto at = steady::now();
      failed += !rt.ask(user_id{asked++ % people + 1});
      slowest = std::max(slowest, since(at));
    }
  }
  /// `still`: seconds at the end in which nothing happened.
  [[nodiscard]] nlohmann::ordered_json told(double still = 0) const {
    return {{"seconds", since(begun) - still}, {"asks", asked}, {"failed", failed}, {"slowest_ms", 1e3 * slowest}};
  }
  runtime& rt;
  std::uint64_t people, asked = 0, failed = 0;
  double slowest = 0;
  steady::time_point begun = steady::now();
};

/// Units of people at each node, by name.
std::map<std::string, int> shares(runtime& rt) {
  std::map<std::string, int> out;
  const auto told = nlohmann::json::parse(value_of(rt.node_status()));
  for (const auto& u : told.at("units"))
    if (u.at("unit").get<std::string>().starts_with("people "))
      ++out[u.at("owner").is_string() ? u.at("owner").get<std::string>() : std::string{}];
  return out;
}

double percentile(std::vector<double> all, double p) {
  std::ranges::sort(all);
  return all.empty() ? 0 : all[std::min(all.size() - 1, static_cast<std::size_t>(p * static_cast<double>(all.size())))];
}

/// Windows of one and of the other in turn.
nlohmann::ordered_json cost_of_one(const settings& s, const folder& in) {
  auto alone = value_of(options::from_file(configuration(s, in, test::new_postgres_database())));
  auto together = alone;
  alone.node = {};
  together.state = test::new_postgres_database();
  together.node.name = "one";
  auto a = value_of(runtime::start(alone)), b = value_of(runtime::start(together));
  while (!nlohmann::json::parse(value_of(b->node_status())).at("serves").get<bool>())
    std::this_thread::sleep_for(20ms);
  constexpr std::uint64_t people = 4'096;
  std::vector<double> rate[2];
  for (auto* rt : {a.get(), b.get()}) {
    add_films(*rt);
    add_users(*rt, people);
    (void)rounds(*rt, 1, people);
  }
  for (int w = 0; w < s.windows; ++w)
    for (int i = 0; i < 2; ++i) {
      auto& rt = (w + i) % 2 == 0 ? *a : *b;
      std::size_t n = 0;
      const auto begun = steady::now();
      for (std::uint64_t from = 1; since(begun) < s.seconds; from = from + at_once > people ? 1 : from + at_once)
        n += rounds(rt, from, at_once);
      rate[(w + i) % 2].push_back(static_cast<double>(n) / since(begun));
    }
  const auto embedded = percentile(rate[0], 0.5), node = percentile(rate[1], 0.5);
  return {{"embedded_rounds_a_second", embedded}, {"node_rounds_a_second", node}, {"ratio", node / embedded}};
}

/// Two nodes with learned users; the other comes, is told to end, comes again, and is killed.
nlohmann::ordered_json life_of_two(const settings& s, const folder& in) {
  const auto config = configuration(s, in, test::new_postgres_database());
  auto mine = value_of(options::from_file(config));
  mine.node.name = "host";
  if (!s.logs.empty())
    mine.log = {[to = std::make_shared<std::ofstream>(s.logs + "/host.log"), begun = steady::now(), turn = std::make_shared<std::mutex>()](const log_record& r) {
      const std::scoped_lock one(*turn);
      *to << since(begun) << ' ' << text_of(r) << std::endl;
    }};
  auto rt = value_of(runtime::start(mine));
  add_films(*rt);
  add_users(*rt, s.users);
  for (std::uint64_t r = 0; r < s.rounds; ++r)
    (void)rounds(*rt, 1, s.users);
  nlohmann::ordered_json out{{"users", s.users}};

  const auto joins = [&] { // until it has its share, and nothing has moved for two seconds
    asking all(*rt, s.users);
    for (int still = 0; still < 40 && since(all.begun) < 180;) {
      const auto before = shares(*rt);
      all.go_on(50ms);
      still = before.contains("other") && shares(*rt) == before ? still + 1 : 0;
    }
    auto told = all.told(2);
    told["shards_at_other"] = shares(*rt)["other"];
    return told;
  };
  auto other = std::make_unique<process>(s, config, "other");
  out["join"] = joins();

  std::vector<double> near, far;
  // A user's shard is that of the hash of their number (actors/protocol/address.hpp).
  const auto told = nlohmann::json::parse(value_of(rt->node_status()));
  std::set<int> theirs;
  for (const auto& u : told.at("units"))
    if (const auto name = u.at("unit").get<std::string>(); name.starts_with("people ") && u.at("owner") == "other")
      theirs.insert(std::stoi(name.substr(7)));
  for (int i = 0; i < 4'000; ++i) {
    const user_id u{static_cast<std::uint64_t>(i) % s.users + 1};
    const auto at = steady::now();
    if (rt->ask(u))
      (theirs.contains(static_cast<int>(splitmix64(raw(u))() % s.shards)) ? far : near).push_back(1e3 * since(at));
  }
  out["ask_ms"] = {{"here_p50", percentile(near, 0.5)}, {"here_p99", percentile(near, 0.99)}, {"other_p50", percentile(far, 0.5)}, {"other_p99", percentile(far, 0.99)}};

  {
    asking all(*rt, s.users);
    std::thread end([&] { other->end_by(SIGTERM); });
    while (other->runs())
      all.go_on(20ms);
    end.join();
    out["leave"] = all.told();
  }

  other = std::make_unique<process>(s, config, "other");
  (void)joins();
  other->end_by(SIGKILL);
  const auto begun = steady::now();
  for (std::uint64_t u = 1; u <= std::min<std::uint64_t>(s.users, 2'000); ++u) // everybody of some thousands, of all shards
    while (!rt->ask(user_id{u})) {
    }
  out["killed"] = {{"seconds_until_all_have_slates", since(begun)}, {"note", "on this machine a killed process is seen at the next look; elsewhere the lease of 3 s comes before"}};
  return out;
}

/// What a round costs between actors and on links, as the same people are played by more processes. All of this machine: the rate says nothing of more machines.
nlohmann::ordered_json cost_of_many(const settings& s, const folder& in) {
  nlohmann::ordered_json out = nlohmann::ordered_json::array();
  constexpr std::uint64_t people = 4'096;
  for (const int processes : {1, 2, 4, 8}) {
    const auto config = configuration(s, in, test::new_postgres_database());
    auto mine = value_of(options::from_file(config));
    mine.node.name = "host";
    auto rt = value_of(runtime::start(mine));
    add_films(*rt);
    add_users(*rt, people);
    std::vector<std::unique_ptr<process>> others;
    for (int i = 1; i < processes; ++i)
      others.push_back(std::make_unique<process>(s, config, "n" + std::to_string(i)));
    std::map<std::string, int> have;
    for (int still = 0; still < 30; std::this_thread::sleep_for(100ms)) {
      auto now = shares(*rt);
      still = now == have && now.size() == static_cast<std::size_t>(processes) ? still + 1 : 0;
      have = std::move(now);
    }
    (void)rounds(*rt, 1, people);
    const auto counted = [&] { // letters, bytes, messages
      std::array<double, 3> all{0, 0, static_cast<double>(value_of(rt->statistics()).messages)};
      const auto seen = nlohmann::json::parse(value_of(rt->node_status()));
      for (const auto& n : seen.at("nodes")) {
        const auto told = n.at("name") == "host" ? seen : nlohmann::json::parse(value_of(ask_status(mine, n.at("address").get<std::string>(), 5s)));
        for (const auto& t : told.at("traffic")) {
          all[0] += t.at("letters_out").get<double>();
          all[1] += t.at("bytes_out").get<double>();
        }
      }
      return all;
    };
    const auto before = counted();
    const auto begun = steady::now();
    std::size_t played = 0;
    for (std::uint64_t from = 1; since(begun) < 2 * s.seconds; from = from + at_once > people ? 1 : from + at_once)
      played += rounds(*rt, from, at_once);
    const auto took = since(begun);
    const auto after = counted();
    const auto each = [&](int i) { return (after[static_cast<std::size_t>(i)] - before[static_cast<std::size_t>(i)]) / static_cast<double>(played); };
    out.push_back({{"processes", processes}, {"rounds_a_second", static_cast<double>(played) / took}, {"messages_a_round", each(2)}, {"letters_a_round", each(0)}, {"link_bytes_a_round", each(1)}, {"shards_at_host", have["host"]}});
  }
  return out;
}

} // namespace

int main(int argc, char** argv) {
  settings s;
  CLI::App app("What nodes cost, and how long people wait when one comes or goes");
  app.add_option("--ammo", s.ammo, "the command, for nodes as processes")->required();
  app.add_option("--users", s.users, "learned users of two nodes")->capture_default_str();
  app.add_option("--rounds", s.rounds, "that each has played")->capture_default_str();
  app.add_option("--shards", s.shards, "of people")->capture_default_str();
  app.add_option("--seconds", s.seconds, "of a window of the cost of one")->capture_default_str();
  app.add_option("--windows", s.windows, "of each; 0: none")->capture_default_str();
  app.add_flag("--many", s.many, "what a round costs with 1, 2, 4 and 8 processes, and nothing else");
  app.add_option("--logs", s.logs, "folder for what nodes say");
  CLI11_PARSE(app, argc, argv);
  const folder in;
  const auto certificates = (in.at / "certificates").string();
  for (auto made : {node::make_authority(certificates), node::make_node(certificates, "one"), node::make_node(certificates, "host"), node::make_node(certificates, "other")})
    if (!made)
      end(made.error().text());
  for (int i = 1; i < 8; ++i)
    if (auto made = node::make_node(certificates, "n" + std::to_string(i)); !made)
      end(made.error().text());
  nlohmann::ordered_json out;
  if (s.many) {
    out["cost_of_many"] = cost_of_many(s, in);
    std::printf("%s\n", out.dump(2).c_str());
    return 0;
  }
  if (s.windows > 0)
    out["cost_of_one"] = cost_of_one(s, in);
  out["life_of_two"] = life_of_two(s, in);
  std::printf("%s\n", out.dump(2).c_str());
  return 0;
}
