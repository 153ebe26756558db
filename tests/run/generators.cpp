#include "runtime/writing/process_generator.hpp"
#include "subspaces/text_index.hpp"
#include "subspaces/template_writer.hpp"
#include "subspaces/writing_desk.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <future>
#include <map>
#include <mutex>
#include <thread>

using namespace ammo;
using namespace std::chrono_literals;

namespace {

/// Codes that a generator noted beside its answers.
struct notes {
  std::mutex changing;
  std::condition_variable changed;
  std::map<errc, int> count;
  void add(errc code) {
    std::lock_guard lock(changing);
    ++count[code];
    changed.notify_all();
  }
  bool sees(errc code) {
    std::unique_lock lock(changing);
    return changed.wait_for(lock, 20s, [&] { return count[code] > 0; });
  }
};

std::shared_ptr<process_generator> started(std::vector<std::string> command, std::shared_ptr<notes> noted = std::make_shared<notes>(),
                                           std::chrono::milliseconds timeout = 20s) {
  auto g = process_generator::start({.command = std::move(command), .timeout = timeout}, [noted](errc code) { noted->add(code); });
  INFO((g ? std::string() : g.error().text()));
  REQUIRE(g);
  return *g;
}

std::shared_ptr<process_generator> hostile(const std::string& how, std::shared_ptr<notes> noted = std::make_shared<notes>(),
                                           std::chrono::milliseconds timeout = 20s) {
  return started({AMMO_HOSTILE_GENERATOR, how}, std::move(noted), timeout);
}

writing_request request(std::uint64_t number, std::string text = "staking") {
  writing_request r;
  r.goal = goal_id{7};
  r.request = number;
  r.text = std::move(text);
  r.facts = {{"title", "Cosmos Hub Atom"}, {"description", "A coin for staking."}};
  r.grounded.values = {1, 0};
  return r;
}

std::future<written_news> ask(text_generator& g, writing_request r) {
  auto promise = std::make_shared<std::promise<written_news>>();
  auto future = promise->get_future();
  g.write(std::move(r), [promise](written_news n) { promise->set_value(std::move(n)); }); // a second answer would throw
  return future;
}

written_news answer(text_generator& g, writing_request r) {
  auto future = ask(g, std::move(r));
  REQUIRE(future.wait_for(60s) == std::future_status::ready);
  return future.get();
}

/// What every generator keeps to.
void conforms(text_generator& g) {
  std::vector<std::future<written_news>> asked;
  for (std::uint64_t i = 1; i <= 40; ++i)
    asked.push_back(ask(g, request(i % 10))); // numbers are the asker's own: they may repeat
  for (std::uint64_t i = 1; i <= 40; ++i) {
    REQUIRE(asked[i - 1].wait_for(60s) == std::future_status::ready);
    const auto n = asked[i - 1].get();
    CHECK(n.goal == goal_id{7});
    CHECK(n.request == i % 10);
    REQUIRE(n.code == errc::ok);
    CHECK(check(n.text));
    CHECK(n.text.title.find("Cosmos Hub Atom") != std::string::npos);
  }
  std::atomic<int> answered{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (std::uint64_t i = 0; i < 25; ++i)
        g.write(request(i), [&](written_news n) { answered += n.code == errc::ok; });
    });
  for (auto& t : threads)
    t.join();
  CHECK(answer(g, request(99)).code == errc::ok);
  g.close(); // no answer comes after this
  CHECK(answered <= 100);
  const int final = answered;
  CHECK(answer(g, request(100)).goal == goal_id{7}); // still answers, if only to say no
  CHECK(answered == final);
}

} // namespace

TEST_CASE("a generator answers each request once, with its own number, from any thread", "[generators]") {
  SECTION("the template") {
    template_writer g("coin");
    conforms(g);
  }
#ifdef AMMO_EXAMPLE_GENERATOR
  SECTION("the example's process") {
    auto g = started({AMMO_EXAMPLE_GENERATOR});
    conforms(*g);
    CHECK(answer(*g, request(1)).code == errc::cancelled); // closed
  }
  SECTION("a desk before a process") {
    auto words = std::make_shared<const text_index>(std::vector<std::string>{"cosmos hub atom", "staking coin", "a", "other words"},
                                                    std::vector<float>{1, 0, 0, 1, 0.6f, 0.8f, -1, 0}, 2);
    writing_desk g(started({AMMO_EXAMPLE_GENERATOR}), text_sense::of(words), 2, 1);
    conforms(g);
  }
#endif
}

