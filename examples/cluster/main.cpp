/// Three nodes, each of which prefers one subspace, play one deployment with this program, at which people are. All have a share of the people. One is killed, and
/// started again.
///
///     example_cluster AMMO CONFIG STATE CERTIFICATES [SECONDS]      (examples/cluster/run starts it, with a PostgreSQL of its own)
#include "ammo/runtime.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <iostream>
#include <map>
#include <mutex>
#include <random>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <vector>

extern char** environ; // NOLINT

namespace {

using namespace std::chrono_literals;
using clock_type = std::chrono::steady_clock;

constexpr int width = 4, subspaces = 3, goals_of_each = 16, people = 24;
constexpr std::array<const char*, subspaces> names{"coin", "job", "edu"};

/// A node as a process of its own.
class node {
public:
  node(const std::vector<std::string>& command, std::string name, const std::string& prefers) : name_(std::move(name)), words_(command) {
    for (const auto& word : {std::string("--name"), name_, std::string("--set"), "node.prefers=[\"" + prefers + "\"]"})
      words_.push_back(word);
    start();
  }
  ~node() { end(SIGTERM); }
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  void start() {
    std::vector<char*> arguments;
    for (auto& word : words_)
      arguments.push_back(word.data());
    arguments.push_back(nullptr);
    if (::posix_spawn(&process_, words_[0].c_str(), nullptr, nullptr, arguments.data(), environ) != 0)
      process_ = 0;
  }
  void end(int signal) {
    if (process_ <= 0)
      return;
    (void)::kill(process_, signal);
    (void)::waitpid(process_, nullptr, 0);
    process_ = 0;
  }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

private:
  std::string name_;
  std::vector<std::string> words_;
  ::pid_t process_ = 0;
};

std::vector<float> direction(std::mt19937_64& dice) {
  std::normal_distribution<float> normal;
  std::vector<float> v(width);
  float norm = 0;
  for (auto& x : v) {
    x = normal(dice);
    norm += x * x;
  }
  for (auto& x : v)
    x /= std::sqrt(norm);
  return v;
}

/// Whose content is where, and what each person likes: nobody but this program knows.
struct world {
  std::vector<std::vector<float>> content; ///< by number, goals_of_each of each subspace
  std::vector<std::array<std::vector<float>, subspaces>> tastes;
  world() {
    std::mt19937_64 dice(7);
    for (int i = 0; i < subspaces * goals_of_each; ++i)
      content.push_back(direction(dice));
    for (int i = 0; i < people; ++i)
      tastes.push_back({direction(dice), direction(dice), direction(dice)});
  }
  [[nodiscard]] double value(int person, std::uint64_t number) const {
    const auto& q = tastes[static_cast<std::size_t>(person)][number / goals_of_each];
    double sum = 0;
    for (int k = 0; k < width; ++k)
      sum += static_cast<double>(q[static_cast<std::size_t>(k)]) * static_cast<double>(content[number][static_cast<std::size_t>(k)]);
    return sum;
  }
  /// What the best three would earn beyond those that were shown.
  [[nodiscard]] double regret(int person, const ammo::slate& shown) const {
    std::vector<double> all;
    for (std::uint64_t n = 0; n < content.size(); ++n)
      all.push_back(value(person, n));
    std::ranges::sort(all, std::greater<>{});
    double missed = 0;
    for (std::size_t i = 0; i < shown.creations.size(); ++i)
      missed += all[i] - value(person, shown.creations[i].content);
    return missed;
  }
};

/// What a second was like.
struct second {
  int slates = 0, failed = 0;
  double regret = 0, slowest_ms = 0;
};

/// Who has each unit, as a node's status has it: `"unit": "coin", "owner": "a"`; nobody: "".
std::map<std::string, std::string> owners_in(const std::string& status) {
  const auto text_after = [&](const std::string& mark, std::size_t& from) {
    const auto at = status.find(mark, from);
    if (at == std::string::npos)
      return from = at, std::string{};
    from = at + mark.size();
    if (status.compare(from, 1, "\"") != 0) // null
      return std::string{};
    const auto end = status.find('"', from + 1);
    auto text = status.substr(from + 1, end - from - 1);
    from = end;
    return text;
  };
  std::map<std::string, std::string> out;
  for (std::size_t from = 0;;) {
    auto unit = text_after("\"unit\": ", from);
    if (from == std::string::npos)
      return out;
    out[unit] = text_after("\"owner\": ", from);
  }
}

/// Where a unit lived, and how long it was without an owner.
struct life {
  std::string at;
  std::vector<std::pair<double, std::string>> moves; ///< second, and to whom; "": to nobody
  double without = 0, longest = 0;
  void see(const std::string& owner, double second, double passed) {
    if (owner != at || moves.empty())
      moves.emplace_back(second, at = owner);
    without = owner.empty() ? without + passed : 0;
    longest = std::max(longest, without);
  }
};

int fail(const ammo::failure& why) {
  std::cerr << "cluster: " << why.text() << '\n';
  return 1;
}

} // namespace

