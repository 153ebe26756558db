/// Which turns of actors count as long.
#include "actors/protocol/body.hpp"
#include "tests/actor/fixture.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

using namespace ammo;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

struct two_clocks final : time_source {
  [[nodiscard]] instant now() const noexcept override { return instant{at}; }
  [[nodiscard]] wall_time wall() const noexcept override { return {}; }
  [[nodiscard]] std::chrono::nanoseconds thread_time() const noexcept override { return used; }
  std::chrono::nanoseconds at{1h}, used{};
};

} // namespace

TEST_CASE("a turn that others took the processor from is long, and one that computes is heavy, too", "[actor][turns]") {
  auto time = std::make_shared<two_clocks>();
  body_context ctx;
  ctx.time = time;
  std::vector<std::string> told;
  ctx.log = {[&](const log_record& r) { told.push_back(text_of(r)); }, log_level::debug};
  const auto turn = [&](std::chrono::milliseconds wall, std::chrono::milliseconds processor) {
    auto what = [&] {
      time->at += wall;
      time->used += processor;
    };
    CHECK(ammo::detail::guarded(ctx, &ctx, {user(7)}, what));
  };
  turn(5ms, 5ms);
  CHECK(told.empty());
  turn(9ms, 1ms);
  CHECK(ctx.count.of(counter::long_turns) == 1);
  CHECK(ctx.count.of(counter::heavy_turns) == 0);
  turn(8ms, 6ms);
  CHECK(ctx.count.of(counter::long_turns) == 2);
  CHECK(ctx.count.of(counter::heavy_turns) == 1);
  CHECK(told == std::vector<std::string>{"debug long_turn part=user_buddy id=7 us=9000 processor_us=1000",
                                         "debug long_turn part=user_buddy id=7 us=8000 processor_us=6000"});
}
