/// Calls on their way: the sender's router, the unit's answers, what waits during a move, and money.
#include "runtime/cluster/handover.hpp"
#include "runtime/cluster/router.hpp"
#include "runtime/cluster/running_totals.hpp"
#include "runtime/cluster/unit_calls.hpp"
#include "runtime/cluster/waiting_room.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace ammo;
using namespace ammo::cluster;
using namespace std::chrono_literals;
using store::unit_id;

namespace {

constexpr store::incarnation anna{1, 1}, bela{1, 2};
constexpr unit_id shard{3};

} // namespace

TEST_CASE("a call goes to the owner, and is repeated with back-off until its deadline", "[router]") {
  router r;
  r.on_claim({shard, anna, 1}, 0ms);
  REQUIRE(r.open({7, shard, 5'000ms, true}, 0ms));
  CHECK(r.open({7, shard, 5'000ms, true}, 0ms).code() == errc::key_reused);
  std::vector<std::chrono::milliseconds> sent;
  errc end = errc::ok;
  while (const auto at = r.next()) {
    const auto step = r.due(*at);
    for (const auto& s : step.send) {
      CHECK(s.to == anna);
      CHECK(s.attempt == sent.size() + 1);
      sent.push_back(*at);
    }
    for (const auto& e : step.end) {
      end = e.code;
      CHECK(*at == 5'000ms);
    }
  }
  CHECK(end == errc::outcome_unknown);
  REQUIRE(sent.size() >= 5);
  for (std::size_t i = 2; i < sent.size(); ++i) {
    CHECK(sent[i] - sent[i - 1] <= 1'000ms);
    CHECK(sent[i] - sent[i - 1] >= 125ms);
  }
  CHECK(r.size() == 0);
}

TEST_CASE("a call that nobody could be asked ends as timed out; so does one that changes nothing", "[router]") {
  router r;
  REQUIRE(r.open({7, shard, 1'000ms, true}, 0ms));
  for (auto now = 0ms; now < 1'000ms; now = *r.next()) {
    const auto looks = r.due(now);
    CHECK((looks.seek && looks.send.empty() && looks.end.empty()));
  }
  const auto step = r.due(1'000ms);
  CHECK_FALSE(step.seek);
  REQUIRE(step.end.size() == 1);
  CHECK(step.end[0].code == errc::timed_out);
  r.on_claim({shard, anna, 1}, 1'000ms);
  REQUIRE(r.open({8, shard, 2'000ms, false}, 1'000ms));
  CHECK(r.due(1'000ms).send.size() == 1);
  CHECK(r.due(2'000ms).end[0].code == errc::timed_out);
}

TEST_CASE("a call waits for an owner, and follows its unit at once", "[router]") {
  router r;
  REQUIRE(r.open({7, shard, 9'000ms, true}, 0ms));
  CHECK(r.due(0ms).send.empty());
  r.on_claim({shard, {}, 3}, 100ms); // free
  CHECK(r.due(100ms).send.empty());
  r.on_claim({shard, anna, 4}, 200ms);
  auto step = r.due(200ms);
  REQUIRE(step.send.size() == 1);
  CHECK(step.send[0].to == anna);
  r.on_away(7, 1, {shard, bela, 5}, 210ms); // Anna says: it went to Bela
  step = r.due(210ms);
  REQUIRE(step.send.size() == 1);
  CHECK(step.send[0].to == bela);
  r.on_away(7, 1, {shard, anna, 9}, 211ms); // a late copy of what was said of the first attempt
  CHECK(r.due(211ms).send.empty());
  r.on_claim({shard, anna, 4}, 212ms); // a row of before
  CHECK(r.due(212ms).send.empty());
  CHECK(r.on_answer(7));
  CHECK_FALSE(r.on_answer(7));
  CHECK_FALSE(r.next());
}

TEST_CASE("two nodes that send a call to each other don't make it run in circles", "[router]") {
  router r;
  r.on_claim({shard, anna, 4}, 0ms);
  REQUIRE(r.open({7, shard, 3'000ms, true}, 0ms));
  int sent = 0;
  for (auto now = 0ms; now < 3'000ms; ++now)
    for (const auto& s : r.due(now).send) {
      ++sent;
      r.on_away(7, s.attempt, {shard, s.to == anna ? bela : anna, 5}, now);
    }
  CHECK(sent < 20);
}

TEST_CASE("what was sent to a node that is lost is sent again", "[router]") {
  router r;
  r.on_claim({shard, anna, 4}, 0ms);
  REQUIRE(r.open({7, shard, 3'000ms, true}, 0ms));
  CHECK(r.due(0ms).send.size() == 1);
  r.on_lost(bela, 1ms);
  r.on_lost(anna, 1ms);
  auto step = r.due(11ms);
  CHECK((step.seek && step.send.empty())); // where is the unit now?
  r.on_claim({shard, anna, 4}, 12ms);      // a row from before
  CHECK(r.due(12ms).send.size() == 1);
  r.on_claim({shard, bela, 5}, 13ms);
  step = r.due(13ms);
  REQUIRE(step.send.size() == 1);
  CHECK(step.send[0].to == bela);
}

TEST_CASE("calls under way are bounded", "[router]") {
  router r({.most = 2});
  CHECK(r.open({1, shard, 9ms, true}, 0ms));
  CHECK(r.open({2, shard, 9ms, true}, 0ms));
  CHECK(r.open({3, shard, 9ms, true}, 0ms).code() == errc::overloaded);
  CHECK(r.due(9ms).end.size() == 2);
  CHECK(r.open({3, shard, 19ms, true}, 9ms));
}

namespace {

using calls_of_unit = unit_calls<std::string, store::incarnation>;
using arrival = calls_of_unit::arrival;
constexpr call_identity offer{1, 5}, other{1, 6};

} // namespace

TEST_CASE("a repeat counts once, and waits until the first one is durable", "[unit_calls]") {
  calls_of_unit u;
  CHECK(u.on_call(7, offer, anna, 0ms) == arrival::fresh);
  CHECK(u.on_call(7, offer, anna, 1ms) == arrival::waits); // being counted
  u.on_counted(7, "yes", 12, 2ms);
  CHECK(u.on_call(7, offer, bela, 3ms) == arrival::waits); // not durable
  CHECK_FALSE(u.answer_of(7));
  CHECK(u.on_durable(11).empty());
  const auto replies = u.on_durable(12);
  REQUIRE(replies.size() == 2);
  CHECK((replies[0].to == anna && replies[1].to == bela && replies[1].what == "yes"));
  CHECK(u.on_call(7, offer, anna, 4ms) == arrival::answered);
  CHECK(*u.answer_of(7) == "yes");
  CHECK(u.on_call(7, other, anna, 5ms) == arrival::key_reused);
  CHECK(u.on_durable(99).empty());
}

TEST_CASE("a call that came to nothing may be made again", "[unit_calls]") {
  calls_of_unit u;
  CHECK(u.on_call(7, offer, anna, 0ms) == arrival::fresh);
  u.on_refused(7);
  CHECK(u.on_call(7, offer, anna, 1ms) == arrival::fresh);
}

TEST_CASE("answers are kept for ten minutes, and none that is young goes for another's room", "[unit_calls]") {
  calls_of_unit u({.most = 3});
  for (std::uint64_t key = 1; key <= 3; ++key) {
    CHECK(u.on_call(key, offer, anna, 0ms) == arrival::fresh);
    u.on_counted(key, "yes", key, 0ms);
  }
  (void)u.on_durable(3);
  CHECK(u.on_call(4, offer, anna, 59s) == arrival::overloaded);
  CHECK(u.on_call(4, offer, anna, 61s) == arrival::fresh);
  u.on_counted(4, "yes", 4, 61s);
  (void)u.on_durable(4);
  CHECK(u.size() == 3);
  CHECK(u.on_call(1, offer, anna, 61s) == arrival::fresh); // it was the oldest
  u.on_refused(1);
  CHECK(u.on_call(2, offer, anna, 10min) == arrival::answered);
  CHECK(u.on_call(2, offer, anna, 10min + 1ms) == arrival::fresh);
}

TEST_CASE("answers go into the state and come back from it", "[unit_calls]") {
  calls_of_unit before, after;
  for (std::uint64_t key = 1; key <= 3; ++key) {
    (void)before.on_call(key, offer, anna, 0ms);
    before.on_counted(key, "answer " + std::to_string(key), key, 0ms);
  }
  before.each_answer([&](std::uint64_t key, const auto& e) { after.recover(key, e.call, *e.answer, 5s); });
  CHECK(after.on_call(2, offer, bela, 6s) == arrival::answered);
  CHECK(*after.answer_of(2) == "answer 2");
  CHECK(after.on_call(9, offer, bela, 6s) == arrival::fresh);
}

TEST_CASE("a unit moves in steps, and stays when its time is over before the release", "[handover]") {
  using stage = handover::stage;
  const store::claim what{shard, anna, 4};
  handover moves(what, bela, {}, 0ms);
  CHECK(moves.serves());
  CHECK_FALSE(moves.on_durable(99)); // the snapshot is being written
  moves.on_snapshot(true, 12, 500ms);
  CHECK((moves.at() == stage::flush && !moves.serves()));
  CHECK_FALSE(moves.on_durable(11));
  CHECK(moves.on_durable(12));
  CHECK_FALSE(moves.on_durable(12)); // once
  moves.on_time(1h);                 // no way back from here
  CHECK(moves.at() == stage::release);
  moves.on_released();
  CHECK((moves.at() == stage::passed && moves.to() == bela));

  handover slow(what, bela, {}, 0ms);
  slow.on_time(9'999ms);
  CHECK(slow.at() == stage::snapshot);
  slow.on_time(10'000ms);
  CHECK((slow.at() == stage::kept && slow.serves()));
  handover unflushed(what, bela, {}, 0ms);
  unflushed.on_snapshot(true, 12, 500ms);
  CHECK(unflushed.until() == 700ms);
  unflushed.on_time(700ms);
  CHECK(unflushed.at() == stage::kept);
  CHECK_FALSE(unflushed.on_durable(12));
  handover unwritten(what, bela, {}, 0ms);
  unwritten.on_snapshot(false, 12, 500ms);
  CHECK(unwritten.at() == stage::kept);
}

TEST_CASE("what waits is bounded by number and by time", "[handover]") {
  waiting_room<int> room(2, 100ms);
  CHECK(room.add(1, 0ms));
  CHECK(room.add(2, 50ms));
  CHECK_FALSE(room.add(3, 50ms));
  CHECK(room.expire(99ms).empty());
  CHECK(room.expire(100ms) == std::vector{1});
  CHECK(room.add(3, 100ms));
  CHECK(room.take_all() == std::vector{2, 3});
  CHECK(room.size() == 0);
}

TEST_CASE("totals are said of durable frames and booked as differences, once", "[money]") {
  constexpr goal_id coin{1}, chain{2};
  running_totals spends(shard, 4, {{coin, 100}}, 0);
  CHECK(spends.unbooked()); // whatever the ledger knows of the terms before
  totals_book ledger;
  CHECK(*ledger.on_totals(spends.totals()) == amounts{{coin, 100}});
  spends.on_booked(ledger.booked(shard));
  CHECK_FALSE(spends.unbooked());
  spends.on_spent(coin, 5, 11);
  spends.on_spent(chain, 7, 12);
  CHECK_FALSE(spends.unbooked()); // not durable
  CHECK(spends.spent() == amounts{{coin, 105}, {chain, 7}});
  spends.on_durable(11);
  const auto first = spends.totals();
  spends.on_durable(12);
  const auto second = spends.totals();
  CHECK(*ledger.on_totals(second) == amounts{{coin, 5}, {chain, 7}});
  CHECK(ledger.on_totals(second)->empty()); // twice
  CHECK(ledger.on_totals(first)->empty());  // late
  // The next owner has read all of it back; what the one before still says is dropped.
  running_totals next(shard, 5, spends.spent(), 0);
  CHECK(ledger.on_totals(next.totals())->empty());
  CHECK(ledger.booked(shard) == store::position{5, 0});
  CHECK(ledger.on_totals({shard, {4, 99}, {{coin, 999}, {chain, 7}}})->empty());
  // A unit that says less than before has lost what was acknowledged: nothing is booked.
  CHECK(ledger.on_totals({shard, {5, 1}, {{coin, 104}, {chain, 8}}}).code() == errc::bad_value);
  CHECK(ledger.on_totals({shard, {5, 1}, {{coin, 105}}}).code() == errc::bad_value);
  CHECK(*ledger.on_totals({shard, {5, 1}, {{coin, 105}, {chain, 8}}}) == amounts{{chain, 1}});
}
