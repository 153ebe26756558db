#include "ammo/runtime.hpp"
#include "runtime/host/calls/deadline_keeper.hpp"
#include "runtime/host/calls/key_book.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <string_view>
#include <thread>
#include <vector>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

constexpr time_source::instant early{};

/// A host whose log sink holds up whatever actor reports a refusal, once it is told to.
struct stuck_host {
  std::atomic<bool> hold{false};
  std::promise<void> stuck;
  std::promise<void> promise;
  std::shared_future<void> released = promise.get_future().share();
  std::unique_ptr<runtime> rt;

  explicit stuck_host(std::uint32_t threads) {
    options o;
    o.slots = 1;
    o.threads = threads;
    o.goal.policy = "static";
    o.limits.request_timeout_ms = 300;
    o.subspaces = {{.name = "film", .width = 2}};
    o.log = {[this](const log_record& r) {
               if (r.event == "refused" && hold.exchange(false)) {
                 stuck.set_value();
                 released.wait();
               }
             },
             log_level::debug};
    auto made = runtime::start(std::move(o));
    REQUIRE(made);
    rt = std::move(*made);
    REQUIRE(rt->add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 1}));
    REQUIRE(rt->add_user(user_id{1}));
  }
  void release() { promise.set_value(); }
};

std::shared_ptr<ticket> made(std::vector<errc>& ends, std::chrono::milliseconds due, std::uint64_t key = 7) {
  auto taker = [&ends](const host_answer& a, place) {
    const auto* failed = std::get_if<failure>(&a);
    ends.push_back(failed ? failed->code : errc::ok);
  };
  return std::make_shared<ticket>(taker, place{}, std::make_shared<context>(), early + due, key);
}

} // namespace

TEST_CASE("a call ends once, and says whether it may have happened", "[deadlines]") {
  std::vector<errc> ends;
  auto never = made(ends, 1ms);
  never->expire(1ms);
  CHECK_FALSE(never->hand_on());
  auto perhaps = made(ends, 1ms);
  CHECK(perhaps->hand_on());
  perhaps->expire(1ms);
  perhaps->answer(admission{}); // too late
  auto question = made(ends, 1ms, 0);
  CHECK(question->hand_on());
  question->expire(1ms);
  auto answered = made(ends, 1ms);
  CHECK(answered->hand_on());
  answered->answer(admission{});
  answered->expire(1ms);
  made(ends, 1ms).reset();
  CHECK(ends == std::vector{errc::timed_out, errc::outcome_unknown, errc::timed_out, errc::ok, errc::stopped});
}

