// Regret in the worlds of "People as they are": mean over people with its 95 % interval, and the worst person.
#include "bench/estimate.hpp"
#include "bench/people/hosting.hpp"
#include "bench/people/page.hpp"
#include "bench/people/play.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

using namespace people_bench;

namespace {

struct request {
  std::vector<std::string> worlds, learners{"default"}, off;
  std::uint64_t seed = 1, seeds = 1;
  std::size_t people = 20;
  std::uint32_t period = 8, rounds = 0;
  bool unlisted = false, notes = false, host = false, list = false;
  std::string html, json;
  player_options options;
};

std::vector<world> chosen(const request& r) {
  auto all = listed_worlds();
  const auto more = unlisted_worlds();
  if (r.unlisted)
    all = more;
  else if (r.host) // by its whole name, so there is no doubt which list it is of
    all.insert(all.end(), more.begin(), more.end());
  if (!r.worlds.empty())
    std::erase_if(all, [&](const world& w) {
      return std::ranges::none_of(r.worlds, [&](const auto& n) { return r.host ? w.name == n : w.name.starts_with(n); });
    });
  for (world& w : all)
    w.rounds = r.rounds > 0 ? r.rounds : w.rounds;
  return all;
}

void append(std::vector<double>& to, const std::vector<double>& from) { to.insert(to.end(), from.begin(), from.end()); }

outcome play_seeds(const request& r, const world& w, const std::string& learner) {
  outcome o;
  o.learner = learner;
  std::vector<double> restarts;
  double seconds = 0;
  for (std::uint64_t s = r.seed; s < r.seed + r.seeds; ++s) {
    const auto here = make_people(w, s, r.people);
    const auto result = play(here, r.people, r.period, [&](const subspace_of_people& p, std::size_t who) { return make_named(learner, p, who, r.options); });
    append(o.values, result.back.empty() ? result.regret : result.back);
    append(restarts, result.restarts);
    seconds += result.seconds;
    o.curve.resize(result.curve.size());
    for (std::size_t i = 0; i < o.curve.size(); ++i)
      o.curve[i] += result.curve[i] / static_cast<double>(r.seeds);
    o.note = result.note;
  }
  const auto e = ammo::bench::estimate_of(o.values);
  o.mean = e.mean;
  o.half = e.half;
  o.worst = *std::ranges::max_element(o.values);
  o.restarts = ammo::bench::estimate_of(restarts).mean;
  o.slates_a_second = static_cast<double>(w.rounds) * static_cast<double>(r.people * r.seeds) / seconds;
  o.over = w.bar > 0 && (w.answers == response::heart ? o.worst : o.mean) > w.bar;
  return o;
}

bool wrote(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  if (out.flush())
    return true;
  std::fprintf(stderr, "can't write %s\n", path.c_str());
  return false;
}

int host(const request& r, const std::vector<world>& worlds) {
  if (worlds.size() != 1)
    return std::fprintf(stderr, "--host takes the whole name of one world (bench_people --list)\n"), 2;
  std::ios::sync_with_stdio(false);
  host_world(worlds.front(), r.seed, r.people, std::cin, std::cout);
  return 0;
}

int play_and_print(const request& r, const std::vector<world>& worlds) {
  std::vector<world_outcome> all;
  std::printf("%-18s %-15s %8s %8s  %9s %8s  %9s %8s %9s\n", "world", "learner", "rounds", "bar", "regret", "±", "worst", "restarts", "slates/s");
  for (const world& w : worlds) {
    all.push_back({w, {}});
    for (const auto& learner : r.learners) {
      const auto& o = all.back().learners.emplace_back(play_seeds(r, w, learner));
      std::printf("%-18s %-15s %8u %8.0f  %9.1f %8.1f  %9.1f %8.1f %9.0f %s\n", w.name.c_str(), learner.c_str(), w.rounds, w.bar, o.mean, o.half, o.worst,
                  o.restarts, o.slates_a_second, o.over ? "OVER" : "");
      if (r.notes)
        std::printf("    %s\n", o.note.c_str());
      std::fflush(stdout);
    }
  }
  const bool page = r.html.empty() || wrote(r.html, page_of(all, "People as they are"));
  const bool json = r.json.empty() || wrote(r.json, json_of(all));
  return page && json ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
  request r;
  CLI::App app{"Regret where people are as they are: nothing of their rewards is told."};
  auto names = learner_names();
  names.emplace_back("all");
  app.add_option("worlds", r.worlds, "names, or beginnings of names; all if none");
  app.add_option("--learner", r.learners, "default, classic, or the default learner under another policy; all: each of them")->check(CLI::IsMember(names))->delimiter(',');
  app.add_option("--seed", r.seed, "first seed: creations and people follow from it")->capture_default_str();
  app.add_option("--seeds", r.seeds, "how many")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--people", r.people, "a seed")->check(CLI::PositiveNumber)->capture_default_str();
  app.add_option("--period", r.period, "rounds between poolings; 0: everybody is alone")->capture_default_str();
  app.add_option("--optimism", r.options.optimism, "alpha")->capture_default_str();
  app.add_option("--change", r.options.people.change_threshold, "ln Bayes factor of a change")->capture_default_str();
  app.add_option("--split", r.options.people.split_threshold, "ln Bayes factor of situations")->capture_default_str();
  app.add_option("--off", r.off, "drift,situations,positions,heavy,two_valued")->delimiter(',')->expected(1);
  app.add_option("--rounds", r.rounds, "instead of the world's own");
  app.add_option("--html", r.html, "write the curves to this file");
  app.add_option("--json", r.json, "write everything to this file");
  app.add_flag("--unlisted", r.unlisted, "the worlds that are not listed");
  app.add_flag("--notes", r.notes, "what the worst person's learner believes");
  app.add_flag("--list", r.list, "names of worlds, one a line");
  app.add_flag("--host", r.host, "host one world for a learner in another program, over standard input and output (hosting.hpp)");
  CLI11_PARSE(app, argc, argv);
  if (std::ranges::find(r.learners, "all") != r.learners.end())
    r.learners = learner_names();
  for (const auto& o : r.off) {
    auto& p = r.options.people;
    (o == "drift" ? p.drift : o == "situations" ? p.situations
                            : o == "positions"  ? p.positions
                            : o == "heavy"      ? p.heavy
                                                : p.two_valued) = false;
  }
  const auto worlds = chosen(r);
  if (worlds.empty())
    return std::fprintf(stderr, "no world is named so; bench_people --list has the names\n"), 2;
  if (r.list) {
    for (const world& w : worlds)
      std::printf("%s\n", w.name.c_str());
    return 0;
  }
  try {
    return r.host ? host(r, worlds) : play_and_print(r, worlds);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    return 1;
  }
}
