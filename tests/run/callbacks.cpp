#include "ammo/runtime.hpp"
#include "runtime/host/calls/callback_runner.hpp"
#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

/// Closed until somebody opens it; then it stays open.
class gate {
public:
  void open() { promise_.set_value(); }
  void pass() const { opened_.wait(); }

private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
};

/// Comes true within a minute.
bool becomes(const std::function<bool()>& holds) {
  for (const auto end = std::chrono::steady_clock::now() + 60s; std::chrono::steady_clock::now() < end; std::this_thread::yield())
    if (holds())
      return true;
  return false;
}

/// What a callback does with its answer, in its turn.
void answer(callback_runner& by, std::function<void()> what) {
  struct function final : callback_runner::work {
    void run() override { of(); }
    std::function<void()> of;
  };
  auto one = std::make_shared<function>();
  one->of = std::move(what);
  by.answer(callback_runner::room_for_one(), std::move(one), {});
}

options one_film() {
  options o;
  o.name = "test";
  o.slots = 2;
  o.threads = 2;
  o.goal.policy = "static";
  o.limits.request_timeout_ms = 60'000;
  o.subspaces = {{.name = "film", .width = 2}};
  return o;
}

std::unique_ptr<runtime> started(options o = one_film()) {
  auto rt = runtime::start(std::move(o));
  REQUIRE(rt);
  REQUIRE((*rt)->add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 1}));
  REQUIRE((*rt)->add_user(user_id{1}));
  return std::move(*rt);
}

/// A host's event loop: runs what it was given when it is told to.
struct loop {
  std::mutex guard;
  std::deque<std::function<void()>> work;
  void post(std::function<void()> w) {
    std::lock_guard held(guard);
    work.push_back(std::move(w));
  }
  bool run_one() {
    std::unique_lock held(guard);
    if (work.empty())
      return false;
    auto next = std::move(work.front());
    work.pop_front();
    held.unlock();
    next();
    return true;
  }
};

} // namespace

TEST_CASE("a callback that doesn't return delays neither other callbacks nor calls of any form", "[callbacks]") {
  gate held;
  auto rt = started();
  std::promise<void> inside;
  rt->ask(user_id{1}, 0, [&](const result<slate>&) {
    inside.set_value();
    held.pass();
  });
  inside.get_future().wait();
  for (int i = 0; i < 100; ++i)
    CHECK(rt->ask(user_id{1}));
  std::atomic<int> answered{0};
  for (int i = 0; i < 100; ++i)
    rt->ask(user_id{1}, 0, [&](const result<slate>& s) { answered += s.has_value(); });
  CHECK(becomes([&] { return answered == 100; }));
  held.open();
  CHECK(rt->stop() == errc::ok);
}

TEST_CASE("with one thread for callbacks a lone one comes by itself", "[callbacks]") {
  auto o = one_film();
  o.limits.callback_threads = 1;
  auto rt = started(o);
  for (int i = 0; i < 200; ++i) {
    std::promise<bool> answered;
    rt->ask(user_id{1}, 0, [&](const result<slate>& s) { answered.set_value(s.has_value()); });
    auto came = answered.get_future();
    REQUIRE(came.wait_for(60s) == std::future_status::ready); // nothing else is called meanwhile
    CHECK(came.get());
  }
}

TEST_CASE("each callback that blocks gets another thread in its place, as long as there is one", "[callbacks]") {
  auto runner = callback_runner::start({.ctx = std::make_shared<context>(), .threads = 4});
  gate held;
  std::atomic<int> blocked{0}, answered{0};
  std::mutex guard;
  std::set<std::thread::id> threads;
  const auto note = [&] {
    std::lock_guard here(guard);
    threads.insert(std::this_thread::get_id());
  };
  for (int i = 0; i < 3; ++i) { // all at once, among others
    answer(*runner, [&] { note(), ++blocked, held.pass(); });
    for (int j = 0; j < 50; ++j)
      answer(*runner, [&] { note(), ++answered; });
  }
  CHECK(becomes([&] { return blocked == 3 && answered == 150; }));
  answer(*runner, [&] { note(), ++blocked, held.pass(); });
  CHECK(becomes([&] { return blocked == 4; }));
  CHECK(threads.size() == 4);
  answer(*runner, [&] { ++answered; });
  held.open();
  CHECK(becomes([&] { return answered == 151; }));
  CHECK(runner->close(60s));
}