TEST_CASE("calls end in the order of their deadlines, and those that were answered are forgotten", "[deadlines]") {
  std::vector<errc> ends;
  deadline_book book;
  CHECK_FALSE(book.next());
  CHECK(book.add(made(ends, 5ms)));
  CHECK_FALSE(book.add(made(ends, 7ms)));
  CHECK_FALSE(book.add(made(ends, 6ms)));
  CHECK(book.add(made(ends, 2ms)));
  CHECK(book.next() == early + 2ms);
  const auto due = book.due(early + 6ms);
  REQUIRE(due.size() == 3);
  CHECK((due[0]->due() == early + 2ms && due[1]->due() == early + 5ms && due[2]->due() == early + 6ms));
  CHECK(book.next() == early + 7ms);
  for (int i = 0; i < 100'000; ++i) { // behind one that isn't answered
    auto t = made(ends, 8ms);
    book.add(t);
    t->answer(admission{});
  }
  CHECK(book.size() <= 1'024);
  CHECK(book.due(early + 9ms).size() == 1);
  CHECK_FALSE(book.next());
}

TEST_CASE("a call that no actor has taken up has happened in no way when it times out", "[deadlines]") {
  stuck_host host(1);
  host.hold = true;
  auto refused = host.rt->ask(user_id{7}, 0, use_future); // holds up the only thread that there is
  host.stuck.get_future().wait();
  const auto before = std::chrono::steady_clock::now();
  auto added = host.rt->add_user(user_id{2}, use_future);
  auto asked = host.rt->ask(user_id{1}, 0, use_future);
  std::promise<errc> called_back;
  host.rt->ask(user_id{1}, 0, [&](const result<slate>& s) { called_back.set_value(s.code()); });
  CHECK(added.get().code() == errc::timed_out);
  CHECK(asked.get().code() == errc::timed_out);
  CHECK(called_back.get_future().get() == errc::timed_out);
  CHECK(std::chrono::steady_clock::now() - before >= 300ms);
  CHECK(refused.get().code() == errc::timed_out);
  host.release();
  CHECK(host.rt->regret(user_id{2}).code() == errc::unknown_user);
  CHECK(host.rt->statistics()->slates == 0);
  CHECK(testing::refusals(*host.rt, errc::timed_out) == 4);
}

TEST_CASE("a call that was handed on may have happened, and says so", "[deadlines]") {
  stuck_host host(2);
  host.hold = true;
  auto again = host.rt->add_user(user_id{1}, use_future); // holds up the Supervisor
  host.stuck.get_future().wait();
  const auto unknown = host.rt->add_user(user_id{2});
  REQUIRE(unknown.code() == errc::outcome_unknown);
  CHECK(again.get().code() == errc::outcome_unknown);
  const call_key key(unknown.error().key);
  const auto repeated = host.rt->add_user(user_id{2}, key); // still unknown, under the same key
  CHECK((repeated.code() == errc::outcome_unknown && repeated.error().key == key.value));
  CHECK(host.rt->ask(user_id{1})); // others go on
  CHECK(host.rt->statistics().code() == errc::timed_out); // asks the Supervisor, too, and changes nothing
  host.release();
  CHECK(host.rt->add_user(user_id{2}, key)); // it has happened
  CHECK(host.rt->add_user(user_id{2}, key));
  CHECK(host.rt->add_user(user_id{2}).code() == errc::duplicate_user);
}

namespace {

/// Takes its time with the first slate of a user.
struct slow_policy final : host_policy {
  mutable std::atomic<bool> hold{false};
  mutable std::promise<void> begun;
  std::shared_future<void> released;

  std::vector<valued_creation> choose(const policy_view& view) const override {
    if (hold.exchange(false)) {
      begun.set_value();
      released.wait();
    }
    return view.built_in("greedy");
  }
};

} // namespace

TEST_CASE("a slate that comes after its deadline is revoked: it counts for nothing", "[deadlines]") {
  auto policy = std::make_shared<slow_policy>();
  std::promise<void> release;
  policy->released = release.get_future().share();
  options o;
  o.slots = 1;
  o.threads = 2;
  o.goal.policy = "static";
  o.user.policy = "host";
  o.user.exactly = true;
  o.limits.request_timeout_ms = 300;
  o.limits.policy_budget_ms = 60'000;
  o.subspaces = {{.name = "film", .width = 2}};
  auto made = runtime::start(std::move(o), {{"slow", policy}});
  REQUIRE(made);
  auto& rt = **made;
  REQUIRE(rt.add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 1}));
  REQUIRE(rt.add_user(user_id{1}));
  policy->hold = true;
  auto late = rt.ask(user_id{1}, 0, use_future);
  policy->begun.get_future().wait();
  CHECK(late.get().code() == errc::timed_out);
  release.set_value();
  const auto shown = rt.ask(user_id{1}); // behind the late one
  REQUIRE(shown);
  REQUIRE(shown->creations.size() == 1);
  CHECK(shown->round == 2);
  // The late slate's impression was issued right before this one's.
  const auto mine = shown->creations[0].impression;
  const auto before = make_impression_id(shard_of(mine), counter_of(mine) - 1);
  CHECK(rt.feedback(user_id{1}, before, 1).code() == errc::unknown_impression);
  CHECK(rt.feedback(user_id{1}, shown->creations[0].impression, 1));
  const auto counted = rt.statistics();
  REQUIRE(counted);
  CHECK(counted->slates == 1);
  for (const auto& c : counted->counters)
    if (c.name == "slates_revoked")
      CHECK(c.value == 1);
}

TEST_CASE("as many slates count as asks were told of one, however many came too late", "[deadlines]") {
  struct sometimes_slow final : host_policy {
    mutable std::atomic<std::uint64_t> asked{0};
    std::vector<valued_creation> choose(const policy_view& view) const override {
      if (++asked % 8 == 0)
        std::this_thread::sleep_for(40ms); // longer than a call may take
      return view.built_in("greedy");
    }
  };
  constexpr std::uint64_t users = 4, threads = 8;
  options o;
  o.slots = 1;
  o.threads = 2;
  o.goal.policy = "static";
  o.user.policy = "host";
  o.limits.request_timeout_ms = 20;
  o.limits.policy_budget_ms = 60'000;
  o.subspaces = {{.name = "film", .width = 2}};
  auto made = runtime::start(std::move(o), {{"slow", std::make_shared<sometimes_slow>()}});
  REQUIRE(made);
  auto& rt = **made;
  const auto done = [](errc code, errc already) { return code == errc::ok || code == already; }; // where the machine is slow, at a later try
  REQUIRE(comes_true([&] {
    return done(rt.add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 1}).code(), errc::duplicate_goal);
  }));
  for (std::uint64_t u = 0; u < users; ++u)
    REQUIRE(comes_true([&] { return done(rt.add_user(user_id{u}).code(), errc::duplicate_user); }));

  std::atomic<std::uint64_t> granted{0}, late{0};
  std::atomic<bool> enough{false};
  const auto ask = [&](std::uint64_t user) {
    const auto code = rt.ask(user_id{user}).code();
    granted += code == errc::ok;
    late += code == errc::timed_out;
    return code == errc::ok;
  };
  std::vector<std::thread> hosts;
  for (std::uint64_t t = 0; t < threads; ++t)
    hosts.emplace_back([&, t] {
      while (!enough)
        ask(t % users);
    });
  CHECK(comes_true([&] { return granted >= 40 && late >= 40; }));
  enough = true;
  for (auto& h : hosts)
    h.join();
  for (int i = 0; i < 2; ++i) { // all that was asked before is behind these
    for (std::uint64_t u = 0; u < users; ++u)
      CHECK(comes_true([&] { return ask(u); }));
    CHECK(comes_true([&] {
      const auto counted = rt.statistics();
      return counted && counted->slates == granted;
    }));
  }
}