int main(int argc, char** argv) {
  if (argc < 5)
    return std::cerr << "example_cluster AMMO CONFIG STATE CERTIFICATES [SECONDS]\n", 2;
  const std::string state = argv[3], certificates = argv[4];
  const int seconds = argc > 5 ? std::max(6, std::atoi(argv[5])) : 18;
  const std::vector<std::string> command{argv[1], "node", "--config", argv[2], "--certificates", certificates, "--set", "state=" + state};
  std::array<node, subspaces> nodes{node{command, "coin", "coin"}, node{command, "job", "job"}, node{command, "edu", "edu"}};

  // This program is a node, too: people ask it, and its calls go wherever the units are.
  auto deployment = ammo::options::from_file(argv[2]);
  if (!deployment)
    return fail(deployment.error());
  deployment->state = state;
  deployment->node.name = "people";
  deployment->node.certificates = certificates;
  auto started = ammo::runtime::start(*deployment);
  if (!started)
    return fail(started.error());
  auto& rt = **started;
  const world w;
  for (std::size_t n = 0; n < w.content.size(); ++n)
    if (auto added = rt.add_goal({.goal = ammo::goal_id(n + 1), .owner = ammo::owner_id(n + 1), .subspace = names[n / goals_of_each], .grounded = w.content[n], .content = n});
        !added && added.code() != ammo::errc::duplicate_goal)
      return fail(added.error());

  std::vector<second> curve(static_cast<std::size_t>(seconds) + 1);
  std::mutex guard;
  std::atomic<bool> over{false};
  const auto begun = clock_type::now();
  const auto now = [&] { return std::min<std::size_t>(curve.size() - 1, static_cast<std::size_t>((clock_type::now() - begun) / 1s)); };
  std::vector<std::thread> everybody;
  for (int person = 0; person < people; ++person)
    everybody.emplace_back([&, person] {
      const auto me = ammo::user_id{static_cast<std::uint64_t>(person) + 1};
      (void)rt.add_user(me);
      while (!over) {
        const auto asked = clock_type::now();
        const auto shown = rt.ask(me);
        const double took = std::chrono::duration<double, std::milli>(clock_type::now() - asked).count();
        if (shown)
          for (const auto& x : shown->creations)
            (void)rt.feedback(me, x.impression, w.value(person, x.content));
        const std::scoped_lock turn(guard);
        auto& s = curve[now()];
        s.slowest_ms = std::max(s.slowest_ms, took);
        if (shown) {
          ++s.slates;
          s.regret += w.regret(person, *shown);
        } else {
          ++s.failed;
        }
      }
    });

  std::map<std::string, life> lives; ///< by unit
  bool killed = false;
  node* dead = nullptr;
  auto told = clock_type::now();
  std::size_t printed = 0;
  std::cout << "second   slates   regret a slate   slowest ask   units at coin, job, edu, people, nobody\n";
  while (now() + 1 < curve.size()) {
    std::this_thread::sleep_for(20ms);
    const auto status = rt.node_status();
    const double passed = std::chrono::duration<double>(clock_type::now() - std::exchange(told, clock_type::now())).count();
    const double second = std::chrono::duration<double>(clock_type::now() - begun).count();
    std::map<std::string, int> has;
    for (auto& [unit, owner] : owners_in(status ? *status : std::string{})) {
      if (dead && owner == dead->name()) // its row says so until somebody has fenced it
        owner.clear();
      lives[unit].see(owner, second, passed);
      ++has[owner];
    }
    for (; printed < now(); ++printed) {
      const std::scoped_lock turn(guard);
      const auto& s = curve[printed];
      std::printf("%6zu %8d %16.3f %10.0f ms   %4d %4d %4d %4d %4d\n", printed, s.slates, s.slates > 0 ? s.regret / s.slates : 0, s.slowest_ms, has["coin"], has["job"], has["edu"], has["people"],
                  has[""]);
      std::fflush(stdout);
    }
    if (!std::exchange(killed, killed || now() >= curve.size() / 3) && killed) {
      dead = &nodes[0];
      std::cout << "         killing " << dead->name() << '\n';
      dead->end(SIGKILL);
    }
    if (dead && now() >= 2 * curve.size() / 3) {
      std::cout << "         starting " << dead->name() << " again\n";
      std::exchange(dead, nullptr)->start();
    }
  }
  over = true;
  for (auto& t : everybody)
    t.join();
  int slates = 0, failed = 0;
  for (const auto& s : curve) {
    slates += s.slates;
    failed += s.failed;
  }
  std::cout << slates << " slates, " << failed << " asks failed\n";
  double longest = 0;
  int moves = 0, shards = 0;
  for (const auto& [unit, l] : lives) {
    if (unit.starts_with("people ")) { // many: together
      longest = std::max(longest, l.longest);
      moves += static_cast<int>(l.moves.size()) - 1;
      ++shards;
      continue;
    }
    std::cout << "  " << unit << ": without an owner for " << l.longest << " s at most;";
    for (const auto& [at, owner] : l.moves)
      std::cout << "  " << (owner.empty() ? "nobody" : owner) << " from " << at << " s";
    std::cout << '\n';
  }
  std::cout << "  people: " << shards << " shards, " << moves << " changes of owner; without one for " << longest << " s at most\n";
  return slates > 0 ? 0 : 1;
}
