#include "actors/base/turn_clock.hpp"

#include <catch2/catch.hpp>

using namespace ammo;
using namespace std::chrono_literals;

namespace {

/// A machine whose thread works, or waits while others have its processor.
struct two_clocks final : time_source {
  [[nodiscard]] instant now() const noexcept override { return at; }
  [[nodiscard]] wall_time wall() const noexcept override { return {}; }
  [[nodiscard]] std::chrono::nanoseconds thread_time() const noexcept override {
    ++readings;
    return used;
  }
  void work(std::chrono::nanoseconds t) {
    at += t;
    used += t;
  }
  void wait(std::chrono::nanoseconds t) { at += t; }
  instant at{1h};
  std::chrono::nanoseconds used{};
  mutable int readings = 0;
};

} // namespace

TEST_CASE("a turn is as long by the processor as its thread worked, to a quarter of a millisecond", "[turn_clock]") {
  two_clocks time;
  turn_clock turns;
  turns.begin(time, time.at);
  time.work(4ms);
  time.wait(10ms);
  time.work(2ms);
  auto took = turns.end(time, 5ms);
  CHECK(took.wall == 16ms);
  CHECK(took.processor_at_most == 6ms);

  time.work(1ms);
  turns.begin(time, time.at); // what came between two turns is in neither
  time.work(200us);
  (void)turns.end(time, 5ms);
  turns.begin(time, time.at);
  time.work(6ms);
  took = turns.end(time, 5ms);
  CHECK(took.wall == 6ms);
  CHECK(took.processor_at_most == 6ms); // never more than by the wall
  time.wait(1ms);
  turns.begin(time, time.at);
  time.work(200us);
  turns.begin(time, time.at);
  time.wait(8ms);
  time.work(1ms);
  took = turns.end(time, 5ms);
  CHECK(took.wall == 9ms);
  CHECK(took.processor_at_most == 1200us); // the turn before is in it: too much by less than the grain
}

TEST_CASE("short turns hardly read the processor's time", "[turn_clock]") {
  two_clocks time;
  turn_clock turns;
  for (int i = 0; i < 1'000; ++i) {
    turns.begin(time, time.at);
    time.work(5us);
    CHECK(turns.end(time, 5ms).wall == 5us);
  }
  CHECK(time.readings == 20); // 5 ms in all
}

TEST_CASE("a turn isn't measured from another clock's reading", "[turn_clock]") {
  two_clocks one, other;
  other.used = 10s;
  turn_clock turns;
  turns.begin(other, other.at);
  turns.begin(one, one.at);
  one.work(7ms);
  CHECK(turns.end(one, 5ms).processor_at_most == 7ms);
  one.at -= 1min; // a clock that was set back
  turns.begin(one, one.at);
  one.work(7ms);
  one.wait(1ms);
  CHECK(turns.end(one, 5ms).processor_at_most == 7ms);
}
