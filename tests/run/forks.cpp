/// A runtime in a child of the process that has started it.
#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <memory>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace ammo;

namespace {

/// What a child says of the runtime that its parent has started: 0, or the number of the first claim that doesn't hold.
int judged_by_child(std::unique_ptr<runtime> rt) {
  int claim = 0;
  auto holds = [&claim, done = 0](bool it) mutable {
    ++done;
    if (!it && claim == 0)
      claim = done;
  };
  const user_id ann{1};
  holds(rt->ask(ann).code() == errc::forked);
  holds(rt->add_user(user_id{2}).code() == errc::forked);
  holds(rt->add_user(user_id{2}, {.subspace = "film", .vector = {1, 0}}).code() == errc::forked);
  holds(rt->state_interest(ann, {.text = "film"}).code() == errc::forked);
  holds(rt->feedback(ann, impression_id{1}, 1).code() == errc::forked);
  holds(rt->statistics().code() == errc::forked);
  holds(rt->ask(ann, 0, use_future).get().code() == errc::forked);
  errc called_back = errc::ok;
  rt->ask(ann, 0, [&](const result<slate>& s) { called_back = s.code(); });
  holds(called_back == errc::forked);
  holds(rt->set_embedder("film", {}).code() == errc::forked);
  rt->on_push({});
  holds(rt->stop() == errc::forked);
  rt.reset();
  return claim;
}

} // namespace

TEST_CASE("in a forked child a runtime refuses everything by name, and ends nothing of its parent's", "[runtime][fork]") {
  options o;
  o.slots = 1;
  o.threads = 2;
  o.goal.policy = "static";
  o.user.exactly = true;
  o.subspaces = {{.name = "film", .width = 2}};
  auto rt = runtime::start(std::move(o));
  REQUIRE(rt);
  REQUIRE((*rt)->add_goal({.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "film", .grounded = {1, 0}, .content = 1}));
  REQUIRE((*rt)->add_user(user_id{1}));
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0)
    _exit(judged_by_child(std::move(*rt)));
  int how = 0;
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  pid_t ended = 0;
  while ((ended = waitpid(child, &how, WNOHANG)) == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::yield();
  if (ended == 0) {
    kill(child, SIGKILL);
    waitpid(child, &how, 0);
  }
  REQUIRE(ended == child);
  REQUIRE(WIFEXITED(how));
  CHECK(WEXITSTATUS(how) == 0);
  CHECK((*rt)->ask(user_id{1}));
  CHECK((*rt)->stop() == errc::ok);
}
