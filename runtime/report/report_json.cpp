#include "ammo/report.hpp"

#include "ammo/version.hpp"
#include "actors/base/counters.hpp"
#include "runtime/report/report_format.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace ammo {
namespace {

using json = nlohmann::ordered_json;

constexpr std::size_t json_curve_points = 100;

json or_null(std::optional<double> number) { return number ? json(*number) : json(nullptr); }

json regret_of(const report& r) {
  return {{"stated", r.main.stated},
          {"slate", r.main.slate},
          {"slate_first_tenth", r.main.slate_first_tenth},
          {"slate_last_tenth", r.main.slate_last_tenth},
          {"uniform_slate", or_null(slate_regret_of(r, "uniform"))},
          {"greedy_slate", or_null(slate_regret_of(r, "greedy"))}};
}

json slots_of(const report& r) {
  json refused = json::object();
  for (const auto& [code, count] : r.refused)
    refused[std::string(name_of(code))] = count;
  return {{"per_slate", r.slots}, {"granted", r.slots_granted}, {"refused", std::move(refused)}};
}

json market_of(const played_policy& game) {
  const auto drawn = [&](double market_shape::*what) { return resampled(market_curve(game, what), json_curve_points); };
  return {{"gini", drawn(&market_shape::gini)},
          {"top_share", drawn(&market_shape::top_share)},
          {"user_welfare", drawn(&market_shape::user_welfare)},
          {"creator_welfare", drawn(&market_shape::creator_welfare)}};
}

json diagnosis_of(const report& r) {
  if (!r.diagnosed)
    return nullptr;
  const auto& d = *r.diagnosed;
  const auto names = [&](const diagnosis::profile& p) {
    return json{d.user_policies[p.user], d.goal_policies[p.first], d.goal_policies[p.second]};
  };
  const auto profiles = d.alpha_rank.size();
  json all = json::array(), answers = json::array(), standings = json::array();
  for (std::size_t k = 0; k < profiles; ++k)
    all.push_back({{"policies", names(d.at(k))},
                   {"payoffs", {d.payoffs[k], d.payoffs[profiles + k], d.payoffs[2 * profiles + k]}},
                   {"alpha_rank", d.alpha_rank[k]}});
  for (const auto& p : d.answers)
    answers.push_back(names(p));
  for (const auto& s : d.standings)
    standings.push_back({{"payoff", s.payoff}, {"gain", s.gain}, {"best_answer", s.best_answer}});
  return {{"rounds", d.rounds}, {"movers", d.movers}, {"standings", std::move(standings)}, {"nash_conv", d.nash_conv}, {"settled", d.settled}, {"answers", std::move(answers)}, {"profiles", std::move(all)}};
}

json game_of(const played_policy& game) {
  return {{"policy", game.policy},
          {"stated", game.stated},
          {"slate", game.slate},
          {"slate_first_tenth", game.slate_first_tenth},
          {"slate_last_tenth", game.slate_last_tenth},
          {"hit_rate", or_null(hit_rate_of(game))},
          {"market", market_of(game)},
          {"curve",
           {{"slate", resampled(game.slate_by_round, json_curve_points)},
            {"stated", resampled(game.stated_by_round, json_curve_points)}}}};
}

json held_out_of(const hit_rates& h) {
  if (!h.known)
    return nullptr;
  return {{"people", h.people}, {"slate", h.slate}, {"popularity", h.popularity}, {"chance", h.chance}};
}

json top_of(const report& r) {
  json list = json::array();
  for (const auto& t : r.top)
    list.push_back({{"subspace", t.subspace},
                    {"title", t.title},
                    {"visibility", t.visibility},
                    {"impressions", t.impressions},
                    {"engagement", t.engagement}});
  return list;
}

json rewards_of(const report& r) {
  json list = json::array();
  for (const auto& f : r.rewards)
    list.push_back({{"subspace", f.subspace},
                    {"people", f.people},
                    {"kinds", {{"two_valued", f.two_valued}, {"linear", f.linear}, {"heavy", f.heavy}}},
                    {"offset", f.offset},
                    {"noise", f.noise},
                    {"restarts", f.restarts},
                    {"looks", f.looks},
                    {"apart", f.apart}});
  return list;
}

json control_of(const report& r) {
  if (!r.control)
    return nullptr;
  const auto arm = [](const control_lift::arm& a) { return json{{"impressions", a.impressions}, {"mean_reward", or_null(a.mean_reward)}}; };
  return {{"policy", arm(r.control->policy)},
          {"control", arm(r.control->control)},
          {"lift", or_null(r.control->lift)},
          {"low", or_null(r.control->low)},
          {"high", or_null(r.control->high)}};
}

json generations_of(const evolved_buddies& e) {
  json list = json::array();
  for (const auto& g : e.generations)
    list.push_back({{"generation", g.generation},
                    {"welfare", g.welfare},
                    {"satisfaction", g.satisfaction},
                    {"accuracy", g.accuracy},
                    {"diversity", g.diversity},
                    {"replaced", g.replaced},
                    {"newcomers", g.newcomers}});
  return list;
}

json values_of(const evolved_buddies& e, const std::vector<double>& values) {
  json out = json::object();
  for (std::size_t k = 0; k < std::min(values.size(), e.hyper_parameters.size()); ++k)
    out[e.hyper_parameters[k]] = values[k];
  return out;
}

json strains_of(const evolved_buddies& e) {
  json list = json::array();
  for (const auto& s : e.strains)
    list.push_back({{"strain", s.lineage}, {"score", s.score ? json(*s.score) : json(nullptr)}});
  return list;
}

json lineage_of(const evolved_buddies& e) {
  json list = json::array();
  for (const auto& s : e.lineage)
    list.push_back({{"strain", s.lineage},
                    {"predecessor", s.predecessor},
                    {"parent", s.parent},
                    {"born", s.born},
                    {"hyper_parameters", values_of(e, s.hyper_parameters)}});
  return list;
}

json evolution_of(const report& r) {
  if (r.evolved.empty())
    return nullptr;
  json kinds = json::array();
  for (const auto& e : r.evolved)
    kinds.push_back({{"buddies", e.name},
                     {"best", {{"strain", e.best}, {"hyper_parameters", values_of(e, e.best_values)}}},
                     {"strains", strains_of(e)},
                     {"diversity", e.diversity},
                     {"generations", generations_of(e)},
                     {"lineage", lineage_of(e)}});
  return {{"diversity_floor", r.diversity_floor}, {"kinds", std::move(kinds)}};
}

/// The timings, or all the others.
json counters_of(const report& r, bool timings) {
  json list = json::array();
  for (const auto& c : r.counters) {
    const auto* row = counter_named(c.name);
    if ((row && row->kind == counter_kind::timing) != timings)
      continue;
    json labels = json::object();
    for (const auto& [name, value] : c.labels)
      labels[name] = value;
    list.push_back({{"name", c.name}, {"labels", std::move(labels)}, {"value", c.value}});
  }
  return list;
}

} // namespace

