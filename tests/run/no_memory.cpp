/// Memory runs out once at each point of each call, on the host's own thread: nothing is thrown at it, and the call ends once, by name.
#include "tests/support/allocations.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/films.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using namespace ammo;
using namespace ammo::test;
using namespace ammo::testing;

namespace {

/// How often a call has ended, and how at last.
struct ending {
  std::atomic<int> times{0};
  std::atomic<errc> code{errc::internal};
};

/// A call in two of its forms. The number is another one at each point; memory runs out so many pieces after the arguments are made.
struct call {
  const char* name;
  std::function<void(runtime&, std::uint64_t number, std::uint64_t point, std::shared_ptr<ending>)> with_callback;
  std::function<errc(runtime&, std::uint64_t number, std::uint64_t point)> blocking;
};

/// `arguments` makes them; `run` makes the call with them, and whatever a form adds.
template <class T, class Arguments, class Run>
call made(const char* name, Arguments arguments, Run run) {
  return {name,
          [=](runtime& rt, std::uint64_t number, std::uint64_t point, std::shared_ptr<ending> e) {
            auto with = arguments(number);
            callback<T> done = [e = std::move(e)](const result<T>& r) {
              e->code = r.code();
              ++e->times;
            };
            fail_allocation_after(point);
            std::apply([&](auto&... each) { run(rt, std::move(each)..., std::move(done)); }, with);
          },
          [=](runtime& rt, std::uint64_t number, std::uint64_t point) {
            auto with = arguments(number);
            fail_allocation_after(point);
            return std::apply([&](auto&... each) { return run(rt, std::move(each)...).code(); }, with);
          }};
}

constexpr user_id ann{1};
const std::string many_words = "so many words that they need memory of their own";

stated_interest interest() { return {.subspace = "film", .vector = {1, 0}}; }
goal_spec film_with_facts(std::uint64_t i) {
  auto g = film(static_cast<int>(i));
  g.facts = {{"title", many_words}};
  return g;
}

const std::vector<call> calls{
  made<void>(
    "add_user", [](std::uint64_t i) { return std::tuple(user_id{100 + i}); }, [](runtime& rt, auto&&... a) { return rt.add_user(std::move(a)...); }),
  made<void>(
    "add_user with an interest", [](std::uint64_t i) { return std::tuple(user_id{2'000 + i}, interest()); }, [](runtime& rt, auto&&... a) { return rt.add_user(std::move(a)...); }),
  made<void>(
    "state_interest", [](std::uint64_t) { return std::tuple(ann, interest()); }, [](runtime& rt, auto&&... a) { return rt.state_interest(std::move(a)...); }),
  made<creation_receipt>(
    "add_goal", [](std::uint64_t i) { return std::tuple(film_with_facts(100 + i)); }, [](runtime& rt, auto&&... a) { return rt.add_goal(std::move(a)...); }),
  made<creation_receipt>(
    "create", [](std::uint64_t) { return std::tuple(creation_spec{.goal = goal_id{1}, .e = {0.5, 0.5}}); }, [](runtime& rt, auto&&... a) { return rt.create(std::move(a)...); }),
  made<void>(
    "withdraw", [](std::uint64_t) { return std::tuple(goal_id{1}, creation_id{77}); }, [](runtime& rt, auto&&... a) { return rt.withdraw(std::move(a)...); }),
  made<void>(
    "remove_goal", [](std::uint64_t) { return std::tuple(goal_id{5'555}); }, [](runtime& rt, auto&&... a) { return rt.remove_goal(std::move(a)...); }),
  made<written_receipt>(
    "write", [](std::uint64_t) { return std::tuple(writing_spec{.goal = goal_id{1}, .text = many_words}); }, [](runtime& rt, auto&&... a) { return rt.write(std::move(a)...); }),
  made<slate>(
    "ask", [](std::uint64_t) { return std::tuple(ann, 2u); }, [](runtime& rt, auto&&... a) { return rt.ask(std::move(a)...); }),
  made<slate>(
    "ask too much", [](std::uint64_t) { return std::tuple(ann, 1'000'000u); }, [](runtime& rt, auto&&... a) { return rt.ask(std::move(a)...); }),
  made<slate>(
    "ask in a situation that isn't", [](std::uint64_t) { return std::tuple(ann, 2u, situation(many_words)); }, [](runtime& rt, auto&&... a) { return rt.ask(std::move(a)...); }),
  made<void>(
    "feedback", [](std::uint64_t) { return std::tuple(ann, impression_id{1}, 0.5); }, [](runtime& rt, auto&&... a) { return rt.feedback(std::move(a)...); }),
  made<void>(
    "feedback by a signal's name", [](std::uint64_t) { return std::tuple(ann, impression_id{1}, std::string_view(many_words)); }, [](runtime& rt, auto&&... a) { return rt.feedback(std::move(a)...); }),
  made<void>(
    "prefer", [](std::uint64_t) { return std::tuple(ann, impression_id{1}, impression_id{2}); }, [](runtime& rt, auto&&... a) { return rt.prefer(std::move(a)...); }),
  made<user_belief>(
    "regret", [](std::uint64_t) { return std::tuple(ann); }, [](runtime& rt, auto&&... a) { return rt.regret(std::move(a)...); }),
  made<explanation>(
    "explain", [](std::uint64_t) { return std::tuple(ann, impression_id{1}); }, [](runtime& rt, auto&&... a) { return rt.explain(std::move(a)...); }),
  made<elaboration>(
    "elaborate", [](std::uint64_t) { return std::tuple(ann, impression_id{1}, many_words); }, [](runtime& rt, auto&&... a) { return rt.elaborate(std::move(a)...); }),
  made<evolution_standing>(
    "evolution", [](std::uint64_t) { return std::tuple<>(); }, [](runtime& rt, auto&&... a) { return rt.evolution(std::move(a)...); }),
  made<runtime_statistics>(
    "statistics", [](std::uint64_t) { return std::tuple<>(); }, [](runtime& rt, auto&&... a) { return rt.statistics(std::move(a)...); }),
  made<runtime_health>(
    "health", [](std::uint64_t) { return std::tuple<>(); }, [](runtime& rt, auto&&... a) { return rt.health(std::move(a)...); }),
  made<void>(
    "remove_user", [](std::uint64_t) { return std::tuple(user_id{9'999}); }, [](runtime& rt, auto&&... a) { return rt.remove_user(std::move(a)...); }),
};

} // namespace

TEST_CASE("no memory on the host's thread: each call ends once, by name, and throws nothing", "[runtime][no-memory]") {
  auto rt = started(films());
  add_films(*rt, 3);
  REQUIRE(rt->add_user(ann));
  std::uint64_t number = 0;
  for (const auto& c : calls) {
    INFO(c.name);
    bool failed = true;
    for (std::uint64_t point = 0; failed; ++point) {
      INFO("with a callback, point " << point);
      auto e = std::make_shared<ending>();
      c.with_callback(*rt, ++number, point, e);
      failed = !spare_allocations();
      REQUIRE(comes_true([&] { return e->times > 0; }));
      CHECK(e->times == 1);
      CHECK(e->code != errc::internal);
    }
    failed = true;
    for (std::uint64_t point = 0; failed; ++point) {
      INFO("blocking, point " << point);
      const auto code = c.blocking(*rt, ++number, point);
      failed = !spare_allocations();
      CHECK(code != errc::internal);
    }
  }
  CHECK(rt->statistics());
}

TEST_CASE("no memory for its promise: a future isn't valid, and nothing has happened", "[runtime][no-memory]") {
  auto rt = started(films());
  fail_allocation_after(0);
  auto none = rt->add_user(ann, use_future);
  CHECK_FALSE(spare_allocations());
  CHECK_FALSE(none.valid());
  CHECK(rt->add_user(ann));
}
