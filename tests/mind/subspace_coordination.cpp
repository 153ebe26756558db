#include "actors/subspace/attention_book.hpp"
#include "actors/subspace/period_mind.hpp"
#include "actors/subspace/publication_mind.hpp"
#include "tests/support/disorder.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <set>
#include <tuple>
#include <variant>

using namespace ammo;
using ammo::test::disordered;

namespace {

creation_verdict verdict_on(std::uint64_t goal, std::uint64_t key, errc code = errc::ok) {
  creation_verdict v;
  v.goal = goal_id{goal};
  v.key = key;
  v.code = code;
  return v;
}
creation_offer offer(std::uint64_t goal, std::uint64_t key, std::uint64_t period) {
  creation_offer o;
  o.goal = goal_id{goal};
  o.key = key;
  o.period = period;
  return o;
}
creation_pass pass(std::uint64_t goal, std::uint64_t period) { return {goal_id{goal}, period}; }
offerer of_goal(std::uint64_t goal) { return address_of<role::goal_buddy>{goal_id{goal}}; }

std::vector<std::uint64_t> keys(const std::vector<addressed_verdict>& all) {
  std::vector<std::uint64_t> out;
  for (const auto& a : all)
    out.push_back(a.verdict.key);
  return out;
}

} // namespace

TEST_CASE("a good verdict waits until everyone has been sent its version, a refusal doesn't", "[subspace][coordination]") {
  publication_mind p;
  auto step = p.on_verdict(of_goal(1), verdict_on(1, 1));
  CHECK((step.schedule && !step.publish && step.answers.empty()));
  step = p.on_verdict(of_goal(2), verdict_on(2, 2));
  CHECK((!step.schedule && step.answers.empty())); // shares the version
  step = p.on_verdict(of_goal(3), verdict_on(3, 3, errc::budget_exceeded));
  CHECK((!step.schedule && keys(step.answers) == std::vector<std::uint64_t>{3}));
  CHECK(p.on_sent().answers.empty()); // nothing is being sent
  step = p.on_due();
  CHECK((step.publish && step.answers.empty()));
  step = p.on_due(); // twice
  CHECK_FALSE(step.publish);
  step = p.on_verdict(of_goal(4), verdict_on(4, 4)); // too late for that version
  CHECK_FALSE(step.schedule);
  step = p.on_sent();
  CHECK(keys(step.answers) == std::vector<std::uint64_t>{1, 2});
  CHECK(step.answers.front().to == of_goal(1));
  CHECK(step.schedule);
  CHECK(p.waiting() == 1);
  CHECK(p.on_due().publish);
  step = p.on_sent();
  CHECK(keys(step.answers) == std::vector<std::uint64_t>{4});
  CHECK_FALSE(step.schedule);
  CHECK(p.waiting() == 0);
}

TEST_CASE("a version that is sent anew has all verdicts that wait, and the broadcast before it releases none", "[subspace][coordination]") {
  publication_mind p;
  (void)p.on_verdict(of_goal(1), verdict_on(1, 1));
  CHECK(p.on_due().publish);
  const auto first = p.broadcasts();
  (void)p.on_verdict(of_goal(2), verdict_on(2, 2)); // for the version after that
  CHECK(p.anew().publish);
  CHECK(p.on_sent(first).answers.empty());
  (void)p.on_verdict(of_goal(3), verdict_on(3, 3));
  auto step = p.on_sent();
  CHECK(keys(step.answers) == std::vector<std::uint64_t>{1, 2});
  CHECK(step.schedule);
  CHECK(p.on_sent().answers.empty());
  CHECK(p.on_due().publish);
  CHECK(keys(p.on_sent().answers) == std::vector<std::uint64_t>{3});
}

TEST_CASE("whatever timers and broadcasts do, each verdict goes out once, after a version that has it", "[subspace][coordination]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    splitmix64 g(seed);
    publication_mind p;
    std::set<std::uint64_t> live, next; // keys in the version that was sent, and in the one that is being sent
    std::set<std::uint64_t> asked, answered;
    bool timer = false, sending = false;
    std::uint64_t key = 0;
    const auto follow = [&](publication_mind::step s) {
      for (const auto& a : s.answers) {
        REQUIRE(answered.insert(a.verdict.key).second);
        REQUIRE((a.verdict.code != errc::ok || live.contains(a.verdict.key)));
      }
      if (s.publish) {
        REQUIRE_FALSE(sending);
        sending = true;
        next = asked;
      }
      if (s.schedule) {
        REQUIRE_FALSE(timer);
        timer = true;
      }
    };
    const auto turn = [&](std::uint64_t what) {
      if (what == 0) {
        asked.insert(++key);
        follow(p.on_verdict(of_goal(key), verdict_on(key, key, g() % 5 ? errc::ok : errc::not_owner)));
      } else if (what == 1) {
        timer = false; // it may come unasked, too
        follow(p.on_due());
      } else {
        if (std::exchange(sending, false))
          live = next;
        follow(p.on_sent());
      }
    };
    for (int i = 0; i < 200; ++i)
      turn(g() % 3);
    for (int i = 0; i < 3; ++i) {
      turn(1);
      turn(2);
    }
    REQUIRE(answered == asked);
    REQUIRE(p.waiting() == 0);
  }
}

