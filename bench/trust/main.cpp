/// What a host can rely on under load, in figures: goodput beside callers that spin, what a refusal costs, how fast latency comes back,
/// starts and stops, and what many users cost. Prints JSON. Figures of one sitting compare with each other, not with another machine's.
#include "bench/trust/load.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iostream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <variant>

namespace {

using namespace ammo;
using namespace ammo::bench;
using json = nlohmann::ordered_json;

json latency(told& t) {
  return {{"asks", t.ok},
          {"asks_per_second", t.goodput()},
          {"refused", t.refused},
          {"other_errors", t.others},
          {"p50_ms", quantile(t.latency_ms, 0.5)},
          {"p99_ms", quantile(t.latency_ms, 0.99)},
          {"longest_silence_ms", t.longest_silence_ms}};
}

/// Seconds until twenty asks in a row take no longer than twice the p99 of a quiet runtime; −1: not within thirty.
double recovery(runtime& rt, const world& w, double quiet_p99_ms) {
  const auto begun = bench_clock::now();
  for (int good = 0; good < 20;) {
    if (seconds_since(begun) > 30)
      return -1;
    const auto asked = bench_clock::now();
    const auto answer = rt.ask(user_id{1 + static_cast<std::uint64_t>(good) % w.users});
    good = answer && 1e3 * seconds_since(asked) <= 2 * std::max(quiet_p99_ms, 1.0) ? good + 1 : 0;
  }
  return seconds_since(begun);
}

json overload(runtime& rt, const world& w, std::uint32_t callers, double seconds) {
  json out;
  auto quiet = one_by_one(rt, w, seconds);
  const double quiet_p99 = quantile(quiet.latency_ms, 0.99);
  out["quiet"] = latency(quiet);
  auto beside = answered_beside(rt, w, callers, seconds);
  out["beside_idle_spinners"] = latency(beside);
  const auto before = resident_bytes();
  auto spun = spin(rt, w, callers, seconds);
  const double back = recovery(rt, w, quiet_p99);
  out["spinning_callers"] = latency(spun);
  out["goodput_ratio"] = beside.goodput() > 0 ? spun.goodput() / beside.goodput() : 0;
  out["refusal_us_p50"] = quantile(spun.refusal_us, 0.5);
  out["refusal_us_p99"] = quantile(spun.refusal_us, 0.99);
  out["recovery_seconds"] = back;
  out["grown_bytes"] = static_cast<std::int64_t>(resident_bytes()) - static_cast<std::int64_t>(before);
  return out;
}

json starts_and_stops(std::uint32_t times) {
  const world w{.users = 20, .creations = 20};
  double start = 0, stop = 0, slowest = 0;
  std::uint64_t failed = 0;
  for (std::uint32_t i = 0; i < times; ++i) {
    auto at = bench_clock::now();
    auto rt = started(deployment_of(w), w);
    start += seconds_since(at);
    failed += !rt || add_users(*rt, 1, w.users) != w.users || !rt->ask(user_id{1});
    at = bench_clock::now();
    failed += rt && rt->stop() != errc::ok;
    stop += seconds_since(at);
    slowest = std::max(slowest, seconds_since(at));
  }
  return {{"times", times}, {"failed", failed}, {"start_ms_mean", 1e3 * start / times}, {"stop_ms_mean", 1e3 * stop / times}, {"stop_ms_max", 1e3 * slowest}};
}

/// Turns of actors that took longer than 5 ms by the wall, by part, and how many of them used so much of the processor: what others on the machine take
/// from a turn is part of its length by the wall.
class long_turns {
public:
  [[nodiscard]] log_sink sink() {
    return {[this](const log_record& r) {
              if (r.event != "long_turn" || r.fields.size() != 4)
                return;
              const auto ms = [&](std::size_t field) { return 1e-3 * static_cast<double>(std::get<std::uint64_t>(r.fields[field].value)); };
              std::lock_guard held(guard_);
              auto& of = by_part_[std::string(std::get<std::string_view>(r.fields[0].value))];
              ++of.turns;
              of.heavy += ms(3) > 5;
              of.longest_ms = std::max(of.longest_ms, ms(2));
              of.most_used_ms = std::max(of.most_used_ms, ms(3));
            },
            log_level::debug};
  }
  [[nodiscard]] json told() const {
    std::lock_guard held(guard_);
    auto out = json::object();
    for (const auto& [part, of] : by_part_)
      out[part] = {{"turns", of.turns}, {"longest_ms", of.longest_ms}, {"by_processor", of.heavy}, {"longest_by_processor_ms_at_most", of.most_used_ms}};
    return out;
  }

private:
  struct seen {
    std::uint64_t turns = 0, heavy = 0;
    double longest_ms = 0, most_used_ms = 0;
  };
  mutable std::mutex guard_;
  std::map<std::string, seen> by_part_;
};

/// Latency of asks where Goal Buddies stay, and where they adapt and both kinds of buddy evolve.
json moving_goals(const world& w, double seconds) {
  json out{{"users", w.users}, {"goals", w.creations}};
  for (const bool moves : {false, true}) {
    auto o = deployment_of(w);
    if (moves) {
      o.goal.policy = "adaptive";
      o.goal.lambda = 0.1;
      o.evolution.strains = 8;
    }
    long_turns turns;
    o.log = turns.sink();
    auto rt = started(o, w);
    if (!rt || add_users(*rt, 1, w.users) != w.users)
      return out;
    auto asked = one_by_one(*rt, w, seconds, true);
    auto& told = out[moves ? "adaptive" : "static"] = latency(asked);
    told["long_turns"] = turns.told();
    rt.reset();
  }
  return out;
}

/// Sleeps for two users, who come after all others.
struct blocking_policy final : host_policy {
  explicit blocking_policy(std::uint32_t users) : users_(users) {}
  [[nodiscard]] std::vector<valued_creation> choose(const policy_view& view) const override {
    if (raw(view.user()) > users_)
      std::this_thread::sleep_for(std::chrono::seconds{5});
    return view.top(view.mean(), view.most());
  }
  const std::uint32_t users_;
};

/// Latency of everybody else's asks while a host's policy blocks for two users, against that while it doesn't, in turns.
json blocked_policy(const world& w, double seconds) {
  auto o = deployment_of(w);
  o.user.policy = "host";
  auto rt = started(o, w, {{"blocking", std::make_shared<blocking_policy>(w.users)}});
  if (!rt || add_users(*rt, 1, w.users + 2) != w.users + 2)
    return {};
  told of[2];
  for (int turn = 0; turn < 6; ++turn) {
    for (std::uint32_t i = 1; turn % 2 == 1 && i <= 2; ++i)
      rt->ask(user_id{w.users + i}, 0, [](const result<slate>&) {});
    auto asked = one_by_one(*rt, w, std::min(seconds, 4.5));
    auto& all = of[turn % 2];
    all.ok += asked.ok;
    all.refused += asked.refused;
    all.others += asked.others;
    all.seconds += asked.seconds;
    all.latency_ms.insert(all.latency_ms.end(), asked.latency_ms.begin(), asked.latency_ms.end());
    if (turn % 2 == 1)
      std::this_thread::sleep_for(std::chrono::milliseconds{5'500} - std::chrono::milliseconds{static_cast<int>(1e3 * asked.seconds)});
  }
  json out{{"quiet", latency(of[0])}, {"blocked", latency(of[1])}};
  out["p99_ratio"] = quantile(of[1].latency_ms, 0.99) / quantile(of[0].latency_ms, 0.99);
  return out;
}

json many_users(const world& w, double seconds) {
  json out{{"users", w.users}, {"creations", w.creations}, {"dim", w.dim}};
  auto rt = started(deployment_of(w), w);
  if (!rt)
    return out;
  const auto before = resident_bytes();
  auto at = bench_clock::now();
  out["added"] = add_users(*rt, 1, w.users);
  out["added_per_second"] = w.users / seconds_since(at);
  out["bytes_per_user"] = static_cast<double>(resident_bytes() - std::min(before, resident_bytes())) / w.users;
  auto asked = one_by_one(*rt, w, seconds);
  out["ask"] = latency(asked);
  std::vector<double> adding;
  std::uint64_t refused = 0;
  for (std::uint64_t i = 0; i < 20; ++i) {
    std::vector<float> e(w.dim, 0.0f);
    e[i % w.dim] = i % 2 == 0 ? 1.0f : -1.0f;
    at = bench_clock::now();
    refused += !rt->add_goal({.goal = goal_id{1'000'000 + i}, .owner = owner_id{1'000'000 + i}, .subspace = "things", .grounded = std::move(e), .content = i});
    adding.push_back(1e3 * seconds_since(at));
  }
  out["add_goal_ms_p50"] = quantile(adding, 0.5);
  out["add_goal_ms_max"] = quantile(adding, 1);
  out["add_goal_refused"] = refused;
  at = bench_clock::now();
  out["stop_code"] = std::string(name_of(rt->stop()));
  out["stop_seconds"] = seconds_since(at);
  return out;
}

} // namespace

int main(int argc, char** argv) {
  world w;
  std::uint32_t callers = 8, starts = 200;
  double seconds = 5;
  bool wide = false;
  CLI::App app{"What a host can rely on under load: prints JSON"};
  app.add_option("--users", w.users, "1,000,000 in the long form")->capture_default_str();
  app.add_option("--creations", w.creations)->capture_default_str();
  app.add_option("--dim", w.dim)->capture_default_str();
  app.add_option("--callers", callers, "threads that spin")->capture_default_str();
  app.add_option("--starts", starts, "starts and stops")->capture_default_str();
  app.add_option("--seconds", seconds, "of each load")->capture_default_str();
  app.add_flag("--wide", wide, "the overload at d = 512, too");
  CLI11_PARSE(app, argc, argv);

  json out{{"cores", std::thread::hardware_concurrency()}, {"callers", callers}};
  for (std::uint32_t dim : wide ? std::vector<std::uint32_t>{w.dim, 512} : std::vector<std::uint32_t>{w.dim}) {
    const world some{.users = 2'000, .creations = w.creations, .dim = dim};
    auto rt = started(deployment_of(some), some);
    if (!rt || add_users(*rt, 1, some.users) != some.users)
      return 1;
    out["overload_d" + std::to_string(dim)] = overload(*rt, some, callers, seconds);
  }
  out["starts_and_stops"] = starts_and_stops(starts);
  out["moving_goals"] = moving_goals({.users = 10'000, .creations = 500, .dim = w.dim}, 2 * seconds);
  out["blocked_policy"] = blocked_policy({.users = 2'000, .creations = w.creations, .dim = w.dim}, seconds);
  out["many_users"] = many_users(w, seconds);
  std::cout << out.dump(2) << '\n';
}
