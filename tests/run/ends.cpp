/// A runtime ends while it is used: every call ends, and nothing else is harmed.
#include "ammo/runtime.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <future>
#include <memory>
#include <thread>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

options patient() {
  auto o = films();
  o.limits.request_timeout_ms = 60'000;
  o.limits.stop_wait_ms = 60'000;
  return o;
}

/// A runtime with films and one user.
std::unique_ptr<runtime> with_user(options o = patient()) {
  auto rt = started(std::move(o));
  add_films(*rt, 6);
  REQUIRE(rt->add_user(user_id{1}));
  return rt;
}

/// Calls of one form, from several threads.
struct calls {
  std::atomic<std::uint64_t> begun{0}, ended{0}, fine{0}, odd{0};
  void end(errc code) {
    fine += code == errc::ok;
    constexpr std::array expected{errc::ok, errc::stopped, errc::overloaded, errc::timed_out, errc::outcome_unknown, errc::duplicate_user};
    odd += std::ranges::find(expected, code) == expected.end();
    ++ended;
  }
};

} // namespace

TEST_CASE("a runtime stops under threads that never stop calling, and each of their calls ends once", "[runtime][ends]") {
  constexpr std::size_t threads = 16;
  std::array<calls, 3> of_form; // blocking, future, callback
  std::atomic<bool> enough{false}, stopped{false};
  auto o = patient();
  o.limits.requests_under_way = 256;
  auto rt = with_user(o);
  const auto add_somebody = [next = std::make_shared<std::atomic<std::uint64_t>>(0)] { return user_id{100 + (*next)++ % 200}; }; // no more people than the test needs
  const auto blocking = [&](calls& all) {
    for (errc code = errc::ok; code != errc::stopped && !enough; all.end(code)) {
      const auto n = ++all.begun;
      code = n % 4 == 0 ? rt->add_user(add_somebody()).code() : n % 4 == 1 ? rt->statistics().code()
                                                                           : rt->ask(user_id{1}).code();
    }
  };
  const auto with_futures = [&](calls& all) {
    for (bool over = false; !over && !enough;) {
      std::vector<std::future<result<slate>>> asked;
      std::vector<std::future<result<void>>> added;
      for (int i = 0; i < 4; ++i) {
        asked.push_back(rt->ask(user_id{1}, 0, use_future));
        added.push_back(rt->add_user(add_somebody(), use_future));
      }
      all.begun += asked.size() + added.size();
      const auto end = [&](errc code) {
        over = over || code == errc::stopped;
        all.end(code);
      };
      for (auto& a : asked)
        end(a.get().code());
      for (auto& a : added)
        end(a.get().code());
    }
  };
  const auto with_callbacks = [&](calls& all) {
    for (const auto over = std::make_shared<std::atomic<bool>>(false); !*over && !enough;) {
      const auto end = [&all, over](errc code) {
        if (code == errc::stopped)
          *over = true;
        all.end(code);
      };
      all.begun += 2;
      rt->ask(user_id{1}, 0, [end](const result<slate>& s) { end(s.code()); });
      rt->add_user(add_somebody(), [end](const result<void>& r) { end(r.code()); });
    }
  };
  std::vector<std::thread> hosts;
  for (std::size_t t = 0; t < threads; ++t)
    hosts.emplace_back([&, t] {
      if (t % 3 == 0)
        blocking(of_form[0]);
      else if (t % 3 == 1)
        with_futures(of_form[1]);
      else
        with_callbacks(of_form[2]);
    });
  CHECK(comes_true([&] { return of_form[0].fine >= 20 && of_form[1].fine >= 20 && of_form[2].fine >= 20; }));
  std::promise<errc> ended;
  std::thread stopper([&] {
    ended.set_value(rt->stop());
    stopped = true;
  });
  CHECK(comes_true([&] { return stopped.load(); }));
  enough = true; // where it didn't stop, its callers give way
  for (auto& h : hosts)
    h.join();
  stopper.join();
  CHECK(ended.get_future().get() == errc::ok);
  for (const auto& all : of_form) {
    CHECK(all.begun == all.ended);
    CHECK(all.odd == 0);
  }
  CHECK(rt->ask(user_id{1}).code() == errc::stopped);
}

TEST_CASE("of two runtimes in a process one ends, and the other goes on", "[runtime][ends]") {
  std::atomic<std::uint64_t> answered{0}, refused{0}, called_back{0}, called{0};
  std::atomic<bool> over{false};
  auto stays = with_user();
  std::vector<std::thread> hosts;
  for (int t = 0; t < 2; ++t)
    hosts.emplace_back([&] {
      while (!over) {
        const auto shown = stays->ask(user_id{1});
        ++(shown ? answered : refused);
        if (shown && !shown->creations.empty())
          refused += !stays->feedback(user_id{1}, shown->creations[0].impression, 0.5);
        ++called;
        stays->ask(user_id{1}, 0, [&](const result<slate>& s) { called_back += s.has_value(); });
        while (called_back < called && !over) // not faster than it answers
          std::this_thread::yield();
      }
    });
  for (int i = 0; i < 4; ++i) {
    auto goes = with_user();
    std::vector<std::future<result<slate>>> asked;
    for (int k = 0; k < 50; ++k)
      asked.push_back(goes->ask(user_id{1}, 0, use_future));
    if (i % 2 == 0) // else it is destroyed as it is
      CHECK(goes->stop() == errc::ok);
    goes.reset();
    for (auto& a : asked) {
      const auto s = a.get();
      CHECK((s || s.code() == errc::stopped));
    }
    const auto before = answered.load();
    CHECK(comes_true([&] { return answered > before + 10; }));
  }
  over = true;
  for (auto& h : hosts)
    h.join();
  CHECK(comes_true([&] { return called_back == called; }));
  CHECK(refused == 0);
  CHECK(stays->stop() == errc::ok);
}

TEST_CASE("a runtime that is destroyed waits for the callbacks under way", "[runtime][callbacks][ends]") {
  constexpr std::uint64_t callbacks = 40; // of which some run, and the others wait for a thread
  std::atomic<std::uint64_t> begun{0}, ended{0};
  auto rt = with_user();
  auto* of = rt.get();
  for (std::uint64_t i = 0; i < callbacks; ++i)
    rt->ask(user_id{1}, 0, [&, of](const result<slate>&) {
      ++begun;
      while (of->ask(user_id{1}).code() != errc::stopped) { // it has begun to end
      }
      ++ended;
    });
  REQUIRE(comes_true([&] { return begun > 0; }));
  rt.reset();
  CHECK(ended == callbacks);
}

TEST_CASE("a runtime that is destroyed leaves callbacks that don't return what they have", "[runtime][callbacks][ends]") {
  constexpr std::uint64_t callbacks = 40;
  struct held {
    std::promise<void> promise;
    std::shared_future<void> opened = promise.get_future().share();
    std::atomic<std::uint64_t> begun{0}, ended{0};
  };
  auto shared = std::make_shared<held>();
  auto o = patient();
  o.limits.stop_wait_ms = 20;
  auto rt = with_user(o);
  for (std::uint64_t i = 0; i < callbacks; ++i)
    rt->ask(user_id{1}, 0, [shared](const result<slate>&) {
      ++shared->begun;
      shared->opened.wait();
      ++shared->ended;
    });
  REQUIRE(comes_true([&] { return shared->begun > 0; }));
  rt.reset();
  CHECK(shared->ended == 0);
  shared->promise.set_value();
  CHECK(comes_true([&] { return shared->ended == callbacks; }));
  CHECK(comes_true([&] { return shared.use_count() == 1; }));
}
