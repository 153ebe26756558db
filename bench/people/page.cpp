#include "bench/people/page.hpp"

#include "runtime/report/report_format.hpp"
#include "runtime/report/report_style.hpp"
#include "runtime/report/svg_chart.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace people_bench {

namespace {

std::string number(double x) { return ammo::fixed(x, x < 1000 ? 1 : 0); }

std::string cell(const std::string& text) { return "<td>" + text + "</td>"; }

std::string table_of(const world_outcome& w) {
  std::string out = std::string("<table><thead><tr><th scope=\"col\">learner</th><th scope=\"col\">") + measure_of(w.where) +
                    "</th><th scope=\"col\">worst</th><th scope=\"col\">slates/s</th></tr></thead><tbody>\n";
  for (const outcome& o : w.learners)
    out += "<tr><th scope=\"row\">" + ammo::escaped(o.learner) + "</th>" +
           cell(number(o.mean) + (std::isfinite(o.half) ? " ± " + number(o.half) : "")) + cell(number(o.worst)) +
           cell(ammo::grouped(static_cast<std::uint64_t>(o.slates_a_second))) + "</tr>\n";
  return out + "</tbody></table>";
}

} // namespace

std::string page_of(const std::vector<world_outcome>& all, const std::string& title) {
  std::string page = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>" +
                     ammo::escaped(title) + "</title><style>" + ammo::report_style + "</style><main><h1>" + ammo::escaped(title) +
                     "</h1>\n<p class=\"soft\">Curves: slate regret so far, mean over people. Tables: the mean over people with its 95 % interval, the worst person, and slates a second of one core.</p>\n<div class=\"pair\">\n";
  for (const world_outcome& w : all) {
    std::vector<ammo::svg_curve> drawn;
    for (const outcome& o : w.learners)
      drawn.push_back({o.learner, o.curve});
    const std::string bar = w.where.bar > 0 ? ", at most " + ammo::grouped(static_cast<std::uint64_t>(w.where.bar)) : "";
    page += "<div class=\"card\"><h2>" + ammo::escaped(w.where.name) + "<span class=\"soft\">" + bar + "</span></h2><figure>" +
            ammo::svg_chart(drawn, w.where.rounds, "Regret so far in " + w.where.name) + "</figure>" + table_of(w) + "</div>\n";
  }
  return page + "</div></main></html>\n";
}

std::string json_of(const std::vector<world_outcome>& all) {
  auto out = nlohmann::ordered_json::array();
  for (const world_outcome& w : all)
    for (const outcome& o : w.learners) {
      nlohmann::ordered_json row{{"world", w.where.name}, {"rounds", w.where.rounds}, {"bar", w.where.bar}, {"learner", o.learner}, {"of", measure_of(w.where)}, {"mean", o.mean}, {"half", nullptr}, {"worst", o.worst}, {"restarts", o.restarts}, {"slates_a_second", o.slates_a_second}, {"over", o.over}, {"values", o.values}, {"curve", o.curve}};
      if (std::isfinite(o.half))
        row["half"] = o.half;
      out.push_back(std::move(row));
    }
  return out.dump();
}

} // namespace people_bench