TEST_CASE("calls of every form work inside a callback, also inside the last one that there is a thread for", "[callbacks]") {
  auto o = one_film();
  o.threads = 1;
  o.limits.callback_threads = 1;
  auto rt = started(o);
  std::promise<errc> done;
  rt->add_user(user_id{2}, [&](const result<void>& added) {
    CHECK(added);
    CHECK(rt->ask(user_id{2}));
    CHECK(rt->ask(user_id{2}, 0, use_future).get());
    rt->ask(user_id{2}, 0, [&](const result<slate>& s) { done.set_value(s.code()); });
  });
  CHECK(done.get_future().get() == errc::ok);
}

TEST_CASE("callbacks run on the host's executor, and nowhere else", "[callbacks]") {
  loop events;
  auto o = one_film();
  o.executor = [&](std::function<void()> work) { events.post(std::move(work)); };
  auto rt = started(o); // blocking calls need no loop that runs
  std::set<std::thread::id> where;
  int answers = 0;
  for (int i = 0; i < 20; ++i)
    rt->ask(user_id{1}, 0, [&](const result<slate>& s) {
      where.insert(std::this_thread::get_id());
      answers += s.has_value();
    });
  CHECK(rt->ask(user_id{1}));
  CHECK(answers == 0);
  REQUIRE(becomes([&] {
    events.run_one();
    return answers == 20;
  }));
  CHECK(where == std::set{std::this_thread::get_id()});
  // What it runs after the end does no harm, and no answer is lost.
  rt->ask(user_id{1}, 0, [&](const result<slate>&) { ++answers; });
  CHECK(rt->stop() == errc::ok);
  rt.reset();
  while (events.run_one()) {
  }
  CHECK(answers == 21);
}

TEST_CASE("an executor may run work on the spot, throw or lose it: every answer comes, outside of actors", "[callbacks]") {
  auto o = one_film();
  int calls = 0;
  const auto kind = GENERATE(0, 1, 2);
  if (kind == 0)
    o.executor = [](std::function<void()> work) { work(); };
  else if (kind == 1)
    o.executor = [&](std::function<void()> work) { ++calls % 2 == 0 ? work() : throw 1; };
  else
    o.executor = [&](std::function<void()> work) { ++calls % 2 == 0 ? work() : void(); };
  auto rt = started(o);
  std::atomic<int> answers{0};
  for (int i = 0; i < 50; ++i)
    rt->ask(user_id{1}, 0, [&](const result<slate>& s) {
      CHECK(rt->regret(user_id{1})); // an actor would wait for itself
      answers += s.has_value();
    });
  CHECK(becomes([&] { return answers == 50; }));
  CHECK((refusals(*rt, errc::callback_failed) > 0) == (kind > 0));
}

TEST_CASE("what a host's code throws is counted, and stays its own", "[callbacks]") {
  auto o = one_film();
  o.log = {[](const log_record&) { throw 1; }, log_level::debug};
  auto rt = started(o);
  for (int i = 0; i < 10; ++i)
    rt->ask(user_id{1}, 0, [](const result<slate>&) { throw 1; });
  CHECK(becomes([&] { return refusals(*rt, errc::callback_failed) == 10; }));
  rt->ask(user_id{1}, 65, [](const result<slate>&) { throw 1; }); // refused at once
  CHECK(refusals(*rt, errc::callback_failed) == 11);
  REQUIRE(rt->set_embedder("film", [](std::string_view) -> result<std::vector<float>> { throw 1; }));
  CHECK(rt->state_interest(user_id{1}, {.text = "films"}).code() == errc::bad_text);
  rt->state_interest(user_id{1}, {.text = "films"}, [](const result<void>&) { throw 1; });
  CHECK(refusals(*rt, errc::callback_failed) == 12);
  CHECK(rt->ask(user_id{1}));
}

