#include "runtime/simulation/game.hpp"

#include "actors/aipp/control_tally.hpp"
#include "actors/diagnosis/visibility.hpp"
#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/regret.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/system/configurations.hpp"
#include "runtime/system/gauges.hpp"
#include "runtime/writing/generators.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <functional>
#include <string>

namespace ammo {
namespace {

/// Whose User Buddies are asked what they have found out.
constexpr std::size_t people_asked = 256;

double value_of(const fixed_sum& s) { return sum_of(s).value(); }

/// The clock of a simulation, on the caller's thread: opens a period, has it played, closes it, and listens to the
/// broadcasts as any member of the groups does.
class clockwork {
public:
  clockwork(const options& deployment, const scenario& players, actor_graph& w)
    : deployment_(deployment), players_(players), graph_(w), self_(w.system()), snapshots_(players.contents.size()) {
    routes().open(the_clock, caf::actor_cast<caf::actor>(self_));
    each_counting(w.shards(), w.subspaces(), w.evolves(), [this](address a) { self_->monitor(routes().find(a)); });
  }
  clockwork(const clockwork&) = delete;
  clockwork& operator=(const clockwork&) = delete;
  ~clockwork() { routes().close(the_clock); }

  result<game_result> run(const period_callback& tell) {
    admit_everyone();
    auto all = deployment_.simulation.rounds;
    std::uint32_t done = 0;
    if (auto opened = open(1); !opened)
      return opened.error();
    out_.handled_setup = graph_.context()->count.of(counter::handled);
    auto begun = graph_.context()->time->now();
    for (std::uint64_t period = 1; done < all; ++period) {
      auto rounds = std::min(deployment_.simulation.rounds_per_epoch, all - done);
      auto played = play_period(period, rounds, done + rounds > all - tenth());
      if (!played)
        return played.error();
      done += rounds;
      if (tell && !tell(done, *played))
        return {errc::cancelled, "after " + std::to_string(done) + " rounds"};
      if (done < all)
        if (auto opened = open(period + 1); !opened)
          return opened.error();
    }
    out_.seconds = std::chrono::duration<double>(graph_.context()->time->now() - begun).count();
    if (auto counted = count(); !counted)
      return counted.error();
    if (auto asked = ask_what_evolved(); !asked)
      return asked.error();
    if (auto asked = ask_what_was_found(); !asked)
      return asked.error();
    summarise();
    return std::move(out_);
  }

private:
  [[nodiscard]] std::uint32_t tenth() const { return std::max(1u, deployment_.simulation.rounds / 10); }

  [[nodiscard]] ammo::routes& routes() { return graph_.context()->routes; }

  template <role To, class Message>
  void send(address_of<To> to, Message m) {
    send_as(the_clock, *graph_.context(), to, std::move(m));
  }
  /// To each actor of a role, in order.
  template <role To, class Message>
  void send_all(std::uint32_t n, const Message& m) {
    for (std::uint32_t i = 0; i < n; ++i)
      send(address_of<To>(i), m);
  }

  void admit_everyone() {
    send_all<role::subspace>(graph_.subspaces(), join{user_id{~std::uint64_t{0}}}); // the clock listens, too
    for (const auto& [user, who] : players_.people)
      send(the_supervisor, admit_user{user, 0});
    for (const auto& goal : players_.goals)
      send(the_supervisor, goal);
    // Answered after all admissions: from here on, everyone is a member.
    send(the_supervisor, statistics_request{});
    supervisor_counts_ = true;
  }

  /// Handles messages until `awaited` have come, or the period's time is over.
  result<void> receive_until(std::size_t& awaited, const char* what) {
    auto deadline = graph_.context()->time->now() + std::chrono::milliseconds{deployment_.limits.epoch_timeout_ms};
    bool late = false, failed = false;
    while (awaited > 0 && !late && !failed) {
      auto left = std::max(time_source::instant::duration{0}, deadline - graph_.context()->time->now());
      self_->receive(
        heard<role::clock>(on<period_opened>([&](const period_opened& m) { out_.creations += m.live; --awaited; })),
        heard<role::clock>(on<period_played>([&](const period_played& m) { hear(m); --awaited; })),
        heard<role::clock>(on<period_closed>([&](const period_closed&) { --awaited; })),
        heard<role::clock>(on<statistics>([&](const statistics& m) { hear(m); --awaited; })),
        heard<role::clock>(on<strain_news>([&](const strain_news&) { --awaited; })),
        heard<role::clock>(on<people_news>([&](const people_news&) { --awaited; })),
        heard<role::clock>(on<evolution_report>([&](evolution_report& m) { out_.evolved = std::move(m); --awaited; })),
        heard<role::clock>(on<belief>([&](belief& m) { out_.found[m.request - 1] = std::move(m.rewards); --awaited; })),
        heard<role::clock>(on<catalogue_news>([&](const catalogue_news& m) { snapshots_[raw(m.snapshot->subspace())] = m.snapshot; })),
        heard<role::clock>(on<regret_feedback>([&](const regret_feedback& m) { hear(m); })),
        [&](const caf::down_msg&) { failed = true; },
        caf::after(std::chrono::duration_cast<std::chrono::milliseconds>(left) + std::chrono::milliseconds{1}) >> [&] { late = true; });
    }
    if (failed)
      return {errc::actor_failed, what};
    if (late)
      return {errc::timed_out, std::string(what) + " took more than " + std::to_string(deployment_.limits.epoch_timeout_ms) +
                                 " ms (limits.epoch_timeout_ms); still missing: " + std::to_string(awaited)};
    return {};
  }

