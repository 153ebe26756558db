#include "ammo/report.hpp"

#include "ammo/version.hpp"
#include "runtime/report/braille_chart.hpp"
#include "runtime/report/report_format.hpp"
#include "runtime/report/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ammo {
namespace {

constexpr std::size_t least_columns = 44, most_columns = 120, name_columns = 13, number_columns = 11, bar_columns = 14;

/// One summary under way: what is said, how wide, and in which colours.
class summary {
public:
  summary(const report& r, std::size_t columns, bool colour)
    : r_(r), columns_(std::clamp(columns, least_columns, most_columns)), colour_(colour) {}

  std::string text() && {
    title();
    curves();
    regrets();
    held_out();
    top();
    rewards();
    control();
    market();
    diagnosed();
    evolution();
    refusals();
    budget_and_speed();
    for (const auto& a : r_.attributions)
      paragraph("Data: " + harmless(a), "2");
    return std::move(out_);
  }

private:
  [[nodiscard]] std::string_view style(std::string_view ansi) const { return colour_ ? ansi : std::string_view{}; }
  [[nodiscard]] std::string_view style_of_game(std::size_t i) const {
    constexpr std::array<std::string_view, 3> styles{"1;32", "33", "35"};
    return style(styles[std::min(i, styles.size() - 1)]);
  }

  void paragraph(const std::string& text, std::string_view ansi = {}) {
    auto lines = wrapped(text, columns_, 2);
    lines.pop_back();
    out_ += styled(lines, style(ansi)) + '\n';
  }
  void heading(const std::string& text) {
    out_ += '\n';
    paragraph(text, "1");
  }

  void title() {
    paragraph("AMMO " + std::string(version()) + " · " + harmless(r_.deployment) + " · " + r_.main.policy + " · seed " +
                std::to_string(r_.seed),
              "1;36");
    paragraph(counted(r_.users, "person", "people") + " × " + counted(r_.rounds, "round", "rounds") + ", " +
              counted(r_.slots, "slot", "slots") + "; " + counted(r_.creations, "creation", "creations") + " of " +
              counted(r_.goals, "Goal Buddy", "Goal Buddies") + " in R^" + std::to_string(r_.dim) + "; " + r_.feedback +
              " feedback" + (r_.feedback == "linear" ? ", noise σ = " + fixed(r_.noise, 2) : "") +
              (r_.wire_check ? "; every message through msgpack and back" : "") + '.');
  }

  void curves() {
    std::vector<braille_curve> drawn;
    auto games = games_of(r_);
    for (std::size_t i = 0; i < games.size(); ++i)
      drawn.push_back({games[i]->policy, resampled(games[i]->slate_by_round, columns_), i, style_of_game(i)});
    heading("Slate regret a round (mean over people; lower is better)");
    out_ += braille_chart(drawn, "round 1", grouped(r_.rounds), columns_, 10);
  }

  void regrets() {
    bool wide = columns_ >= name_columns + 5 * number_columns;
    constexpr std::array always{true, true, false, true, false};
    auto row = [&](const std::string& name, std::array<std::string, 5> numbers, std::string_view ansi) {
      auto line = pad_right(cut(name, name_columns), name_columns);
      for (std::size_t i = 0; i < numbers.size(); ++i)
        if (wide || always[i])
          line += pad_left(numbers[i], wide ? number_columns : number_columns - 1);
      out_ += styled(line, ansi) + '\n';
    };
    out_ += '\n';
    row("Slate regret", {"first 10th", "last 10th", "last/first", "total", "of uniform"}, style("1"));
    auto uniform = slate_regret_of(r_, "uniform");
    auto games = games_of(r_);
    for (std::size_t i = 0; i < games.size(); ++i) {
      const auto& g = *games[i];
      row(g.policy,
          {fixed(g.slate_first_tenth, 2), fixed(g.slate_last_tenth, 2), percent(g.slate_last_tenth / g.slate_first_tenth),
           fixed(g.slate, 2), uniform ? percent(g.slate / *uniform) : "–"},
          style_of_game(i));
    }
    paragraph("Stated regret of " + r_.main.policy + ": " + fixed(r_.main.stated, 2) +
              " (the best single creation against all slots together; below zero for more than one slot)");
  }

  void share_row(const std::string& name, double share, double most, std::string_view ansi = {}) {
    out_ += "  " + pad_right(cut(name, name_columns), name_columns) +
            styled(bar(most > 0 ? share / most : 0, bar_columns), ansi) + pad_left(percent(share), 9) + '\n';
  }

  void held_out() {
    const auto& h = r_.held_out;
    if (!h.known)
      return;
    heading("Slates that hit a real choice nobody learned from (" + counted(h.people, "person", "people") + ")");
    double most = std::max({h.slate, h.popularity, h.chance});
    share_row(r_.main.policy, h.slate, most, style_of_game(0));
    for (std::size_t i = 0; i < r_.baselines.size(); ++i)
      if (auto rate = hit_rate_of(r_.baselines[i]))
        share_row(r_.baselines[i].policy, *rate, most, style_of_game(i + 1));
    share_row("popularity", h.popularity, most);
    share_row("chance", h.chance, most);
  }