std::string report::to_json() const {
  json games = json::array();
  for (const auto* game : games_of(*this))
    games.push_back(game_of(*game));
  json out{{"version", version()},
           {"deployment", deployment},
           {"subspaces", subspaces},
           {"seed", seed},
           {"dim", dim},
           {"slots", slots_of(*this)},
           {"users", users},
           {"goals", goals},
           {"creations", creations},
           {"rounds", rounds},
           {"policy", main.policy},
           {"feedback", feedback},
           {"noise", noise},
           {"wire_check", wire_check},
           {"regret", regret_of(*this)},
           {"games", std::move(games)},
           {"held_out", held_out_of(held_out)},
           {"diagnosis", diagnosis_of(*this)},
           {"budget", {{"spent_micros", budget_spent_micros}, {"granted_micros", budget_granted_micros}}},
           {"top", top_of(*this)},
           {"rewards", rewards_of(*this)},
           {"control", control_of(*this)},
           {"evolution", evolution_of(*this)},
           {"messages", messages},
           {"counters", counters_of(*this, false)},
           {"attributions", attributions},
           {"timings", {"seconds", "rounds_per_second", "threads", "peak_rss_bytes", "broadcast_turn_ns_max", "timing_counters"}},
           {"seconds", seconds},
           {"rounds_per_second", rounds_per_second},
           {"threads", threads},
           {"peak_rss_bytes", peak_rss_bytes},
           {"broadcast_turn_ns_max", broadcast_turn_ns_max},
           {"timing_counters", counters_of(*this, true)}};
  return out.dump(2, ' ', false, json::error_handler_t::replace) + '\n';
}

} // namespace ammo