  result<void> open(std::uint64_t period) {
    out_.creations = 0;
    if (std::exchange(supervisor_counts_, false)) {
      std::size_t answers = 1;
      if (auto admitted = receive_until(answers, "taking everyone in"); !admitted)
        return admitted;
    }
    send_all<role::subspace>(graph_.subspaces(), period_open{period});
    std::size_t awaited = graph_.subspaces();
    return receive_until(awaited, "opening a period");
  }

  /// Returns the period's mean slate regret a round.
  result<double> play_period(std::uint64_t period, std::uint32_t rounds, bool in_last_tenth) {
    first_round_ = stated_.size();
    stated_.resize(first_round_ + rounds);
    slate_.resize(first_round_ + rounds);
    in_last_tenth_ = in_last_tenth;
    clock_tick tick{period, rounds};
    send_all<role::aipp>(graph_.shards(), tick);
    send_all<role::metaspace>(graph_.shards(), tick);
    std::size_t awaited = graph_.shards();
    if (auto played = receive_until(awaited, "playing a period"); !played)
      return played.error();
    send_all<role::metaspace>(graph_.shards(), period_close{period});
    awaited = graph_.subspaces();
    if (auto closed = receive_until(awaited, "closing a period"); !closed)
      return closed.error();
    note_market(rounds);
    if (auto evolved = evolve(period); !evolved)
      return evolved.error();
    if (auto pooled = pool(period); !pooled)
      return pooled.error();
    double sum = 0;
    for (std::size_t r = first_round_; r < slate_.size(); ++r)
      sum += value_of(slate_[r]);
    return sum / std::max(1.0, static_cast<double>(rounds) * static_cast<double>(players_.people.size()));
  }

  /// Ends a generation where one is due. Everyone has reported by now, and will hear of the next before the next period.
  result<void> evolve(std::uint64_t period) {
    if (!graph_.evolves() || period % deployment_.evolution.generation_epochs != 0)
      return {};
    send(the_evolution, period_close{period});
    std::size_t awaited = 1;
    return receive_until(awaited, "ending a generation");
  }

  /// User Buddies hear what people's rewards are like: after the first period, and the less often the later it is.
  result<void> pool(std::uint64_t period) {
    if (!graph_.pools() || !(std::has_single_bit(period) || period % 64 == 0))
      return {};
    send(the_population, period_close{period});
    std::size_t awaited = 1;
    return receive_until(awaited, "pooling what rewards are like");
  }

  result<void> ask_what_evolved() {
    if (!graph_.evolves())
      return {};
    send(the_evolution, evolution_request{});
    std::size_t awaited = 1;
    return receive_until(awaited, "asking what has evolved");
  }

  /// Of people's rewards, by User Buddies of as many people as tell the means.
  result<void> ask_what_was_found() {
    const auto step = std::max<std::size_t>(1, players_.people.size() / people_asked);
    std::size_t awaited = 0;
    for (std::size_t i = 0; i < players_.people.size() && awaited < people_asked; i += step)
      send(address_of<role::user_buddy>(players_.people[i].first), belief_request{players_.people[i].first, ++awaited});
    out_.found.resize(awaited);
    return receive_until(awaited, "asking what was found out");
  }

  void hear(const period_played& m) {
    for (std::size_t r = 0; r < m.slate.size() && first_round_ + r < slate_.size(); ++r) {
      add(stated_[first_round_ + r], m.stated[r]);
      add(slate_[first_round_ + r], m.slate[r]);
    }
    if (in_last_tenth_) {
      out_.played.hits += m.hits;
      out_.played.hit_slates += m.hit_slates;
    }
  }

  void hear(const regret_feedback& m) {
    heard_.push_back(m);
    const auto& snapshot = snapshots_[raw(m.subspace)];
    if (!snapshot)
      return;
    for (const auto& x : m.exposures)
      if (const auto* info = snapshot->find(x.creation)) {
        auto& sum = out_.exposures[info->content];
        sum.creation = x.creation;
        sum.impressions += x.impressions;
        add(sum.engagement, x.engagement);
      }
  }

