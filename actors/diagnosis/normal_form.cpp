#include "actors/diagnosis/normal_form.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

namespace ammo {

result<normal_form> normal_form::tabulate(std::vector<std::size_t> actions, const payoff_function& payoff) {
  if (actions.empty() || std::ranges::count(actions, 0u) > 0)
    return {errc::wrong_dimension, "a game without players or a player without actions"};
  normal_form game;
  game.profiles_ = 1;
  for (const std::size_t n : actions) {
    if (n > most_profiles / game.profiles_)
      return {errc::overloaded, "more than " + std::to_string(most_profiles) + " profiles"};
    game.profiles_ *= n;
  }
  game.actions_ = std::move(actions);
  game.payoffs_.reserve(game.players() * game.profiles_);
  for (std::size_t p = 0; p < game.players(); ++p)
    for (std::size_t at = 0; at < game.profiles_; ++at) {
      game.payoffs_.push_back(payoff(p, game.profile(at)));
      if (!std::isfinite(game.payoffs_.back()))
        return {errc::not_finite, "player " + std::to_string(p) + "'s payoff of profile " + std::to_string(at)};
    }
  return game;
}

std::size_t normal_form::number(const pure_profile& profile) const {
  assert(profile.size() == players());
  std::size_t at = 0;
  for (std::size_t p = 0; p < players(); ++p) {
    assert(profile[p] < actions_[p]);
    at = at * actions_[p] + profile[p];
  }
  return at;
}

pure_profile normal_form::profile(std::size_t number) const {
  assert(number < profiles_);
  pure_profile profile(players());
  for (std::size_t p = players(); p-- > 0;) {
    profile[p] = number % actions_[p];
    number /= actions_[p];
  }
  return profile;
}

std::vector<double> normal_form::gains(std::size_t player, const mixed_profile& mixed) const {
  assert(player < players() && mixed.size() == players());
  std::vector<double> sums(actions_[player], 0.0);
  for (std::size_t at = 0; at < profiles_; ++at) {
    const auto played = profile(at);
    double chance = 1;
    for (std::size_t p = 0; p < players() && chance != 0; ++p)
      if (p != player)
        chance *= mixed[p][played[p]];
    sums[played[player]] += chance * payoff(player, at);
  }
  return sums;
}

double normal_form::value(std::size_t player, const mixed_profile& mixed) const {
  const auto g = gains(player, mixed);
  assert(mixed[player].size() == g.size());
  return std::inner_product(g.begin(), g.end(), mixed[player].begin(), 0.0);
}

double nash_conv(const normal_form& game, const mixed_profile& mixed) {
  double sum = 0;
  for (std::size_t p = 0; p < game.players(); ++p) {
    const auto g = game.gains(p, mixed);
    sum += std::ranges::max(g) - std::inner_product(g.begin(), g.end(), mixed[p].begin(), 0.0);
  }
  return sum;
}

double exploitability(const normal_form& game, const mixed_profile& mixed) {
  return nash_conv(game, mixed) / static_cast<double>(game.players());
}

namespace {

/// The best action of a player, the others staying; its own where none gains more than `least_gain`.
std::size_t best_action(std::size_t actions, const payoff_function& payoff, std::size_t player, pure_profile profile,
                        double least_gain) {
  const std::size_t own = profile[player];
  std::size_t best = own;
  double most = payoff(player, profile) + least_gain;
  for (std::size_t a = 0; a < actions; ++a) {
    profile[player] = a;
    if (const double u = a == own ? most : payoff(player, profile); u > most) {
      most = u;
      best = a;
    }
  }
  return best;
}

payoff_function payoffs_of(const normal_form& game) {
  return [&game](std::size_t player, const pure_profile& profile) { return game.payoff(player, game.number(profile)); };
}

} // namespace

std::vector<pure_profile> pure_equilibria(const normal_form& game, double least_gain) {
  std::vector<pure_profile> found;
  const auto payoff = payoffs_of(game);
  for (std::size_t at = 0; at < game.profiles(); ++at) {
    const auto profile = game.profile(at);
    bool holds = true;
    for (std::size_t p = 0; p < game.players() && holds; ++p)
      holds = best_action(game.actions()[p], payoff, p, profile, least_gain) == profile[p];
    if (holds)
      found.push_back(profile);
  }
  return found;
}

response_path best_response_path(std::span<const std::size_t> actions, const payoff_function& payoff,
                                 pure_profile start, std::size_t most_moves, double least_gain) {
  assert(start.size() == actions.size());
  response_path path;
  std::vector<pure_profile> walked{start};
  std::map<pure_profile, std::size_t> seen; // at the first player's turn: where in `walked`
  auto& now = path.last = std::move(start);
  while (path.moves < most_moves) {
    const auto [first, fresh] = seen.try_emplace(now, walked.size() - 1);
    if (!fresh) {
      path.cycle.assign(walked.begin() + static_cast<std::ptrdiff_t>(first->second), walked.end() - 1);
      return path;
    }
    const std::size_t before = path.moves;
    for (std::size_t p = 0; p < actions.size() && path.moves < most_moves; ++p)
      if (const auto to = best_action(actions[p], payoff, p, now, least_gain); to != now[p]) {
        now[p] = to;
        walked.push_back(now);
        ++path.moves;
      }
    if (path.moves == before) {
      path.settled = true;
      return path;
    }
  }
  return path;
}

response_path best_response_path(const normal_form& game, pure_profile start, std::size_t most_moves,
                                 double least_gain) {
  return best_response_path(game.actions(), payoffs_of(game), std::move(start), most_moves, least_gain);
}

} // namespace ammo
