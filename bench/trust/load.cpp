#include "bench/trust/load.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <iostream>
#include <mutex>
#include <random>

namespace ammo::bench {

namespace {

/// What callbacks of one caller have heard. Lives until the last one has come.
struct book {
  std::mutex guard;
  std::vector<double> latency_ms; // of what was ok
  std::vector<bench_clock::time_point> came;
  std::atomic<std::uint64_t> under_way{0}, refused{0}, others{0}; // a caller that is refused a million times a second holds no lock meanwhile

  void end(const result<slate>& answer, bench_clock::time_point asked) {
    if (answer) {
      const auto now = bench_clock::now();
      std::lock_guard lock(guard);
      latency_ms.push_back(1e3 * std::chrono::duration<double>(now - asked).count());
      came.push_back(now);
    } else {
      ++(answer.code() == errc::overloaded ? refused : others);
    }
    --under_way;
  }
};

void wait_for_all(const book& b) {
  const auto begun = bench_clock::now();
  while (b.under_way > 0 && seconds_since(begun) < 30)
    std::this_thread::yield();
}

user_id somebody(std::minstd_rand& g, const world& w) { return user_id{1 + g() % w.users}; }

/// Asks until the time is over, with at most so many under way (0: any number).
void ask_on(runtime& rt, const world& w, std::uint32_t seed, double seconds, std::uint64_t most, const std::shared_ptr<book>& b) {
  std::minstd_rand g(seed + 1);
  for (const auto begun = bench_clock::now(); seconds_since(begun) < seconds;) {
    if (most > 0 && b->under_way >= most) {
      std::this_thread::yield();
      continue;
    }
    const auto asked = bench_clock::now();
    ++b->under_way;
    rt.ask(somebody(g, w), 0, [b, asked](result<slate> answer) { b->end(answer, asked); });
  }
}

/// Asks now and then while others overload the runtime: how long a call takes that is refused at once, in microseconds.
std::vector<double> time_refusals(runtime& rt, const world& w, double seconds) {
  std::minstd_rand g(99);
  std::vector<double> out;
  for (const auto begun = bench_clock::now(); seconds_since(begun) < seconds && out.size() < 100'000;) {
    const auto who = somebody(g, w);
    const auto asked = bench_clock::now();
    auto answer = rt.ask(who, 0, use_future);
    const double took = 1e6 * seconds_since(asked);
    if (answer.wait_for(std::chrono::seconds{0}) == std::future_status::ready && answer.get().code() == errc::overloaded)
      out.push_back(took);
    else
      std::this_thread::sleep_for(std::chrono::microseconds{200});
  }
  return out;
}

/// Milliseconds of the longest time between `begun` and `ended` in which no answer came.
double longest_silence(std::vector<bench_clock::time_point> came, bench_clock::time_point begun, bench_clock::time_point ended) {
  std::erase_if(came, [ended](auto at) { return at > ended; });
  came.push_back(begun);
  came.push_back(ended);
  std::ranges::sort(came);
  double longest = 0;
  for (std::size_t i = 1; i < came.size(); ++i)
    longest = std::max(longest, 1e3 * std::chrono::duration<double>(came[i] - came[i - 1]).count());
  return longest;
}

told ask_from(runtime& rt, const world& w, std::uint32_t threads, double seconds, std::uint64_t most) {
  std::vector<std::shared_ptr<book>> books;
  std::vector<std::jthread> callers;
  const auto begun = bench_clock::now();
  for (std::uint32_t t = 0; t < threads; ++t) {
    books.push_back(std::make_shared<book>());
    callers.emplace_back([&rt, &w, t, seconds, most, b = books.back()] { ask_on(rt, w, t, seconds, most, b); });
  }
  callers.clear();
  const auto ended = bench_clock::now();
  told out;
  out.seconds = std::chrono::duration<double>(ended - begun).count();
  std::vector<bench_clock::time_point> came;
  for (const auto& b : books) {
    wait_for_all(*b);
    std::lock_guard lock(b->guard);
    out.refused += b->refused;
    out.others += b->others;
    out.latency_ms.insert(out.latency_ms.end(), b->latency_ms.begin(), b->latency_ms.end());
    came.insert(came.end(), b->came.begin(), b->came.end());
  }
  // What is answered only once the load is over is none of its goodput.
  out.ok = static_cast<std::uint64_t>(std::ranges::count_if(came, [ended](auto at) { return at <= ended; }));
  out.longest_silence_ms = longest_silence(std::move(came), begun, ended);
  return out;
}

} // namespace

double quantile(std::vector<double>& values, double share) {
  if (values.empty())
    return 0;
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

options deployment_of(const world& w) {
  options o;
  o.name = "trust";
  o.slots = w.slots;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "things", .width = w.dim});
  return o;
}

