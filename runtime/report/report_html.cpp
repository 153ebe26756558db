#include "ammo/report.hpp"

#include "ammo/version.hpp"
#include "runtime/report/report_format.hpp"
#include "runtime/report/report_style.hpp"
#include "runtime/report/svg_chart.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ammo {
namespace {

constexpr std::size_t curve_points = 200;

using cells = std::vector<std::string>; // HTML already

std::string row_of(const cells& row, const char* tag = "td") {
  std::string out = "<tr>";
  for (std::size_t i = 0; i < row.size(); ++i) {
    std::string element = i == 0 ? "th" : tag;
    out += '<' + element + '>' + row[i] + "</" + element + '>';
  }
  return out + "</tr>\n";
}

std::string table_of(const cells& head, const std::vector<cells>& rows) {
  std::string out = "<table>" + (head.empty() ? "" : "<thead>" + row_of(head, "th") + "</thead>") + "<tbody>\n";
  for (const auto& r : rows)
    out += row_of(r);
  return out + "</tbody></table>\n";
}

std::string card(const std::string& title, const std::string& body) {
  return "<section class=\"card\"><h2>" + escaped(title) + "</h2>\n" + body + "</section>\n";
}

std::string tile(const std::string& number, const std::string& meaning) {
  return "<div class=\"card tile\"><b>" + escaped(number) + "</b><span class=\"soft\">" + escaped(meaning) +
         "</span></div>\n";
}

std::string html_bar(double share, double most) {
  auto width = most > 0 ? std::clamp(100 * share / most, 0.0, 100.0) : 0.0;
  return "<div class=\"bar\"><i style=\"width:" + std::to_string(static_cast<int>(width)) + "%\"></i><span>" +
         escaped(percent(share)) + "</span></div>";
}

std::string coloured(const std::string& policy, std::size_t i) {
  return "<span class=\"c" + std::to_string(std::min<std::size_t>(i, 2)) + "\">" + escaped(policy) + "</span>";
}

std::string tiles_part(const report& r) {
  std::string out = "<div class=\"tiles\">\n" + tile(percent(r.main.slate_last_tenth / r.main.slate_first_tenth),
                                                     "slate regret of the last tenth, of the first tenth’s");
  if (auto uniform = slate_regret_of(r, "uniform"))
    out += tile(percent(r.main.slate / *uniform), "total slate regret, of uniform’s");
  if (r.held_out.known)
    out += tile(percent(r.held_out.slate),
                "of slates hit a held-out real choice; popularity " + percent(r.held_out.popularity));
  return out + tile(fixed(r.rounds_per_second, 0), "rounds a second") + "</div>\n";
}

std::string curves_part(const report& r) {
  std::vector<svg_curve> each, sum;
  for (const auto* game : games_of(r)) {
    each.push_back({game->policy, resampled(game->slate_by_round, curve_points)});
    sum.push_back({game->policy, resampled(cumulated(game->slate_by_round), curve_points)});
  }
  auto figure = [&](const std::string& title, const std::vector<svg_curve>& drawn) {
    return card(title, "<figure>" + svg_chart(drawn, r.rounds, title) +
                         "<figcaption>mean over people; lower is better</figcaption></figure>\n");
  };
  return "<div class=\"pair\">\n" + figure("Slate regret, summed", sum) + figure("Slate regret a round", each) +
         "</div>\n";
}

std::string regrets_part(const report& r) {
  std::vector<cells> rows;
  auto uniform = slate_regret_of(r, "uniform");
  auto games = games_of(r);
  for (std::size_t i = 0; i < games.size(); ++i) {
    const auto& g = *games[i];
    rows.push_back({coloured(g.policy, i), fixed(g.slate_first_tenth, 2), fixed(g.slate_last_tenth, 2),
                    percent(g.slate_last_tenth / g.slate_first_tenth), fixed(g.slate, 2),
                    uniform ? percent(g.slate / *uniform) : "–", fixed(g.stated, 2)});
  }
  return card("Regret",
              table_of({"policy", "first tenth", "last tenth", "last of first", "total", "of uniform", "stated"}, rows) +
                "<p class=\"soft\">Slate regret compares with the best slate; the stated one with the best single creation, "
                "and so goes below zero for more than one slot.</p>\n");
}

std::string held_out_part(const report& r) {
  if (!r.held_out.known)
    return {};
  const auto& h = r.held_out;
  double most = std::max({h.slate, h.popularity, h.chance});
  std::vector<cells> rows{{coloured(r.main.policy, 0), html_bar(h.slate, most)}};
  for (std::size_t i = 0; i < r.baselines.size(); ++i)
    if (auto rate = hit_rate_of(r.baselines[i]))
      rows.push_back({coloured(r.baselines[i].policy, i + 1), html_bar(*rate, most)});
  rows.push_back({"popularity", html_bar(h.popularity, most)});
  rows.push_back({"chance", html_bar(h.chance, most)});
  return card("Slates that hit a held-out real choice",
              table_of({"who chooses", "share of slates"}, rows) + "<p class=\"soft\">" +
                escaped(counted(h.people, "person", "people")) + " with choices that nobody learned from.</p>\n");
}

std::string top_part(const report& r) {
  std::vector<cells> rows;
  for (const auto& t : r.top)
    rows.push_back({escaped(t.title), escaped(t.subspace), grouped(t.impressions), fixed(t.engagement, 2),
                    html_bar(t.visibility, r.top.front().visibility)});
  return card("Most seen creations",
              table_of({"creation", "subspace", "impressions", "mean reward", "share of rounds"}, rows));
}

std::string market_part(const report& r) {
  if (r.main.market.empty())
    return {};
  const auto figure = [&](const std::string& title, const std::string& caption, double market_shape::*what) {
    std::vector<svg_curve> drawn;
    for (const auto* game : games_of(r))
      drawn.push_back({game->policy, resampled(market_curve(*game, what), curve_points)});
    return card(title, "<figure>" + svg_chart(drawn, r.rounds, title) + "<figcaption>" + escaped(caption) +
                         "</figcaption></figure>\n");
  };
  return "<div class=\"pair\">\n" +
         figure("Gini index of impressions", "over live creations; 0: all are seen alike", &market_shape::gini) +
         figure("The most seen tenth", "its share of impressions", &market_shape::top_share) + "</div>\n<div class=\"pair\">\n" +
         figure("Welfare of people", "mean reward of a round", &market_shape::user_welfare) +
         figure("Welfare of Goal Buddies", "mean visibility, costs paid", &market_shape::creator_welfare) + "</div>\n";
}

std::string diagnosis_part(const report& r) {
  if (!r.diagnosed)
    return {};
  const auto& d = *r.diagnosed;
  std::vector<cells> own, ranked;
  constexpr std::array who{"Users", "Goal Buddies, first half", "Goal Buddies, second half"};
  for (std::size_t p = 0; p < who.size(); ++p) {
    const auto& s = d.standings[p];
    own.push_back({who[p], fixed(s.payoff, 4), fixed(s.gain, 4), escaped(s.gain > 0 ? s.best_answer : "as it is")});
  }
  for (auto k : most_visited(d, 8))
    ranked.push_back({escaped(text_of(d, d.at(k))), html_bar(d.alpha_rank[k], 1)});
  return "<div class=\"pair\">\n" +
         card("The game among policies", table_of({"player", "gains", "could gain", "best answer"}, own) +
                                           "<p class=\"soft\">NashConv " + fixed(d.nash_conv, 4) + "; best answers " +
                                           escaped(text_of_answers(d)) + ". " +
                                           escaped(counted(d.alpha_rank.size(), "game", "games") + " of " + counted(d.rounds, "round", "rounds")) + ".</p>\n") +
         card("Where evolution would be found (α-Rank)", table_of({"policies", "share"}, ranked)) + "</div>\n";
}

std::string slots_and_budget_part(const report& r) {
  std::vector<cells> rows{{"granted", grouped(r.slots_granted)}};
  for (const auto& [code, count] : r.refused)
    rows.push_back({"refused: " + escaped(std::string(name_of(code))) + "<br><span class=\"soft\">" +
                      escaped(std::string(sentence_of(code))) + "</span>",
                    grouped(count)});
  rows.push_back({"budget spent", units(r.budget_spent_micros)});
  rows.push_back({"budget granted", units(r.budget_granted_micros)});
  return card("Slots and budget", table_of({}, rows));
}

std::string rewards_part(const report& r) {
  std::vector<cells> rows;
  for (const auto& f : r.rewards) {
    std::string looks;
    for (const double look : f.looks)
      looks += (looks.empty() ? "" : " ") + percent(look);
    rows.push_back({escaped(f.subspace), escaped(kinds_of(f)), fixed(f.offset, 2), fixed(f.noise, 2), fixed(f.restarts, 2), looks.empty() ? "–" : looks,
                    percent(f.apart)});
  }
  if (rows.empty())
    return {};
  return card("What was found out of rewards", table_of({"subspace", "kind", "offset", "noise", "changes of taste", "slots looked at", "differ by situation"}, rows) +
                                                 "<p class=\"soft\">Told by nobody; means over people.</p>\n");
}

std::string evolution_part(const report& r) {
  std::vector<cells> rows;
  for (const auto& e : r.evolved)
    if (!e.generations.empty()) {
      const auto &first = e.generations.front(), &last = e.generations.back();
      rows.push_back({escaped(e.name), grouped(e.generations.size()), fixed(first.welfare, 4), fixed(last.welfare, 4),
                      fixed(last.diversity, 3), escaped(best_of(e))});
    }
  if (rows.empty())
    return {};
  return card("Evolution", table_of({"buddies", "generations", "welfare, first", "welfare, last", "diversity", "best strain"}, rows) +
                             "<p class=\"soft\">Welfare: mean reward of a slate; of Goal Buddies, mean utility of a creator. Diversity "
                             "is kept at " +
                             fixed(r.diversity_floor, 3) + " or above.</p>\n");
}

std::string running_part(const report& r) {
  auto turn_ms = static_cast<double>(r.broadcast_turn_ns_max) / 1e6;
  std::vector<cells> rows{{"wall time", fixed(r.seconds, 1) + " s"},
                          {"threads", grouped(r.threads)},
                          {"messages", grouped(r.messages)},
                          {"most memory", bytes(r.peak_rss_bytes)},
                          {"longest turn of a broadcast", fixed(turn_ms, 2) + " ms"},
                          {"through msgpack", r.wire_check ? "every message" : "what leaves the process"}};
  return card("Running", table_of({}, rows));
}

std::string heading_part(const report& r) {
  return "<h1>" + escaped(r.deployment) + "</h1>\n<p class=\"soft\">" +
         escaped(counted(r.users, "person", "people") + " × " + counted(r.rounds, "round", "rounds") + " · " +
                 counted(r.slots, "slot", "slots") + " · " + counted(r.creations, "creation", "creations") + " of " +
                 counted(r.goals, "Goal Buddy", "Goal Buddies") + " · R^" + std::to_string(r.dim) + " · " + r.feedback +
                 " feedback, noise " + fixed(r.noise, 2) + " · seed " + std::to_string(r.seed)) +
         "</p>\n";
}

std::string footer_part(const report& r) {
  std::string out = "<footer class=\"soft\">\n";
  for (const auto& a : r.attributions)
    out += "<p>Data: " + escaped(a) + "</p>\n";
  return out + "<p>AMMO " + escaped(std::string(version())) + "</p>\n</footer>\n";
}

} // namespace

std::string report::to_html() const {
  return "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>AMMO · " +
         escaped(deployment) + "</title>\n<style>" + report_style + "</style>\n</head>\n<body>\n<main>\n" +
         heading_part(*this) + tiles_part(*this) + curves_part(*this) + regrets_part(*this) + "<div class=\"pair\">\n" + held_out_part(*this) +
         running_part(*this) + "</div>\n" + top_part(*this) + rewards_part(*this) + market_part(*this) + diagnosis_part(*this) + evolution_part(*this) + "<div class=\"pair\">\n" + slots_and_budget_part(*this) +
         "</div>\n" + footer_part(*this) + "</main>\n</body>\n</html>\n";
}

} // namespace ammo