TEST_CASE("a call that is repeated under its key happens once, and has one answer", "[deadlines][keys]") {
  options o;
  o.slots = 1;
  o.threads = 2;
  o.goal.policy = "static";
  o.subspaces = {{.name = "film", .width = 2, .price_micros = 10}};
  auto made = runtime::start(std::move(o));
  REQUIRE(made);
  auto& rt = **made;
  const goal_spec film{.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .budget_micros = 100};
  const auto added = rt.add_goal(film, call_key(1)), again = rt.add_goal(film, call_key(1));
  REQUIRE((added && again));
  CHECK(added->creation == again->creation);
  CHECK(rt.add_goal(film).code() == errc::duplicate_goal);
  CHECK(rt.add_goal(film, call_key(2)).code() == errc::duplicate_goal);
  CHECK(rt.remove_user(user_id{1}, call_key(1)).code() == errc::key_reused);

  const creation_spec next{.goal = goal_id{1}, .e = {0, 1}};
  const auto one = rt.create(next, call_key(3)), same = rt.create(next, call_key(3)), other = rt.create(next, call_key(4));
  REQUIRE((one && same && other));
  CHECK((one->creation == same->creation && one->creation != other->creation));
  CHECK(other->balance_micros == 70); // three creations are paid

  const stated_interest films{.subspace = "film", .vector = {1, 0}};
  CHECK(rt.add_user(user_id{1}, films, call_key(5)));
  CHECK(rt.add_user(user_id{1}, films, call_key(5)));
  CHECK(rt.add_user(user_id{1}, films, call_key(6)).code() == errc::duplicate_user);
  const auto shown = rt.ask(user_id{1});
  REQUIRE((shown && shown->creations.size() == 1));
  const auto seen = shown->creations[0].impression;
  std::vector<std::future<result<void>>> heard; // all at once
  for (int i = 0; i < 20; ++i)
    heard.push_back(rt.feedback(user_id{1}, seen, 0.5, use_future, call_key(7)));
  for (auto& h : heard)
    CHECK(h.get());
  CHECK(rt.feedback(user_id{1}, seen, 0.25, call_key(7)).code() == errc::key_reused);
  CHECK(rt.feedback(user_id{1}, seen, 0.5).code() == errc::feedback_twice);
  CHECK(rt.statistics()->feedback == 1);
  CHECK(rt.remove_user(user_id{1}, call_key(8)));
  CHECK(rt.remove_user(user_id{1}, call_key(8)));
}

TEST_CASE("of calls that were answered so many keys are known, and not more", "[deadlines][keys]") {
  key_book book;
  const call_identity one{1, 5}, other{1, 7}, unknown{1, 0};
  CHECK((one.same(unknown) && unknown.same(one) && !one.same(other) && !one.same({2, 5})));
  for (std::uint64_t key = 1; key <= 3 * key_book::remembered; ++key) {
    book.open(key, one, key);
    CHECK_FALSE(book.find(key)->answer);
    if (key % 3 == 0)
      book.forget(key);
    else
      book.answer(key, admission{});
  }
  CHECK(book.size() == key_book::remembered);
  CHECK_FALSE(book.find(1));
  CHECK(book.find(3 * key_book::remembered - 1)->answer);
  const auto last = 3 * key_book::remembered;
  book.open(last + 1, one, 1, 9);
  CHECK(book.answer(last + 1, admission{})); // another holder's: one of the many went
  for (std::uint64_t key = last + 2; key <= last + 2 + key_book::remembered; ++key) {
    book.open(key, one, key);
    CHECK(book.answer(key, admission{}));
  }
  CHECK(book.find(last + 1)); // whoever holds most of them loses
  CHECK(book.size() == key_book::remembered);
}