TEST_CASE("what a hostile generator does is named, and the next request is answered all the same", "[generators]") {
  struct kind {
    const char* how;
    errc named;
  };
  const auto [how, named] = GENERATE(
    kind{"die", errc::generator_failed}, kind{"die_at_once", errc::generator_failed}, kind{"hang", errc::timed_out},
    kind{"lies_long", errc::timed_out}, kind{"lies_short", errc::frame_truncated}, kind{"ten_megabytes", errc::frame_too_large},
    kind{"four_gigabytes", errc::frame_too_large}, kind{"nan", errc::not_finite}, kind{"not_utf8", errc::frame_bad_utf8},
    kind{"garbage", errc::frame_wrong_shape}, kind{"other_message", errc::frame_unknown_type}, kind{"refuses", errc::cancelled});
  CAPTURE(how);
  const bool waits = named == errc::timed_out;
  auto g = hostile(how, std::make_shared<notes>(), waits ? 200ms : 20s);
  const auto n = answer(*g, request(1));
  CHECK(n.code == named);
  CHECK(n.request == 1);
  CHECK_FALSE(answer(*g, request(2)).code == errc::ok); // it is no better the second time, and answers in time
}

TEST_CASE("a text that isn't fit to be shown is refused at the desk", "[generators]") {
  const auto words = std::make_shared<const text_index>(std::vector<std::string>{"staking coin", "other words"},
                                                        std::vector<float>{1, 0, 0, 1}, 2);
  const auto [how, named] = GENERATE(std::pair{"control", errc::text_control}, std::pair{"too_long", errc::text_too_long},
                                     std::pair{"script", errc::bad_link});
  CAPTURE(how);
  writing_desk desk(hostile(how), text_sense::of(words), 2, 1);
  CHECK(answer(desk, request(1)).code == named);
}

TEST_CASE("an answer that comes too late, twice, or to no question is dropped and counted", "[generators]") {
  auto noted = std::make_shared<notes>();
  SECTION("to no question") {
    auto g = hostile("stranger", noted);
    CHECK(answer(*g, request(1)).code == errc::ok);
  }
  SECTION("twice") {
    auto g = hostile("twice", noted);
    CHECK(answer(*g, request(1)).code == errc::ok);
    CHECK(answer(*g, request(2)).code == errc::ok);
  }
  SECTION("when it isn't wanted any more") {
    auto g = hostile("late", noted);
    auto promise = std::make_shared<std::promise<written_news>>();
    g->cancel(g->write(request(1), [promise](written_news n) { promise->set_value(std::move(n)); }));
    CHECK(promise->get_future().get().code == errc::cancelled);
    // It may not have been sent before it was cancelled: then the second is the first that the child hears of.
    auto second = ask(*g, request(2)), third = ask(*g, request(3));
    CHECK(second.get().code == errc::ok);
    g->close();
    return;
  }
  CHECK(noted->sees(errc::generator_late));
}

TEST_CASE("what is asked beside a request that ends the child is answered by the next child", "[generators]") {
  auto g = hostile("third_dies");
  std::vector<std::future<written_news>> asked;
  for (std::uint64_t i = 0; i < 12; ++i)
    asked.push_back(ask(*g, request(i, i == 2 ? "die" : "staking")));
  for (std::uint64_t i = 0; i < 12; ++i) {
    CAPTURE(i);
    CHECK(asked[i].get().code == (i == 2 ? errc::generator_failed : errc::ok));
  }
}

TEST_CASE("a child that keeps failing is given up, and says so at once", "[generators]") {
  auto g = hostile("die");
  for (std::uint64_t i = 0; i < 6; ++i)
    CHECK(answer(*g, request(i)).code == errc::generator_failed);
  const auto n = answer(*g, request(7));
  CHECK(n.code == errc::generator_failed);
  CHECK(n.detail.find("keeps failing") != std::string::npos);
}

TEST_CASE("a command that can't be started is refused at once", "[generators]") {
  const auto none = process_generator::start({.command = {"no/such/program"}}, [](errc) {});
  CHECK(none.code() == errc::generator_failed);
  CHECK(none.error().detail.find("no/such/program") != std::string::npos);
  CHECK(command_of("a 'b c' \"d e\"  f").value() == std::vector<std::string>{"a", "b c", "d e", "f"});
  CHECK(command_of("").code() == errc::bad_value);
  CHECK(command_of("  ").code() == errc::bad_value);
  CHECK(command_of("a 'b").code() == errc::bad_value);
}

TEST_CASE("a generator that goes leaves no child behind, and no request without an answer", "[generators]") {
  std::future<written_news> asked;
  {
    auto g = hostile("hang");
    asked = ask(*g, request(1));
  }
  REQUIRE(asked.wait_for(0s) == std::future_status::ready);
  CHECK(asked.get().code == errc::cancelled);

  auto g = hostile("tells_pid");
  const auto pid = static_cast<pid_t>(std::stol(answer(*g, request(1)).text.title.substr(8)));
  REQUIRE(kill(pid, 0) == 0);
  g.reset();
  CHECK(kill(pid, 0) != 0);
}

TEST_CASE("more requests than may wait are refused", "[generators]") {
  auto g = process_generator::start({.command = {AMMO_HOSTILE_GENERATOR, "hang"}, .timeout = 20s, .waiting = 10}, [](errc) {}).value();
  std::vector<std::future<written_news>> asked;
  for (std::uint64_t i = 0; i < 11; ++i)
    asked.push_back(ask(*g, request(i)));
  REQUIRE(asked[10].wait_for(0s) == std::future_status::ready);
  CHECK(asked[10].get().code == errc::overloaded);
}
