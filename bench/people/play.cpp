#include "bench/people/play.hpp"

#include "actors/space/ball.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <numeric>

namespace people_bench {

using namespace ammo;

namespace {

/// A person at play, with what their host hasn't said yet.
struct seat {
  std::unique_ptr<player> who;
  std::vector<std::vector<std::pair<std::uint32_t, told_reward>>> due; ///< by round in which it is told: round, reward
  std::vector<double> gained; ///< by round: expected reward of the slate
  double regret = 0;
};

/// Adds what a block takes of this thread's processor.
class stopwatch {
public:
  explicit stopwatch(double& sum) : sum_(sum), from_(now()) {}
  stopwatch(const stopwatch&) = delete;
  stopwatch& operator=(const stopwatch&) = delete;
  ~stopwatch() { sum_ += now() - from_; }

private:
  static double now() {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
  }
  double& sum_;
  double from_;
};

/// Expected rewards of all contents.
std::vector<double> values(const subspace_of_people& s, std::span<const float> q, std::uint32_t round) {
  std::vector<double> v;
  for (const auto& e : s.rows)
    v.push_back(expected(s.where, ball::quick_dot(e, q), round));
  return v;
}

double best_of(const world& w, std::vector<double> v) {
  std::ranges::partial_sort(v, v.begin() + slots, std::ranges::greater{});
  double sum = 0;
  for (std::size_t k = 0; k < slots; ++k)
    sum += looked_at(w, k) * v[k];
  return sum;
}

void tell(const world& w, seat& at, std::uint32_t now, double& seconds) {
  if (now >= at.due.size())
    return;
  auto& due = at.due[now];
  for (auto first = due.begin(); first != due.end();) {
    const auto last = std::find_if(first, due.end(), [&](const auto& d) { return d.first != first->first; });
    std::vector<told_reward> told;
    for (auto d = first; d != last; ++d)
      told.push_back(d->second);
    {
      const stopwatch running(seconds);
      at.who->learn(first->first, situation(w, first->first), told);
    }
    first = last;
  }
  due = {};
}

} // namespace

played play(const subspace_of_people& s, std::size_t people, std::uint32_t period, const make_player& make) {
  const world& w = s.where;
  played result;
  double regret = 0; // of all people, so far
  std::vector<seat> seats(people);
  std::vector<std::vector<double>> still(people); // values that don't change
  std::vector<double> still_best(people);
  const bool changes = w.drifts != drift::none || w.situations > 1 || w.answers == response::heart;
  for (std::size_t p = 0; p < people; ++p) {
    seats[p].who = make(s, p);
    seats[p].due.resize(w.rounds + w.delay + w.spread + 1);
  }
  for (std::uint32_t t = 0; t < w.rounds; ++t) {
    if (period > 0 && t > 0 && t % period == 0) {
      const stopwatch running(result.seconds);
      pooled_sums sums;
      for (const seat& at : seats)
        sums += at.who->statistics();
      for (seat& at : seats)
        at.who->hear(sums);
    }
    for (std::size_t p = 0; p < people; ++p) {
      seat& at = seats[p];
      tell(w, at, t, result.seconds);
      std::vector<std::uint64_t> shown;
      {
        const stopwatch running(result.seconds);
        shown = at.who->choose(t, situation(w, t));
      }
      const auto q = preference(s, p, t);
      if (t == 0 || changes) {
        still[p] = values(s, q, t);
        still_best[p] = best_of(w, still[p]);
      }
      double got = 0;
      for (std::size_t k = 0; k < shown.size(); ++k) {
        got += looked_at(w, k) * still[p][shown[k]];
        const double u = ball::quick_dot(s.rows[shown[k]], q);
        std::uint32_t when = t + 1 + w.delay;
        if (w.delay > 0)
          when -= 1;
        if (w.spread > 0) {
          splitmix64 g = generator(s.seed, stream::baseline, p << 32 | shown[k], t);
          when += static_cast<std::uint32_t>(uniform01(g) * (w.spread + 1));
        }
        at.due[std::max(when, t + 1)].push_back({t, {shown[k], static_cast<std::uint32_t>(k), reward(s, p, t, shown[k], k, u)}});
      }
      at.gained.push_back(got);
      at.regret += still_best[p] - got;
      regret += still_best[p] - got;
    }
    const std::uint64_t stretches = std::min<std::uint64_t>(points, w.rounds);
    if ((t + 1) * stretches / w.rounds != t * stretches / w.rounds)
      result.curve.push_back(regret / static_cast<double>(people));
  }
  for (std::size_t p = 0; p < people; ++p) {
    result.regret.push_back(seats[p].regret);
    result.restarts.push_back(static_cast<double>(seats[p].who->restarts()));
    if (w.answers == response::heart) {
      const std::size_t change = w.rounds / 4;
      std::size_t t = change;
      for (; t + 10 <= w.rounds; ++t)
        if (std::accumulate(seats[p].gained.begin() + static_cast<std::ptrdiff_t>(t),
                            seats[p].gained.begin() + static_cast<std::ptrdiff_t>(t) + 10, 0.0) >= 0.85 * 10 * still_best[p])
          break;
      result.back.push_back(static_cast<double>(t - change));
    }
  }
  const auto worst = std::max_element(seats.begin(), seats.end(), [](auto& a, auto& b) { return a.regret < b.regret; });
  result.note = worst->who->note();
  return result;
}

} // namespace people_bench