TEST_CASE("a runtime isn't stopped inside its own callback", "[callbacks]") {
  auto rt = started();
  std::promise<errc> refused;
  rt->ask(user_id{1}, 0, [&](const result<slate>&) { refused.set_value(rt->stop()); });
  CHECK(refused.get_future().get() == errc::inside_callback);
  CHECK(rt->ask(user_id{1}));
  CHECK(refusals(*rt, errc::inside_callback) == 1);
  std::promise<errc> by_sink;
  runtime* one = nullptr;
  auto o = one_film();
  o.log = {[&](const log_record& r) {
             if (r.event == "refused" && one)
               by_sink.set_value(std::exchange(one, nullptr)->stop());
           }, log_level::debug};
  auto logging = started(o);
  one = logging.get();
  CHECK(logging->ask(user_id{9}).code() == errc::unknown_user);
  CHECK(by_sink.get_future().get() == errc::inside_callback);
}

TEST_CASE("a runtime that is destroyed inside its own callback ends after it", "[callbacks]") {
  std::atomic<bool> over{false};
  auto o = one_film();
  o.log = {[&](const log_record& r) { over = over || r.event == "deployment_stopped"; }};
  auto rt = started(o);
  std::promise<void> returned;
  auto* raw = rt.release();
  raw->ask(user_id{1}, 0, [&, raw](const result<slate>&) {
    delete raw;
    returned.set_value();
  });
  returned.get_future().wait();
  CHECK(becomes([&] { return over.load(); }));
}

TEST_CASE("stop doesn't wait for ever for a callback, and leaves it nothing that dies", "[callbacks]") {
  auto held = std::make_shared<gate>();
  std::atomic<bool> returned{false};
  std::promise<void> inside;
  auto o = one_film();
  o.limits.stop_wait_ms = 20;
  std::atomic<int> said{0};
  o.log = {[&](const log_record& r) { said += r.event == "callback_running"; }};
  auto rt = started(o);
  auto late = std::make_shared<int>(0);
  std::weak_ptr<int> kept = late;
  rt->ask(user_id{1}, 0, [&, held, late = std::move(late)](const result<slate>& s) {
    inside.set_value();
    held->pass();
    *late = static_cast<int>(s->creations.size());
    returned = true;
  });
  inside.get_future().wait();
  CHECK(rt->stop() == errc::callback_running);
  CHECK(rt->stop() == errc::callback_running);
  CHECK(said == 1);
  rt.reset();
  CHECK_FALSE(returned);
  held->open();
  CHECK(becomes([&] { return returned && kept.expired(); }));
}

TEST_CASE("a blocking call inside a callback is answered when the runtime stops", "[callbacks]") {
  auto rt = started();
  std::atomic<bool> over{false};
  std::promise<void> inside;
  rt->ask(user_id{1}, 0, [&](const result<slate>&) {
    inside.set_value();
    while (rt->ask(user_id{1}).code() != errc::stopped) {
    }
    over = true;
  });
  inside.get_future().wait();
  CHECK(rt->stop() == errc::ok);
  CHECK(over);
}

TEST_CASE("of pushes that wait the oldest are shed, answers never", "[callbacks]") {
  auto ctx = std::make_shared<context>();
  std::mutex guard;
  std::vector<std::uint64_t> shown, not_shown;
  const auto push = [&](auto& to, std::uint64_t user) {
    to->push({.user = user_id{user}, .round = 1, .pushed = true, .creations = {}}, [&, user](bool was_shown) {
      std::lock_guard held(guard);
      (was_shown ? shown : not_shown).push_back(user);
    });
  };
  loop events;
  auto runner = callback_runner::start({.ctx = ctx,
                                        .run_on = [&](std::function<void()> w) { events.post(std::move(w)); },
                                        .pushes = 3});
  push(runner, 1); // nobody listens
  CHECK(not_shown == std::vector<std::uint64_t>{1});
  std::vector<std::uint64_t> heard;
  int answers = 0;
  runner->listen([&](const slate& s) { heard.push_back(raw(s.user)); });
  for (std::uint64_t u = 2; u < 8; ++u) {
    push(runner, u);
    answer(*runner, [&] { ++answers; });
  }
  CHECK(not_shown == std::vector<std::uint64_t>{1, 2, 3, 4});
  REQUIRE(becomes([&] {
    events.run_one();
    return answers == 6 && heard.size() == 3;
  }));
  CHECK(heard == std::vector<std::uint64_t>{5, 6, 7});
  CHECK(shown == heard);
  CHECK(ctx->count.of(counter::pushes_shed) == 3);
  CHECK(ctx->count.refused(errc::push_shed) == 3);
  CHECK(runner->close(1s));
}
