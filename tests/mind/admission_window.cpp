#include "runtime/host/admission/admission_window.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

using namespace ammo;
using namespace std::chrono_literals;

namespace {

/// Calls wait in one queue, and so many are answered in a millisecond. Deadline: 5 s; target: 500 ms.
struct queue {
  explicit queue(std::uint32_t at_once = admission_window::burst) : window(65'536, 500ms, at_once) {}
  admission_window window;
  std::deque<std::chrono::milliseconds> made;
  std::chrono::milliseconds now{0};
  std::uint64_t in_time = 0, late = 0, refused = 0;

  /// A millisecond in which so many call, and so many can be answered.
  void pass(int calls, int answers) {
    ++now;
    for (int i = 0; i < calls; ++i)
      if (made.size() < window.open()) {
        window.on_call(static_cast<std::uint32_t>(made.size()), time_source::instant{now});
        made.push_back(now);
      } else {
        window.on_refusal();
        ++refused;
      }
    for (int i = 0; i < answers && !made.empty(); ++i) {
      const auto age = now - made.front();
      made.pop_front();
      ++(age < 5s ? in_time : late);
      window.on_answer(age, time_source::instant{now});
    }
  }
};

} // namespace

TEST_CASE("a flood of calls is refused until those that are accepted are answered in time", "[admission]") {
  queue q;
  for (int ms = 0; ms < 20'000; ++ms)
    q.pass(100, 5); // twenty times what can be answered
  CHECK(q.late == 0);
  CHECK(q.in_time == 5 * 20'000); // nothing is idle
  CHECK(q.refused > 1'000'000);
  CHECK(q.now - q.made.front() < 1s);
}

TEST_CASE("after a flood every call is accepted again, and answered at once", "[admission]") {
  queue q;
  for (int ms = 0; ms < 10'000; ++ms)
    q.pass(100, 5);
  for (int ms = 0; ms < 1'000; ++ms)
    q.pass(3, 5);
  const auto refused = q.refused;
  for (int ms = 0; ms < 3'000; ++ms)
    q.pass(3, 5);
  CHECK(q.refused == refused);
  CHECK(q.made.size() < 10);
}

TEST_CASE("a server that becomes faster is used again in full", "[admission]") {
  queue q;
  for (int ms = 0; ms < 10'000; ++ms)
    q.pass(2, 1);
  const auto before = q.in_time;
  for (int ms = 0; ms < 10'000; ++ms)
    q.pass(100, 50);
  CHECK(q.in_time - before > 50 * 9'500);
  CHECK(q.late == 0);
}

TEST_CASE("a burst that is answered soon closes nothing", "[admission]") {
  queue q;
  for (int burst = 0; burst < 20; ++burst) {
    q.pass(2'000, 5);
    for (int ms = 0; ms < 1'000; ++ms)
      q.pass(0, 5);
  }
  CHECK(q.refused == 0);
}

TEST_CASE("a flood that comes after a calm finds no door wider than a burst", "[admission]") {
  queue q;
  for (int ms = 0; ms < 5'000; ++ms)
    q.pass(50, 100);
  CHECK(q.refused == 0);
  q.pass(100'000, 5);
  CHECK(q.made.size() <= admission_window::burst + 50);
}

TEST_CASE("what costs much is let in in smaller bursts, and is answered in time", "[admission]") {
  CHECK(admission_window::burst_of(16 * 16, 500ms) == admission_window::burst);
  CHECK(admission_window::burst_of(1e9, 500ms) == admission_window::least);
  const auto wide = admission_window::burst_of(512 * 512, 500ms);
  CHECK(wide < 200);
  queue q(wide); // a slate of 512 coordinates takes its time, all the more beside other work
  q.pass(1'024, 0);
  for (int ms = 0; ms < 20'000; ++ms)
    q.pass(20, ms % 20 == 0);
  CHECK(q.late == 0);
  CHECK(q.in_time > 900);
}

TEST_CASE("a commit that takes its time is no queue", "[admission]") {
  for (const auto commit : {0ms, 900ms}) {
    admission_window window(65'536, 500ms, admission_window::burst, commit);
    std::deque<int> made;
    std::uint64_t refused = 0;
    for (int ms = 0; ms < 20'000; ++ms) { // 2 calls a millisecond, each answered after 900
      const time_source::instant now{std::chrono::milliseconds{ms}};
      for (int i = 0; i < 2; ++i)
        if (made.size() < window.open()) {
          window.on_call(static_cast<std::uint32_t>(made.size()), now);
          made.push_back(ms);
        } else {
          window.on_refusal();
          ++refused;
        }
      for (; !made.empty() && ms - made.front() >= 900; made.pop_front())
        window.on_answer(900ms, now);
    }
    CHECK((refused == 0) == (commit > 0ms));
  }
}

TEST_CASE("calls that nobody answers are not joined by more than a few", "[admission]") {
  queue q;
  q.pass(100, 0);
  for (int ms = 0; ms < 5'000; ++ms)
    q.pass(1, 0);
  CHECK(q.made.size() <= 200 + 100);
  CHECK(q.refused > 4'000);
}

TEST_CASE("a rate that comes in bursts keeps the window near its mean", "[admission]") {
  queue q; // half a second's worth of answers every half second
  std::uint32_t narrowest = 1'000'000, widest = 0;
  for (int ms = 0; ms < 30'000; ++ms) {
    q.pass(100, ms % 300 < 150 ? 20 : 0);
    if (ms > 10'000) {
      narrowest = std::min(narrowest, q.window.open());
      widest = std::max(widest, q.window.open());
    }
  }
  CHECK(narrowest > 1'500);
  CHECK(widest < 10'000);
  CHECK(q.late == 0);
}
