/// Three nodes play one deployment, people are served at a fourth. The node that has the units is killed, and started again.
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
    for (const auto& word : {std::string("--name"), name_, std::string("--set"), "node.prefers=[\"people\", \"" + prefers + "\"]"})
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

/// The owner of the units, as a node's status has it: `"unit": "host", "owner": "a"`.
std::string owner_in(const std::string& status) {
  const std::string mark = "\"owner\": \"";
  const auto unit = status.find("\"unit\": \"host\""), at = unit == std::string::npos ? unit : status.find("\"owner\": ", unit);
  if (at == std::string::npos || status.compare(at, mark.size(), mark) != 0)
    return {};
  const auto from = at + mark.size();
  return status.substr(from, status.find('"', from) - from);
}

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

  // This program is a node, too: it has the people, and its calls go wherever the units are.
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

  std::map<std::string, double> had; ///< seconds that each node had the units
  double without = 0, longest = 0;
  std::string killed;
  node* victim = nullptr;
  auto told = clock_type::now();
  std::size_t printed = 0;
  std::cout << "second   slates   regret a slate   slowest ask   units at\n";
  while (now() + 1 < curve.size()) {
    std::this_thread::sleep_for(20ms);
    const auto status = rt.node_status();
    const auto owner = status ? owner_in(*status) : std::string{};
    const double passed = std::chrono::duration<double>(clock_type::now() - std::exchange(told, clock_type::now())).count();
    had[owner.empty() ? "nobody" : owner] += passed;
    without = owner.empty() ? without + passed : 0;
    longest = std::max(longest, without);
    for (; printed < now(); ++printed) {
      const std::scoped_lock turn(guard);
      const auto& s = curve[printed];
      std::printf("%6zu %8d %16.3f %10.0f ms   %s\n", printed, s.slates, s.slates > 0 ? s.regret / s.slates : 0, s.slowest_ms, owner.empty() ? "nobody" : owner.c_str());
      std::fflush(stdout);
    }
    if (killed.empty() && now() >= curve.size() / 3 && !owner.empty())
      for (auto& n : nodes)
        if (n.name() == owner) {
          killed = owner;
          victim = &n;
          std::cout << "         killing " << owner << '\n';
          n.end(SIGKILL);
        }
    if (victim && now() >= 2 * curve.size() / 3) {
      std::cout << "         starting " << killed << " again\n";
      std::exchange(victim, nullptr)->start();
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
  std::cout << slates << " slates, " << failed << " asks failed; units without an owner for " << longest << " s at most\n";
  for (const auto& [name, s] : had)
    std::cout << "  at " << name << " for " << s << " s\n";
  return slates > 0 ? 0 : 1;
}
