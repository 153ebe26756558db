#include "ammo/simulation.hpp"

#include "actors/protocol/exposures.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/simulation/diagnosis.hpp"
#include "runtime/simulation/game.hpp"
#include "runtime/system/control_lift.hpp"
#include "runtime/system/machine.hpp"
#include "runtime/system/evolved.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <thread>

namespace ammo {
namespace {

std::uint64_t peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

/// The N most chosen items over all subspaces, as content numbers.
std::vector<std::uint64_t> most_popular(const std::vector<content>& contents, std::size_t n) {
  std::vector<std::pair<std::uint32_t, std::uint64_t>> by_count;
  for (std::size_t at = 0; at < contents.size(); ++at)
    for (std::size_t i = 0; i < contents[at].popularity.size(); ++i)
      by_count.emplace_back(contents[at].popularity[i], content_number(at, i));
  n = std::min(n, by_count.size());
  std::partial_sort(by_count.begin(), by_count.begin() + static_cast<std::ptrdiff_t>(n), by_count.end(),
                    [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  std::vector<std::uint64_t> out;
  for (std::size_t i = 0; i < n; ++i)
    out.push_back(by_count[i].second);
  return out;
}

/// Means over people, in their order.
std::vector<found_rewards> what_was_found(const options& deployment, const layout& space, const std::vector<std::vector<reward_finding>>& by_person) {
  std::vector<found_rewards> out;
  for (std::size_t at = 0; at < deployment.subspaces.size(); ++at) {
    found_rewards all{.subspace = deployment.subspaces[at].name, .looks = {}};
    const auto factor = space.factor_of(subspace_id{static_cast<std::uint16_t>(at)});
    for (const auto& factors : by_person) {
      if (factor >= factors.size() || factors[factor].kind.empty())
        continue;
      const auto& f = factors[factor];
      ++all.people;
      all.two_valued += f.kind == "two_valued";
      all.linear += f.kind == "linear";
      all.heavy += f.kind == "heavy";
      all.offset += f.offset;
      all.noise += f.noise;
      all.restarts += static_cast<double>(f.restarts);
      all.apart += f.apart;
      all.looks.resize(std::max(all.looks.size(), f.looks.size()));
      std::ranges::transform(f.looks, all.looks, all.looks.begin(), std::plus{});
    }
    if (all.people == 0)
      continue;
    const auto n = static_cast<double>(all.people);
    for (double* sum : {&all.two_valued, &all.linear, &all.heavy, &all.offset, &all.noise, &all.restarts, &all.apart})
      *sum /= n;
    for (double& look : all.looks)
      look /= n;
    out.push_back(std::move(all));
  }
  return out;
}

/// Probability that n distinct items of `all`, drawn at random, hit one of `wanted`.
double chance_of_hit(std::size_t all, std::size_t wanted, std::size_t n) {
  double miss = 1;
  for (std::size_t i = 0; i < n && i < all; ++i)
    miss *= all - i > wanted ? static_cast<double>(all - i - wanted) / static_cast<double>(all - i) : 0.0;
  return 1 - miss;
}

hit_rates held_out_hits(const scenario& players, const played_policy& main, std::size_t n) {
  hit_rates out;
  auto popular = most_popular(players.contents, n);
  std::size_t items = 0;
  for (const auto& c : players.contents)
    items += c.items.size();
  for (const auto& [user, who] : players.people) {
    if (who.held_out.empty())
      continue;
    ++out.people;
    out.popularity += std::any_of(popular.begin(), popular.end(), [&](auto c) {
      return std::binary_search(who.held_out.begin(), who.held_out.end(), c);
    });
    out.chance += chance_of_hit(items, who.held_out.size(), n);
  }
  out.known = out.people > 0;
  if (!out.known)
    return out;
  out.popularity /= static_cast<double>(out.people);
  out.chance /= static_cast<double>(out.people);
  out.slate = main.hit_slates == 0 ? 0 : static_cast<double>(main.hits) / static_cast<double>(main.hit_slates);
  return out;
}

std::vector<top_creation> most_visible(const options& deployment, const scenario& players, const game_result& game) {
  std::vector<std::pair<std::uint64_t, exposure>> all(game.exposures.begin(), game.exposures.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.second.impressions != b.second.impressions ? a.second.impressions > b.second.impressions : a.first < b.first;
  });
  if (all.size() > 10)
    all.resize(10);
  auto rounds = static_cast<double>(players.people.size()) * deployment.simulation.rounds;
  std::vector<top_creation> out;
  for (const auto& [number, x] : all) {
    auto at = number >> 32, item = number & 0xFFFFFFFFu;
    out.push_back({deployment.subspaces[at].name, players.contents[at].items[item].title,
                   static_cast<double>(x.impressions) / rounds, x.impressions,
                   mean_reward(x)});
  }
  return out;
}

report summary_of(const options& deployment, const layout& space, const scenario& players, game_result game) {
  report r;
  r.deployment = deployment.name;
  for (const auto& s : deployment.subspaces)
    r.subspaces.push_back(s.name);
  for (const auto& c : players.contents)
    if (!c.attribution.empty())
      r.attributions.push_back(c.attribution);
  r.seed = deployment.seed;
  r.dim = space.dim();
  r.slots = deployment.slots;
  r.users = players.people.size();
  r.goals = players.goals.size();
  r.rounds = deployment.simulation.rounds;
  r.feedback = deployment.simulation.feedback;
  r.noise = deployment.simulation.noise;
  r.wire_check = deployment.wire_check;
  r.threads = deployment.threads != 0 ? deployment.threads : std::max(1u, std::thread::hardware_concurrency());
  r.creations = game.creations;
  r.slots_granted = game.slots_granted;
  r.refused = game.refused;
  r.budget_granted_micros = game.budget_granted_micros;
  r.budget_spent_micros = game.budget_spent_micros;
  r.counters = std::move(game.counters);
  r.messages = game.messages;
  r.broadcast_turn_ns_max = game.broadcast_turn_ns_max;
  r.seconds = game.seconds;
  r.rounds_per_second = static_cast<double>(r.users * r.rounds) / std::max(1e-9, game.seconds);
  r.held_out = held_out_hits(players, game.played, deployment.slots);
  r.top = most_visible(deployment, players, game);
  r.evolved = what_evolved(deployment, game.evolved);
  r.rewards = what_was_found(deployment, space, game.found);
  r.control = lift_of(game.compared);
  r.diversity_floor = deployment.evolution.diversity_floor;
  r.main = std::move(game.played);
  return r;
}

/// Where the simulation is, over all of its games.
class teller {
public:
  teller(const progress_callback& tell, std::uint64_t rounds_all) : tell_(tell) { now_.rounds_all = rounds_all; }

  period_callback of(const std::string& policy, std::uint32_t rounds) {
    before_ = std::exchange(next_, next_ + rounds);
    return [this, policy](std::uint32_t done, double regret) {
      now_.policy = policy;
      now_.rounds_done = before_ + done;
      now_.slate_regret = regret;
      return !tell_ || tell_(now_);
    };
  }

private:
  const progress_callback& tell_;
  progress now_;
  std::uint64_t before_ = 0, next_ = 0;
};

} // namespace

namespace {

/// Bytes of a simulated person with their User Buddy: the actor, its mind (a triangle of d² / 2 floats) and the person's q.
/// Measured: 3.4 KB at d = 16, 6.1 KB at d = 32.
std::uint64_t bytes_of_user(std::uint64_t dim) { return 2'700 + 20 * dim + 3 * dim * dim; }

result<report> simulated(const options& deployment, const progress_callback& tell, const host_policies& host,
                         const creator_policy_maker& creators) {
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  const std::uint64_t users = deployment.simulation.users;
  if (auto fits = enough_memory("users", users, users * bytes_of_user(space->dim())); !fits)
    return fits.error();
  if (auto granted = enough_threads(threads_of(deployment)); !granted)
    return granted.error();
  auto contents = contents_of(deployment);
  if (!contents)
    return contents.error();
  for (std::size_t at = 0; at < contents->size(); ++at)
    if ((*contents)[at].items.empty())
      return {errc::missing_data, "subspace \"" + deployment.subspaces[at].name + "\" is of kind \"" +
                                    deployment.subspaces[at].kind +
                                    "\": a host program brings its content, a simulation has none"};
  auto players = make_scenario(deployment, *space, std::move(*contents));

  std::vector<std::string> others;
  for (const char* policy : {"uniform", "greedy"})
    if (deployment.simulation.baselines && deployment.user.policy != policy)
      others.emplace_back(policy);
  auto rounds = deployment.simulation.rounds;
  const auto to_diagnose = deployment.simulation.diagnose ? games_to_diagnose(deployment) : 0;
  teller told(tell, (1 + others.size()) * std::uint64_t{rounds} + to_diagnose * std::uint64_t{deployment.simulation.diagnose_rounds});

  auto game = play(deployment, players, told.of(deployment.user.policy, rounds), host, creators);
  if (!game)
    return game.error();
  auto r = summary_of(deployment, *space, players, std::move(*game));
  for (const auto& policy : others) {
    auto other = deployment;
    other.user.policy = policy;
    other.user.control_share = 0;
    auto baseline = play(other, players, told.of(policy, rounds), {}, creators);
    if (!baseline)
      return baseline.error();
    r.baselines.push_back(std::move(baseline->played));
  }
  if (deployment.simulation.baselines && !r.baselines.empty())
    for (const char* policy : {"uniform", "greedy"})
      if (deployment.user.policy == policy)
        r.baselines.push_back(r.main);
  if (deployment.simulation.diagnose) {
    auto diagnosed = diagnose(
      deployment, std::move(players),
      [&](const std::string& policy, std::uint32_t n) { return told.of(policy, n); }, host, creators);
    if (!diagnosed)
      return diagnosed.error();
    r.diagnosed = std::move(*diagnosed);
  }
  r.peak_rss_bytes = peak_rss_bytes();
  return r;
}

} // namespace

result<report> simulate(const options& deployment, const progress_callback& tell, const host_policies& host,
                        const creator_policy_maker& creators) {
  return without_exceptions([&] { return simulated(deployment, tell, host, creators); });
}

} // namespace ammo