std::unique_ptr<runtime> started(const options& deployment, const world& w, host_policies host) {
  auto made = runtime::start(deployment, std::move(host));
  if (!made) {
    std::cerr << "trust: " << made.error().text() << '\n';
    return nullptr;
  }
  std::mt19937 g(7);
  std::normal_distribution<float> normal;
  std::vector<std::future<result<creation_receipt>>> offers;
  for (std::uint64_t i = 0; i < w.creations; ++i) {
    auto e = direction(g, normal, w.dim);
    offers.push_back((*made)->add_goal({.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "things", .grounded = std::move(e), .content = i}, use_future));
  }
  for (auto& o : offers)
    if (auto taken = o.get(); !taken) {
      std::cerr << "trust: " << taken.error().text() << '\n';
      return nullptr;
    }
  return std::move(*made);
}

std::uint64_t add_users(runtime& rt, std::uint64_t first, std::uint64_t count) {
  constexpr std::uint64_t together = 8'192;
  std::uint64_t added = 0;
  std::vector<std::future<result<void>>> waiting;
  for (std::uint64_t done = 0; done < count;) {
    waiting.clear();
    for (; done < count && waiting.size() < together; ++done)
      waiting.push_back(rt.add_user(user_id{first + done}, use_future));
    for (auto& w : waiting)
      added += w.get().code() == errc::ok;
  }
  return added;
}

told spin(runtime& rt, const world& w, std::uint32_t threads, double seconds) {
  std::vector<double> refusals;
  std::jthread beside([&] { refusals = time_refusals(rt, w, seconds); });
  auto out = ask_from(rt, w, threads, seconds, 0);
  beside.join();
  out.refusal_us = std::move(refusals);
  return out;
}

told answered_beside(runtime& rt, const world& w, std::uint32_t spinning, double seconds) {
  std::atomic<bool> over{false};
  std::vector<std::jthread> idle;
  for (std::uint32_t t = 0; t < spinning; ++t)
    idle.emplace_back([&over] {
      std::uint64_t turns = 0;
      while (!over.load(std::memory_order_relaxed))
        ++turns;
    });
  auto out = ask_from(rt, w, 2, seconds, 512);
  over = true;
  return out;
}

told one_by_one(runtime& rt, const world& w, double seconds, bool answers) {
  std::minstd_rand g(1);
  told out;
  const auto begun = bench_clock::now();
  while (seconds_since(begun) < seconds) {
    const auto who = somebody(g, w);
    const auto asked = bench_clock::now();
    if (const auto answer = rt.ask(who)) {
      ++out.ok;
      out.latency_ms.push_back(1e3 * seconds_since(asked));
      for (std::size_t i = 0; answers && i < answer->creations.size(); ++i)
        (void)rt.feedback(who, answer->creations[i].impression, answer->creations[i].content % 7 == raw(who) % 7 ? 1.0 : 0.0, use_future);
    } else if (answer.code() == errc::overloaded) {
      ++out.refused;
    } else {
      ++out.others;
    }
  }
  out.seconds = seconds_since(begun);
  return out;
}

} // namespace ammo::bench
