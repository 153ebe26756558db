/// Frames go into a node's log in blocks, in order, and each is acknowledged once it is durable.
#include "runtime/store/commit_queue.hpp"
#include "runtime/store/lease.hpp"
#include "runtime/store/log_writer.hpp"
#include "tests/store/backends.hpp"

#include <array>
#include <atomic>
#include <thread>

using namespace ammo;
using namespace ammo::store;
using namespace ammo::test;
using namespace std::chrono_literals;

namespace {

constexpr incarnation me{7, 1};

std::vector<std::string> frames_of(const block& b, result<void>* said = nullptr) {
  std::vector<std::string> all;
  const auto done = each_frame(b, [&](std::uint64_t place, std::span<const std::byte> frame) {
    CHECK(place == b.first + all.size());
    all.emplace_back(reinterpret_cast<const char*>(frame.data()), frame.size());
  });
  if (said)
    *said = done;
  return all;
}

/// A store whose appends fail as they are told: before they happen, or after.
struct failing final {
  std::atomic<int> before{0}, after{0};
};

} // namespace

TEST_CASE("Frames share a block until one waits too long, or the block is full", "[store]") {
  commit_queue q({5ms, 100, 150, 250});
  CHECK_FALSE(q.due());
  CHECK(q.add(bytes_of("one"), 10ms).value() == 1);
  CHECK(q.add(bytes_of(""), 12ms).value() == 2);
  CHECK(q.due() == 15ms);
  const block first = q.begin();
  CHECK(first.first == 1);
  CHECK(frames_of(first) == std::vector<std::string>{"one", ""});
  CHECK_FALSE(q.due()); // one block at a time
  CHECK(q.add(bytes_of(std::string(96, 'x')), 13ms).value() == 3);
  CHECK(q.durable() == 0);
  q.on_durable();
  CHECK(q.durable() == 2);
  CHECK(q.due() == 13ms); // full: it goes at once
  CHECK(q.add(bytes_of(std::string(100, 'y')), 14ms).value() == 4);
  CHECK(q.add(bytes_of(std::string(100, 'z')), 14ms).code() == errc::store_unavailable);
  CHECK(q.queued() == 4); // what is refused has no place
  CHECK(frames_of(q.begin()) == std::vector<std::string>{std::string(96, 'x')}); // both would be too much for one
  q.on_durable();
  CHECK(q.durable() == 3);
  CHECK(q.due() == 13ms); // what was left has waited
  CHECK(frames_of(q.begin()).size() == 1);
  q.on_durable();
  CHECK(q.durable() == 4);
  CHECK(q.waiting_bytes() == 0);
}

TEST_CASE("A block without an answer is the same one when it is looked for", "[store]") {
  commit_queue q({});
  REQUIRE(q.add(bytes_of("mine"), 0ms));
  const block out = q.begin();
  CHECK_FALSE(q.is_out(std::nullopt));
  block other = sealed(1, 1, bytes_of("another"));
  CHECK_FALSE(q.is_out(other));
  block same = out;
  same.data.clear(); // as `block_at` tells it
  CHECK(q.is_out(same));
  q.on_fenced();
  CHECK(q.add(bytes_of("late"), 0ms).code() == errc::stopped);
  CHECK_FALSE(q.due());
}

TEST_CASE("A block's lengths that don't fit are found", "[store]") {
  commit_queue q({});
  REQUIRE(q.add(bytes_of("one"), 0ms));
  REQUIRE(q.add(bytes_of("two"), 0ms));
  const block good = q.begin();
  result<void> said;
  for (std::size_t cut = 0; cut < good.data.size(); ++cut) {
    block b = good;
    b.data.resize(cut);
    CHECK(frames_of(b, &said).empty()); // all or nothing
    CHECK(said.code() == errc::state_damaged);
  }
  block longer = good;
  longer.data.push_back(std::byte{0});
  frames_of(longer, &said);
  CHECK(said.code() == errc::state_damaged);
  block vast = good;
  vast.data[3] = std::byte{0xff};
  frames_of(vast, &said);
  CHECK(said.code() == errc::state_damaged);
}

TEST_CASE("A lease ends for its holder before it ends for others", "[store]") {
  lease l(3000ms);
  CHECK_FALSE(l.holds(0ms));
  CHECK(l.next_beat(5ms) == 5ms);
  l.on_beat(100ms); // sent then; the store heard of it later, and counts 3,000 ms from there
  CHECK(l.holds(2799ms));
  CHECK_FALSE(l.holds(2800ms));
  CHECK(l.next_beat(200ms) == 1100ms);
  CHECK(l.next_beat(2000ms) == 2000ms);
  l.on_beat(1100ms);
  l.on_beat(600ms); // an answer that came late
  CHECK(l.holds(3799ms));
  CHECK_FALSE(l.holds(3800ms));
}

