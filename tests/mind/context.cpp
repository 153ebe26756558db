#include "actors/base/context.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <vector>

using namespace ammo;
using namespace std::chrono_literals;

TEST_CASE("virtual time stands still until it is advanced", "[context]") {
  virtual_time time;
  const auto begun = time.now();
  const auto date = time.wall();
  CHECK(time.now() == begun);
  time.advance(90min);
  CHECK(time.now() - begun == 90min);
  CHECK(time.wall() - date == 90min);
  CHECK(time.thread_time() == 0ns);
}

TEST_CASE("the machine's time goes on", "[context]") {
  const auto time = machine_time();
  const auto begun = time->now();
  const auto used = time->thread_time();
  while (time->thread_time() == used) {
  }
  CHECK(time->now() > begun);
  CHECK(time->wall().time_since_epoch() > 0s);
}

TEST_CASE("a log sink hears what it wants, as structured records", "[context][log]") {
  context ctx;
  ctx.note(log_level::error, "nobody_listens");
  std::vector<std::string> heard;
  auto time = std::make_shared<virtual_time>();
  ctx.time = time;
  time->advance(3s);
  ctx.log = log_sink{[&](const log_record& r) {
    CHECK(r.at.time_since_epoch() == 3s);
    heard.push_back(text_of(r));
  }};
  ctx.note(log_level::debug, "too_fine");
  ctx.note(log_level::warning, "buddy_restarted", {{"user", std::uint64_t{7}}, {"why", std::string_view("actor_failed")}, {"last", false}, {"share", 0.5}});
  ctx.note(log_level::info, "started");
  ctx.refused(&ctx, errc::not_live); // a detail
  CHECK(heard == std::vector<std::string>{"warning buddy_restarted user=7 why=actor_failed last=false share=0.5", "info started"});
  CHECK(ctx.count.refused(errc::not_live) == 1);

  ctx.log = log_sink{[&](const log_record& r) { heard.push_back(text_of(r)); }, log_level::debug};
  ctx.refused(&ctx, errc::not_live);
  CHECK(heard.back() == "debug refused code=not_live count=1");
  const trace_scope part_of(std::make_shared<const trace_context>(*trace_context::read("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")));
  ctx.refused(&ctx, errc::not_live);
  CHECK(heard.back() == "debug refused code=not_live count=1 trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7");
}

TEST_CASE("what a log sink throws reaches nobody", "[context][log]") {
  context ctx;
  int called = 0;
  ctx.log = log_sink{[&](const log_record&) {
    ++called;
    throw std::runtime_error("disk full");
  }};
  ctx.note(log_level::error, "failed");
  ctx.note(log_level::error, "failed");
  CHECK(called == 2);
}

TEST_CASE("where records go is no part of what a sink is equal to", "[context][log]") {
  CHECK(log_sink{} == log_sink{[](const log_record&) {}});
  CHECK_FALSE(log_sink{log_sink::callback{}}.wants(log_level::error)); // an empty callback is none
}
