/// A host that lives until it is killed: state_host STATE RECORD SEED. Each line of RECORD is written before a call ("?") or once it is
/// acknowledged ("!"), so that whoever reads it knows what the host was told.
#include "ammo/runtime.hpp"
#include "tests/support/state_host.hpp"

#include <atomic>
#include <chrono>
#include <fcntl.h>
#include <iostream>
#include <random>
#include <sstream>
#include <unistd.h>

using namespace ammo;

namespace {

struct recorder {
  int file;
  template <class... Parts> void operator()(const Parts&... parts) const {
    std::ostringstream line;
    ((line << parts << ' '), ...) << '\n';
    const auto text = line.str();
    if (::write(file, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      _exit(3);
  }
};

void come(runtime& rt, const recorder& record, std::uint64_t user) {
  record("?", "user", user);
  if (auto added = rt.add_user(user_id{user}); added || added.code() == errc::duplicate_user)
    record("!", "user", user);
}

/// Asks, and answers some of it. False: it was taken for dead, and is told so.
bool look(runtime& rt, const recorder& record, std::uint64_t user, std::mt19937_64& dice) {
  const auto shown = rt.ask(user_id{user});
  if (shown.code() == errc::state_in_use)
    return record("-", "ask", user, name_of(shown.code())), false;
  if (!shown)
    return true;
  for (const auto& x : shown->creations) {
    const auto impression = raw(x.impression);
    record("?", "feedback", user, impression, shown->round);
    if (const auto given = rt.feedback(user_id{user}, x.impression, 0.5, call_key(impression)); given)
      record("!", "feedback", user, impression, shown->round);
    else
      record("-", "feedback", user, impression, name_of(given.code()));
    if (dice() % 3 == 0)
      break;
  }
  return true;
}

/// Users who come by one after the other, at random.
void pass_by(runtime& rt, const recorder& record, std::uint64_t seed) {
  std::mt19937_64 dice(seed);
  for (;;) {
    const auto user = test::killed_users + 1 + dice() % test::killed_passers_by;
    come(rt, record, user);
    if (!look(rt, record, user, dice))
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

/// One user's thread: asks, answers some of it, and creates now and then.
void live(runtime& rt, const recorder& record, std::uint64_t user, std::uint64_t seed, std::atomic<std::uint64_t>& made_so_far) {
  std::mt19937_64 dice(seed);
  come(rt, record, user);
  for (std::uint64_t n = 0;; ++n) {
    if (!look(rt, record, user, dice))
      return;
    if (n % 7 == 0) {
      const std::uint64_t key = seed << 20 | ++made_so_far; // keys count up
      record("?", "creation", key);
      if (const auto made = rt.create({.goal = goal_id{1}, .e = {1, 0}, .key = key}); made)
        record("!", "creation", key, raw(made->creation));
      else
        record("-", "creation", key, name_of(made.code()));
    }
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4)
    return 2;
  const recorder record{::open(argv[2], O_WRONLY | O_CREAT | O_APPEND, 0600)};
  const std::uint64_t seed = std::strtoull(argv[3], nullptr, 10);
  auto rt = runtime::start(test::killed_deployment(argv[1]));
  if (!rt) {
    std::cerr << rt.error().text() << '\n';
    return 1;
  }
  (void)(*rt)->add_goal(test::killed_goal());
  record("!", "started", seed);
  std::atomic<std::uint64_t> made_so_far{0};
  std::vector<std::thread> people;
  for (std::uint64_t user = 1; user <= test::killed_users; ++user)
    people.emplace_back([&, user] { live(**rt, record, user, seed, made_so_far); });
  people.emplace_back([&] { pass_by(**rt, record, seed); });
  for (auto& p : people)
    p.join();
}