namespace {

class failing_appends final : public state_store {
public:
  failing_appends(std::unique_ptr<state_store> to, failing& how) : to_(std::move(to)), how_(how) {}
  result<verdict> append(incarnation of, const block& next) override {
    if (how_.before.fetch_sub(1) > 0)
      return {errc::store_unavailable, "before"};
    auto done = to_->append(of, next);
    if (how_.after.fetch_sub(1) > 0)
      return {errc::store_unavailable, "after"};
    return done;
  }
  result<std::optional<block>> block_at(incarnation of, std::uint64_t first) override { return to_->block_at(of, first); }
  result<void> lay_out(const state_layout& l) override { return to_->lay_out(l); }
  result<std::optional<state_layout>> layout() override { return to_->layout(); }
  result<verdict> enter(const node& who, std::chrono::milliseconds t) override { return to_->enter(who, t); }
  result<verdict> beat(incarnation of, std::chrono::milliseconds t) override { return to_->beat(of, t); }
  result<verdict> fence(incarnation of, bool gone) override { return to_->fence(of, gone); }
  result<verdict> forget(incarnation of) override { return to_->forget(of); }
  result<std::vector<node>> nodes() override { return to_->nodes(); }
  result<void> read(incarnation of, std::uint64_t a, std::uint64_t b, const std::function<void(const block&)>& f) override {
    return to_->read(of, a, b, f);
  }
  result<void> drop_blocks(incarnation of, std::uint64_t below) override { return to_->drop_blocks(of, below); }
  result<verdict> take(incarnation of, unit_id u, term_number t) override { return to_->take(of, u, t); }
  result<verdict> release(incarnation of, const block& b, unit_id u, term_number t) override { return to_->release(of, b, u, t); }
  result<std::vector<claim>> claims() override { return to_->claims(); }
  result<std::vector<segment>> segments(unit_id u) override { return to_->segments(u); }
  result<std::vector<segment>> segments() override { return to_->segments(); }
  result<void> drop_segments(unit_id u, term_number t) override { return to_->drop_segments(u, t); }
  result<void> write_piece(unit_id u, position p, std::uint32_t i, std::span<const std::byte> d) override {
    return to_->write_piece(u, p, i, d);
  }
  result<verdict> publish(incarnation of, const snapshot& s) override { return to_->publish(of, s); }
  result<std::vector<snapshot>> snapshots(unit_id u) override { return to_->snapshots(u); }
  result<bytes> read_piece(unit_id u, position p, std::uint32_t i) override { return to_->read_piece(u, p, i); }
  result<void> drop_snapshots(unit_id u, position p) override { return to_->drop_snapshots(u, p); }
  result<verdict> put_sleepers(incarnation of, unit_id u, term_number t, std::span<const sleeper> s) override {
    return to_->put_sleepers(of, u, t, s);
  }
  result<std::optional<sleeper>> read_sleeper(unit_id u, std::uint64_t user) override { return to_->read_sleeper(u, user); }
  result<std::vector<sleeper>> sleepers(unit_id u) override { return to_->sleepers(u); }
  result<verdict> drop_sleepers(incarnation of, unit_id u, term_number t, std::span<const std::uint64_t> s) override {
    return to_->drop_sleepers(of, u, t, s);
  }
  result<void> copy_row(const state_row& row) override { return to_->copy_row(row); }
  result<std::uint64_t> size() override { return to_->size(); }

private:
  std::unique_ptr<state_store> to_;
  failing& how_;
};

std::unique_ptr<state_store> failing_store(std::shared_ptr<memory_tables> tables, failing& how) {
  return std::make_unique<failing_appends>(open_memory(std::move(tables)), how);
}

} // namespace

TEST_CASE("What a log says is durable is in the store, once and in order, also where appends have no answer", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(0);
  auto tables = std::make_shared<memory_tables>(reading(clock));
  auto direct = open_memory(tables);
  REQUIRE(direct->lay_out({"coin:8", 1, 1}));
  REQUIRE(direct->enter({me, "", "", "", {}, 0, 0, false}, 1000s));

  failing how;
  std::vector<std::uint64_t> told;
  int unavailable = 0;
  {
    log_writer log(failing_store(tables, how), me, {200us, 400, 1000, 1 << 20},
                   {[&](std::uint64_t place) { told.push_back(place); }, [] { FAIL_CHECK("fenced"); }, [&](const failure&) { ++unavailable; }});
    how.before = 2;
    how.after = 2;
    std::vector<std::thread> callers;
    for (int c = 0; c < 4; ++c)
      callers.emplace_back([&, c] {
        for (int i = 0; i < 100; ++i)
          if (!log.add(bytes_of(std::to_string(c) + ":" + std::to_string(i))))
            FAIL_CHECK("refused");
      });
    for (auto& c : callers)
      c.join();
    REQUIRE(log.flush(60s));
    CHECK(log.durable() == 400);
    REQUIRE(log.add(bytes_of("0:100"))); // a second block at least
    REQUIRE(log.flush(60s));
  }
  CHECK(unavailable == 4);
  CHECK(std::ranges::is_sorted(told));
  CHECK(told.back() == 401);

  std::array<int, 4> next{};
  REQUIRE(direct->read(me, 1, 401, [&](const block& b) {
    for (const std::string& f : frames_of(b)) {
      const auto caller = static_cast<std::size_t>(f[0] - '0');
      CHECK(f == std::to_string(caller) + ":" + std::to_string(next[caller]++)); // each caller's in its order
    }
  }));
  CHECK(next == std::array<int, 4>{101, 100, 100, 100});
}

TEST_CASE("A log that is fenced says so and takes nothing more", "[store]") {
  auto clock = std::make_shared<std::chrono::milliseconds>(0);
  auto tables = std::make_shared<memory_tables>(reading(clock));
  auto direct = open_memory(tables);
  REQUIRE(direct->lay_out({"coin:8", 1, 1}));
  REQUIRE(direct->enter({me, "", "", "", {}, 0, 0, false}, 1000s));
  int fenced = 0;
  {
    log_writer log(open_memory(tables), me, {}, {[](std::uint64_t) {}, [&] { ++fenced; }, {}});
    REQUIRE(log.add(bytes_of("in time")));
    REQUIRE(log.flush(60s));
    REQUIRE(direct->fence(me, true).value() == verdict::done);
    REQUIRE(log.add(bytes_of("late")));
    CHECK_FALSE(log.flush(60s));
    CHECK(log.add(bytes_of("later")).code() == errc::stopped);
    CHECK(log.durable() == 1);
  }
  CHECK(fenced == 1);
}
