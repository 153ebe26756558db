#include "runtime/simulation/diagnosis.hpp"

#include "actors/diagnosis/alpha_rank.hpp"
#include "actors/diagnosis/normal_form.hpp"

#include <algorithm>
#include <numeric>

namespace ammo {

diagnosis::profile diagnosis::at(std::size_t number) const noexcept {
  const auto goals = goal_policies.size();
  return {number / (goals * goals), number / goals % goals, number % goals};
}

namespace {

constexpr std::size_t most_movers = 200;
constexpr std::size_t players_of_game = 3; // users, and two halves of the Goal Buddies

/// The deployment's own first, then those of the others that aren't it.
std::vector<std::string> own_first(const std::string& own, std::initializer_list<const char*> others) {
  std::vector<std::string> out{own};
  for (const char* name : others)
    if (own != name)
      out.emplace_back(name);
  return out;
}

std::vector<std::string> user_choices(const options& o) { return own_first(o.user.policy, {"thompson", "c2ucb", "greedy"}); }
std::vector<std::string> goal_choices(const options& o) {
  const std::string own = !o.goal.policy.empty() ? o.goal.policy : o.goal.generator.empty() ? "static" : "adaptive";
  return own_first(own, {"static", "exploiter", "explorer", "adaptive"});
}

/// Positions of the Goal Buddies that move.
std::vector<std::size_t> movers_of(const scenario& players) {
  const auto all = players.goals.size(), n = std::min(all, most_movers);
  std::vector<std::size_t> out(n);
  for (std::size_t i = 0; i < n; ++i)
    out[i] = i * all / n;
  return out;
}

/// The measured game: plays profiles and keeps what each player gains.
class measured_game {
public:
  measured_game(const options& deployment, scenario players, const host_policies& host, const creator_policy_maker& creators)
    : deployment_(deployment), players_(std::move(players)), host_(host), creators_(creators), movers_(movers_of(players_)) {
    deployment_.simulation.rounds = deployment.simulation.diagnose_rounds;
    for (auto& goal : players_.goals)
      goal.policy = "static";
  }

  [[nodiscard]] std::size_t movers() const noexcept { return movers_.size(); }

  result<std::array<double, players_of_game>> play(const std::string& user, const std::string& first,
                                                   const std::string& second, const game_teller& told) {
    deployment_.user.policy = user;
    for (std::size_t i = 0; i < movers_.size(); ++i)
      players_.goals[movers_[i]].policy = i % 2 == 0 ? first : second;
    auto game = ammo::play(deployment_, players_, told("diagnosis: " + user, deployment_.simulation.rounds), host_, creators_);
    if (!game)
      return game.error();
    std::array<double, players_of_game> gained{};
    for (const auto& m : game->played.market)
      gained[0] += m.user_welfare / static_cast<double>(game->played.market.size());
    for (std::size_t i = 0; i < movers_.size(); ++i)
      gained[1 + i % 2] += game->creators[movers_[i]] / static_cast<double>((movers_.size() + 1 - i % 2) / 2);
    return gained;
  }

private:
  options deployment_;
  scenario players_;
  const host_policies& host_;
  const creator_policy_maker& creators_;
  std::vector<std::size_t> movers_;
};

/// Each player's payoffs moved and scaled to [0, 1], so that one intensity of selection means the same to all.
result<normal_form> scaled(const normal_form& game) {
  std::vector<std::pair<double, double>> ends(game.players());
  for (std::size_t p = 0; p < game.players(); ++p) {
    ends[p] = {game.payoff(p, 0), game.payoff(p, 0)};
    for (std::size_t k = 1; k < game.profiles(); ++k)
      ends[p] = {std::min(ends[p].first, game.payoff(p, k)), std::max(ends[p].second, game.payoff(p, k))};
  }
  return normal_form::tabulate({game.actions().begin(), game.actions().end()}, [&](std::size_t p, const pure_profile& at) {
    const auto [low, high] = ends[p];
    return high > low ? (game.payoff(p, game.number(at)) - low) / (high - low) : 0.0;
  });
}

diagnosis::profile profile_of(const pure_profile& p) { return {p[0], p[1], p[2]}; }

/// What the deployment's own profile, the first, is worth to each player.
void judge_own(const normal_form& game, diagnosis& d) {
  const pure_profile own(players_of_game, 0);
  for (std::size_t p = 0; p < players_of_game; ++p) {
    const auto& names = p == 0 ? d.user_policies : d.goal_policies;
    auto& s = d.standings[p];
    s = {game.payoff(p, game.number(own)), 0, names[0]};
    for (std::size_t a = 1; a < names.size(); ++a) {
      auto other = own;
      other[p] = a;
      if (const double gain = game.payoff(p, game.number(other)) - s.payoff; gain > s.gain) {
        s.gain = gain;
        s.best_answer = names[a];
      }
    }
    d.nash_conv += s.gain;
  }
}

result<void> solve(diagnosis& d) {
  const auto u = d.user_policies.size(), g = d.goal_policies.size();
  auto game = normal_form::tabulate({u, g, g}, [&](std::size_t player, const pure_profile& p) {
    return d.payoffs[player * u * g * g + (p[0] * g + p[1]) * g + p[2]];
  });
  if (!game)
    return game.error();
  judge_own(*game, d);
  auto even = scaled(*game);
  if (!even)
    return even.error();
  auto ranked = alpha_rank(*even);
  if (!ranked)
    return ranked.error();
  d.alpha_rank = std::move(*ranked);
  const auto path = best_response_path(*game, pure_profile(players_of_game, 0));
  d.settled = path.settled;
  if (path.settled)
    d.answers.push_back(profile_of(path.last));
  else
    std::ranges::transform(path.cycle, std::back_inserter(d.answers), profile_of);
  return {};
}

} // namespace

std::size_t games_to_diagnose(const options& deployment) {
  const auto goals = goal_choices(deployment).size();
  return user_choices(deployment).size() * goals * goals;
}

result<diagnosis> diagnose(const options& deployment, scenario players, const game_teller& told, const host_policies& host,
                           const creator_policy_maker& creators) {
  measured_game game(deployment, std::move(players), host, creators);
  diagnosis d;
  d.user_policies = user_choices(deployment);
  d.goal_policies = goal_choices(deployment);
  d.rounds = deployment.simulation.diagnose_rounds;
  d.movers = game.movers();
  const auto profiles = games_to_diagnose(deployment);
  d.payoffs.resize(players_of_game * profiles);
  for (std::size_t k = 0; k < profiles; ++k) {
    const auto p = d.at(k);
    auto gained = game.play(d.user_policies[p.user], d.goal_policies[p.first], d.goal_policies[p.second], told);
    if (!gained)
      return gained.error();
    for (std::size_t player = 0; player < players_of_game; ++player)
      d.payoffs[player * profiles + k] = (*gained)[player];
  }
  if (auto solved = solve(d); !solved)
    return solved.error();
  return d;
}

} // namespace ammo