  /// The period's market, from what the Subspaces broadcast at its end.
  void note_market(std::uint32_t rounds) {
    const double slates = static_cast<double>(rounds) * static_cast<double>(players_.people.size());
    const bool by_merit = rewards_of(deployment_) == reward_rule::backward;
    std::vector<double> shares, utilities(players_.goals.size());
    exact_sum rewards;
    std::vector<float> e;
    for (const auto& f : std::exchange(heard_, {})) {
      const auto& live = snapshots_[raw(f.subspace)];
      for (const auto& x : f.exposures)
        rewards.add(sum_of(x.engagement));
      e.resize(live ? live->coordinates().width : 0);
      for (std::uint32_t row = 0; live && row < live->rows(); ++row) {
        const auto& info = live->info(row);
        if (info.id == no_creation)
          continue;
        const auto* x = exposure_of(f.exposures, info.id);
        shares.push_back(x ? static_cast<double>(x->impressions) : 0);
        live->embedding(row, e);
        utilities[raw(info.goal)] += (x ? attention_in(*x, by_merit) : 0) / slates - deployment_.goal.lambda *
                                                                                       ball::half_squared_distance(e, players_.goals[raw(info.goal)].grounded.values);
      }
    }
    out_.creators.resize(utilities.size());
    std::ranges::transform(out_.creators, utilities, out_.creators.begin(), std::plus{});
    out_.played.market.push_back({gini(shares), shares.empty() ? 0 : top_share(shares), rewards.value() / slates,
                                  welfare_of(utilities).mean});
  }

  void hear(const statistics& m) {
    add(held_, m);
    add(out_.compared, m.compared);
    out_.broadcast_turn_ns_max = std::max(out_.broadcast_turn_ns_max, m.broadcast_turn_ns_max);
  }

  result<void> count() {
    out_.handled = graph_.context()->count.of(counter::handled);
    held_ = {}; // the Supervisor has answered before, when it had taken everyone in
    std::size_t counting = 0;
    each_counting(graph_.shards(), graph_.subspaces(), graph_.evolves(), [&](auto who) {
      send(who, statistics_request{});
      ++counting;
    });
    auto awaited = counting;
    if (auto counted = receive_until(awaited, "counting"); !counted)
      return counted;
    // Who has answered has sent on whatever came before the question; question and answer are no part of the game.
    const auto& all = graph_.context()->count;
    out_.messages = all.of(counter::sent) - 2 * counting;
    for (std::size_t i = 0; i < static_cast<std::size_t>(errc::end_); ++i)
      if (const auto n = all.refused(static_cast<errc>(i)))
        out_.refused.push_back({static_cast<errc>(i), n});
    out_.slots_granted = all.of(counter::slots_granted);
    out_.budget_granted_micros = static_cast<std::int64_t>(value_of(held_, counter::budget_granted_micros));
    out_.budget_spent_micros = static_cast<std::int64_t>(value_of(held_, counter::budget_spent_micros));
    out_.counters = readings(all, held_);
    return {};
  }

  void summarise() {
    for (double& u : out_.creators)
      u /= static_cast<double>(out_.played.market.size());
    auto people = std::max(1.0, static_cast<double>(players_.people.size()));
    auto& p = out_.played;
    p.policy = deployment_.user.policy;
    for (std::size_t r = 0; r < slate_.size(); ++r) {
      p.slate_by_round.push_back(value_of(slate_[r]) / people);
      p.stated_by_round.push_back(value_of(stated_[r]) / people);
      p.slate += p.slate_by_round.back();
      p.stated += p.stated_by_round.back();
      if (r < tenth())
        p.slate_first_tenth += p.slate_by_round.back();
      if (r + tenth() >= slate_.size())
        p.slate_last_tenth += p.slate_by_round.back();
    }
  }

  const options& deployment_;
  const scenario& players_;
  actor_graph& graph_;
  caf::scoped_actor self_;
  std::vector<std::shared_ptr<const catalogue_version>> snapshots_;
  std::vector<regret_feedback> heard_;    ///< in this period
  std::vector<fixed_sum> stated_, slate_; ///< by round, summed over people
  gauge_values held_{};
  std::size_t first_round_ = 0;
  bool in_last_tenth_ = false, supervisor_counts_ = false;
  game_result out_;
};

} // namespace

result<game_result> play(const options& deployment, const scenario& players, const period_callback& tell,
                         const host_policies& host, const creator_policy_maker& creators) {
  auto made = actor_graph::make(deployment,
                                {.users = host, .creators = creators, .writers = [&](std::function<void(errc)> noted) {
                                   return generators_of(deployment, senses_of(players.contents), std::move(noted));
                                 }});
  if (!made)
    return made.error();
  auto& w = **made;
  w.start({.clocked = true, .push = false, .host = {}, .people = players.people});
  return clockwork(deployment, players, w).run(tell);
}

} // namespace ammo