TEST_CASE("a period opens once every Goal Buddy has answered the broadcast before it", "[subspace][coordination]") {
  period_mind p;
  p.on_join(goal_id{2}, false);
  p.on_join(goal_id{1}, false);
  auto s = p.on_open(1);
  CHECK((s.take.empty() && !s.publish && !s.opened));
  CHECK(p.on_offer(of_goal(2), offer(2, 9, 0)).take.empty());
  s = p.on_offer(of_goal(1), offer(1, 5, 0));
  REQUIRE(s.take.size() == 2);
  CHECK((raw(s.take[0].offer.goal) == 1 && raw(s.take[1].offer.goal) == 2)); // by Goal Buddy, not as they came
  CHECK(s.publish == 1);
  CHECK_FALSE(p.on_open(1).opened); // not yet
  CHECK(p.on_published(1).opened == 1);
  CHECK_FALSE(p.on_published(1).opened);
  CHECK(p.on_open(1).opened == 1); // the clock asks again

  p.on_regret(1, {goal_id{1}, goal_id{2}});
  CHECK_FALSE(p.on_pass(pass(1, 1)).closed);
  CHECK_FALSE(p.on_regret_sent(1).closed);
  CHECK_FALSE(p.on_pass(pass(1, 1)).closed); // twice
  s = p.on_offer(of_goal(2), offer(2, 10, 1));
  CHECK((s.closed == 1 && s.take.empty()));
  s = p.on_open(2);
  CHECK((s.publish == 2 && s.take.size() == 1));
  CHECK(p.on_published(2).opened == 2);

  p.on_regret(2, {goal_id{1}, goal_id{2}});
  (void)p.on_regret_sent(2);
  CHECK_FALSE(p.on_pass(pass(2, 2)).closed);
  CHECK_FALSE(p.on_pass(pass(1, 1)).closed); // late, of the period before
  CHECK_FALSE(p.on_pass(pass(1, 0)).closed); // unasked
  p.on_join(goal_id{1}, true);               // it was started again, and has forgotten what it was asked
  CHECK(p.on_pass(pass(1, 0)).closed == 2);
  CHECK_FALSE(p.on_open(1).opened);
}

TEST_CASE("nobody waits for a Goal Buddy that has gone", "[subspace][coordination]") {
  period_mind p;
  p.on_join(goal_id{1}, false);
  p.on_join(goal_id{2}, false);
  (void)p.on_offer(of_goal(2), offer(2, 1, 0));
  (void)p.on_open(1);
  const auto s = p.on_leave(goal_id{1});
  CHECK((s.publish == 1 && s.take.size() == 1));
  p.on_join(goal_id{3}, true); // one that returns owes nothing
  CHECK(p.awaited() == 0);
}