  void top() {
    if (r_.top.empty())
      return;
    heading("Most seen creations (share of rounds, mean reward)");
    double most = r_.top.front().visibility;
    for (const auto& t : r_.top) {
      auto numbers = pad_left(percent(t.visibility), 8) + pad_left(fixed(t.engagement, 2), 7) + "  ";
      auto name = harmless(t.title) + (r_.subspaces.size() > 1 ? " (" + harmless(t.subspace) + ')' : "");
      out_ += "  " + styled(bar(most > 0 ? t.visibility / most : 0, bar_columns), style("36")) + numbers +
              cut(name, columns_ - 2 - bar_columns - width_of(numbers)) + '\n';
    }
  }

  void rewards() {
    if (r_.rewards.empty())
      return;
    heading("What was found out of rewards, told by nobody (means over people)");
    for (const auto& f : r_.rewards)
      paragraph((r_.rewards.size() > 1 ? harmless(f.subspace) + ": " : "") + text_of(f) + '.');
  }

  void control() {
    if (!r_.control || !r_.control->lift)
      return;
    const auto& c = *r_.control;
    heading("Slates at random, for control");
    paragraph("An impression earns " + fixed(*c.policy.mean_reward, 3) + "; of a slate at random " + fixed(*c.control.mean_reward, 3) + " (" + percent(static_cast<double>(c.control.impressions) / static_cast<double>(c.control.impressions + c.policy.impressions)) +
              " of all). Lift " + fixed(*c.lift, 3) + (c.low && c.high ? ", 95 %: " + fixed(*c.low, 3) + " to " + fixed(*c.high, 3) : std::string()) + '.');
  }

  void market() {
    if (r_.main.market.empty())
      return;
    const auto &first = r_.main.market.front(), &last = r_.main.market.back();
    heading("Market, first and last period");
    paragraph("Impressions: Gini " + fixed(first.gini, 3) + ", then " + fixed(last.gini, 3) + "; the most seen tenth has " +
              percent(first.top_share) + ", then " + percent(last.top_share) + ". A person gains " +
              fixed(first.user_welfare, 2) + " a round, then " + fixed(last.user_welfare, 2) + "; a Goal Buddy " +
              fixed(1000 * first.creator_welfare, 2) + ", then " + fixed(1000 * last.creator_welfare, 2) + " of a thousand rounds, costs paid.");
  }

  void diagnosed() {
    if (!r_.diagnosed)
      return;
    const auto& d = *r_.diagnosed;
    heading("Diagnosis: the game among policies (" + counted(d.alpha_rank.size(), "game", "games") + " of " +
            counted(d.rounds, "round", "rounds") + ", " + counted(d.movers, "moving Goal Buddy", "moving Goal Buddies") + ")");
    constexpr std::array who{"Users", "Goal Buddies, first half", "Goal Buddies, second half"};
    for (std::size_t p = 0; p < who.size(); ++p) {
      const auto& s = d.standings[p];
      paragraph(std::string(who[p]) + ": " + fixed(s.payoff, 4) + "; " +
                (s.gain > 0 ? s.best_answer + " would gain " + fixed(s.gain, 4) : "nothing else gains") + '.');
    }
    paragraph("NashConv " + fixed(d.nash_conv, 4) + ". Best answers " + text_of_answers(d) + '.');
    paragraph("α-Rank, where evolution would be found:");
    for (auto k : most_visited(d, 5))
      out_ += "  " + styled(bar(d.alpha_rank[k], bar_columns), style("36")) + pad_left(percent(d.alpha_rank[k]), 9) + "  " +
              cut(text_of(d, d.at(k)), columns_ - bar_columns - 13) + '\n';
  }

  void evolution() {
    if (r_.evolved.empty())
      return;
    heading("Evolution (mean reward of a slate; mean utility of a creator)");
    for (const auto& e : r_.evolved) {
      if (e.generations.empty()) {
        paragraph(harmless(e.name) + ": no generation has ended.");
        continue;
      }
      const auto &first = e.generations.front(), &last = e.generations.back();
      paragraph(harmless(e.name) + ": " + counted(e.generations.size(), "generation", "generations") + ", welfare " +
                fixed(first.welfare, 4) + " in the first and " + fixed(last.welfare, 4) + " in the last; diversity " +
                fixed(last.diversity, 3) + " (floor " + fixed(r_.diversity_floor, 3) + "); best strain: " + best_of(e) + '.');
    }
  }

  void refusals() {
    heading("Slots");
    std::string text = grouped(r_.slots_granted) + " granted";
    for (const auto& [code, count] : r_.refused)
      text += "; " + grouped(count) + " refused: " + std::string(name_of(code));
    paragraph(text + (r_.refused.empty() ? "; none refused." : "."));
  }

  void budget_and_speed() {
    paragraph("Budget: " + units(r_.budget_spent_micros) + " spent of " + units(r_.budget_granted_micros) + " granted.");
    paragraph("Speed: " + fixed(r_.rounds_per_second, 0) + " rounds/s in " +
              fixed(r_.seconds, 1) + " s on " + counted(r_.threads, "thread", "threads") + "; " +
              counted(r_.messages, "message", "messages") + "; " + bytes(r_.peak_rss_bytes) + " at most.");
  }

  const report& r_;
  std::size_t columns_;
  bool colour_;
  std::string out_;
};

} // namespace

std::string report::to_text(std::size_t columns, bool colour) const { return summary(*this, columns, colour).text(); }

} // namespace ammo