TEST_CASE("periods go on in order, and each offer is taken once, however answers come", "[subspace][coordination]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    splitmix64 g(seed);
    constexpr std::uint64_t goals = 6, periods = 8;
    period_mind p;
    std::vector<goal_id> all;
    for (std::uint64_t i = 1; i <= goals; ++i)
      all.push_back(goal_id{i});
    for (auto goal : all)
      p.on_join(goal, false);
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> taken; // by goal and key: in which period
    std::vector<std::variant<creation_offer, creation_pass>> late; // copies of answers to earlier broadcasts
    std::uint64_t opened = 0, closed = 0, publishing = 0;
    const auto follow = [&](const period_mind::step& s) {
      for (const auto& o : s.take)
        taken.try_emplace({raw(o.offer.goal), o.offer.key}, opened + 1);
      if (s.publish)
        REQUIRE((publishing = *s.publish) == opened + 1);
      if (s.closed)
        REQUIRE(*s.closed == ++closed);
    };
    for (std::uint64_t period = 1; period <= periods; ++period) {
      // Everyone answers the broadcast before (the first time: their first offers), in disorder, with copies of what came before.
      std::vector<std::variant<creation_offer, creation_pass>> answers;
      for (auto goal : all)
        if (period == 1 || g() % 2)
          answers.emplace_back(offer(raw(goal), period, period - 1));
        else
          answers.emplace_back(pass(raw(goal), period - 1));
      auto way = disordered(answers, g, 2 * goals);
      for (int i = 0; i < 4 && !late.empty(); ++i)
        way.insert(way.begin() + static_cast<std::ptrdiff_t>(g() % way.size()), late[g() % late.size()]);
      const std::size_t asked_at = g() % way.size();
      for (std::size_t i = 0; i < way.size(); ++i) {
        if (i == asked_at) {
          follow(p.on_open(period));
          if (g() % 2)
            follow(p.on_open(period));
        }
        if (const auto* o = std::get_if<creation_offer>(&way[i]))
          follow(p.on_offer(of_goal(raw(o->goal)), *o));
        else
          follow(p.on_pass(std::get<creation_pass>(way[i])));
      }
      late.insert(late.end(), answers.begin(), answers.end());
      REQUIRE(publishing == period); // everyone has answered by now
      const auto s = p.on_published(period);
      follow(s);
      REQUIRE(s.opened == period);
      opened = period;
      REQUIRE(closed == period - 1);
      for (const auto& a : answers)
        if (const auto* o = std::get_if<creation_offer>(&a))
          REQUIRE(taken.at({raw(o->goal), o->key}) == period);
      p.on_regret(period, all);
      if (g() % 2)
        follow(p.on_regret_sent(period - 1)); // late
      follow(p.on_regret_sent(period));
    }
  }
}

TEST_CASE("a period's attention counts once, with one report of each shard", "[subspace][coordination]") {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    splitmix64 g(seed);
    constexpr std::uint32_t shards = 5;
    constexpr std::uint64_t periods = 20;
    std::vector<attention_report> sent;
    for (std::uint64_t period = 1; period <= periods; ++period)
      for (std::uint32_t shard = 0; shard < shards; ++shard) {
        attention_report r;
        r.period = period;
        r.shard = shard;
        r.rounds = 100 * period + shard;
        sent.push_back(r);
      }
    attention_book book(shards);
    std::set<std::uint64_t> complete;
    std::uint64_t newest = 0;
    const auto way = disordered(sent, g, seed % (3 * shards));
    std::size_t refused = 0;
    for (const auto& r : way) {
      const auto out = book.take(r);
      REQUIRE(out.given_up.empty());
      refused += out.code != errc::ok;
      if (!out.done)
        continue;
      REQUIRE(complete.insert(out.done->period).second);
      REQUIRE(out.done->told == (out.done->period > newest));
      newest = std::max(newest, out.done->period);
      REQUIRE(out.done->reports.size() == shards);
      for (std::uint32_t shard = 0; shard < shards; ++shard)
        REQUIRE(out.done->reports[shard].rounds == 100 * out.done->period + shard);
    }
    REQUIRE(complete.size() == periods);
    REQUIRE(refused == way.size() - sent.size()); // the copies
  }
}

TEST_CASE("a period that a shard never reports on is given up with what there is, and no later report of it counts", "[subspace][coordination]") {
  attention_book book(2);
  attention_report r;
  std::vector<std::uint64_t> given_up;
  for (r.period = 1; r.period <= attention_book::most_open + 3; ++r.period)
    for (const auto& over : book.take(r).given_up) {
      given_up.push_back(over.period);
      CHECK_FALSE(over.told);
      REQUIRE(over.reports.size() == 1); // is paid for
      CHECK(over.reports[0].period == over.period);
    }
  CHECK(given_up == std::vector<std::uint64_t>{1, 2, 3});
  r.shard = 1;
  r.period = 3;
  CHECK(book.take(r).code == errc::stale_epoch);
  r.period = 4;
  CHECK(book.take(r).done);
  r.period = attention_book::most_open + 3;
  CHECK(book.take(r).done->told);
  r.period = 5;
  CHECK_FALSE(book.take(r).done->told);
  r.shard = 2;
  CHECK(book.take(r).code == errc::bad_value);
  for (r.period = 100, r.shard = 0; r.period < 10'000; ++r.period) // bounded, whatever comes
    (void)book.take(r);
  r.period = 99;
  CHECK(book.take(r).code == errc::stale_epoch);
}
