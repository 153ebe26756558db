#include "bench/gateway_crowd.hpp"

#include "ammo/runtime.hpp"
#include "bench/gateway_clients.hpp"
#include "runtime/gateway/gateway.hpp"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <deque>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string_view>
#include <thread>

extern char** environ;

namespace ammo::bench {
namespace {

constexpr std::uint32_t width = 32;
constexpr std::size_t tasters = 64; ///< whose taste is known, so that they are pushed something
constexpr int premieres = 20;

// -- in the child -------------------------------------------------------------------------------------------------------------------------------

std::string masked(const std::string& text) { // of less than 126 bytes, by a mask of zeros
  return std::string{'\x81', static_cast<char>(0x80 | text.size()), 0, 0, 0, 0} + text;
}

/// One connection of the crowd.
struct member {
  member(net::io_context& context, std::uint16_t port) : socket(context) {
    socket.connect({net::ip::address_v4::loopback(), port});
    opened = steady::now();
  }
  tcp::socket socket;
  steady::time_point opened;
  std::array<char, 2'048> bytes{};
  std::string got{};
  bool closed = false;
};

void say(const std::string& line) {
  std::fputs((line + '\n').c_str(), stdout);
  std::fflush(stdout);
}

/// What comes until `end` has come; nothing follows that.
std::string read_until(tcp::socket& socket, std::string_view end) {
  std::string got;
  std::array<char, 512> bytes{};
  while (got.find(end) == got.npos)
    got.append(bytes.data(), socket.read_some(net::buffer(bytes)));
  return got;
}

void listen(member& m, std::size_t number) {
  m.socket.async_read_some(net::buffer(m.bytes), [&m, number](boost_error error, std::size_t n) {
    if (error)
      return say("lost " + std::to_string(number));
    const auto now = steady::now().time_since_epoch().count();
    m.got.append(m.bytes.data(), n);
    for (std::size_t at; (at = m.got.find("\"push\":")) != m.got.npos; m.got.erase(0, at + 7))
      say("push " + std::to_string(now));
    if (m.got.size() > 64)
      m.got.erase(0, m.got.size() - 16);
    listen(m, number);
  });
}

int stand_idle(const crowd_order& order) {
  const std::string upgrade = "GET /v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  net::io_context context(1);
  std::vector<std::unique_ptr<member>> all;
  for (std::size_t i = 0; i < order.count; ++i) {
    auto& m = *all.emplace_back(std::make_unique<member>(context, order.port));
    net::write(m.socket, net::buffer(upgrade));
    (void)read_until(m.socket, "\r\n\r\n");
    net::write(m.socket, net::buffer(masked(R"({"id":1,"subscribe":"pushes","user":")" + std::to_string(i) + "\"}")));
    const std::string answer = read_until(m.socket, "}");
    if (answer.find("204") == answer.npos)
      return say("refused " + answer), 1;
  }
  say("ready");
  for (std::size_t i = 0; i < all.size(); ++i)
    listen(*all[i], i);
  context.run();
  return 0;
}

int be_slow(const crowd_order& order) {
  const std::string begun = "GET /v1/users/1/slate HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ";
  net::io_context context(1);
  std::vector<std::unique_ptr<member>> all;
  for (std::size_t i = 0; i < order.count; ++i)
    all.push_back(std::make_unique<member>(context, order.port));
  for (std::size_t i = 0; i < order.count; i += 2)
    net::write(all[i]->socket, net::buffer(begun));
  say("ready");
  std::size_t open = all.size();
  for (auto& m : all)
    m->socket.async_read_some(net::buffer(m->bytes), [&, &m = *m](boost_error, std::size_t) {
      m.closed = true;
      say("closed " + std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(steady::now() - m.opened).count()));
      if (--open == 0)
        context.stop();
    });
  net::steady_timer next(context);
  std::function<void()> dribble = [&] {
    next.expires_after(1s);
    next.async_wait([&](boost_error) {
      boost_error gone;
      for (std::size_t i = 0; i < all.size(); i += 2)
        if (!all[i]->closed)
          all[i]->socket.write_some(net::buffer("x", 1), gone);
      dribble();
    });
  };
  dribble();
  context.run();
  return 0;
}

// -- in the parent ------------------------------------------------------------------------------------------------------------------------------

/// The child, and what it says.
class crowd {
public:
  crowd(const char* what, std::uint16_t port, std::size_t count) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0)
      throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t to;
    posix_spawn_file_actions_init(&to);
    posix_spawn_file_actions_adddup2(&to, ends[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&to, ends[0]);
    std::vector<std::string> words{"bench_gateway", "--crowd", what, "--port", std::to_string(port), "--count", std::to_string(count)};
    std::vector<char*> arguments;
    for (auto& w : words)
      arguments.push_back(w.data());
    arguments.push_back(nullptr);
    if (posix_spawn(&child_, "/proc/self/exe", &to, nullptr, arguments.data(), environ) != 0)
      throw std::runtime_error("no process");
    posix_spawn_file_actions_destroy(&to);
    ::close(ends[1]);
    lines_ = fdopen(ends[0], "r");
  }
  ~crowd() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    std::fclose(lines_);
  }
  crowd(const crowd&) = delete;
  crowd& operator=(const crowd&) = delete;
  /// Empty: it has ended.
  std::string next() {
    std::array<char, 4'096> line{};
    if (!std::fgets(line.data(), line.size(), lines_))
      return {};
    std::string out(line.data());
    out.pop_back();
    return out;
  }

private:
  pid_t child_ = 0;
  FILE* lines_ = nullptr;
};

double resident_mb() {
  std::ifstream in("/proc/self/statm");
  std::size_t whole = 0, resident = 0;
  in >> whole >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / 1e6;
}

template <class T>
T at_share(std::vector<T>& all, double share) {
  std::ranges::sort(all);
  return all.empty() ? T{} : all[std::min(all.size() - 1, static_cast<std::size_t>(share * static_cast<double>(all.size())))];
}

struct house {
  options deployment;
  std::unique_ptr<runtime> rt;
  std::unique_ptr<gateway> door;
};

std::vector<float> direction(std::mt19937_64& dice, float along) {
  std::normal_distribution<float> normal;
  std::vector<float> e(width);
  float square = 0;
  for (float& x : e)
    x = normal(dice) * 0.05f;
  e[0] += along;
  for (const float x : e)
    square += x * x;
  for (float& x : e)
    x /= std::max(1.0f, std::sqrt(square));
  return e;
}

goal_spec film(std::uint64_t i, std::vector<float> where) {
  return {.goal = goal_id{i}, .owner = owner_id{i}, .subspace = "film", .grounded = std::move(where), .content = i, .item = std::make_shared<item>(item{"Film number " + std::to_string(i), "What it is about, in a sentence of the usual length.", "https://example.org/films/" + std::to_string(i)})};
}

house inhabited(std::size_t people) {
  options deployment;
  deployment.goal.policy = "static";
  deployment.limits.pushes_per_user = 1'000;
  deployment.user.broadcast = "ignored"; // who has said nothing is pushed nothing
  deployment.subspaces.push_back({.name = "film", .width = width});
  house out{.deployment = deployment, .rt = {}, .door = {}};
  auto started = runtime::start(deployment);
  if (!started)
    throw std::runtime_error(started.error().text());
  out.rt = std::move(*started);
  std::mt19937_64 dice(1);
  for (std::uint64_t i = 0; i < 1'000; ++i)
    if (auto added = out.rt->add_goal(film(i, direction(dice, i % 2 == 0 ? 0.3f : -0.3f))); !added)
      throw std::runtime_error(added.error().text());
  for (std::uint64_t i = 0; i < people; ++i)
    if (auto added = out.rt->add_user(user_id{i}); !added)
      throw std::runtime_error(added.error().text());
  return out;
}

void open(house& here, gateway_options with) {
  with.listen = "127.0.0.1:0";
  auto door = gateway::start(*here.rt, here.deployment, with);
  if (!door)
    throw std::runtime_error(door.error().text());
  here.door = std::move(*door);
}

/// New creations, one after the other, that enter the slates of those whose taste is known. `heard`: gives when a push came, once for each that was made.
/// `after`: how long after a creation was taken away the next one comes; right after it the version without it is still going round.
bool premieres_of(runtime& rt, std::uint64_t first, std::chrono::milliseconds after, const char* where, const std::function<std::optional<steady::time_point>()>& heard) {
  std::mt19937_64 dice(first);
  std::vector<double> ms;
  std::size_t expected = 0;
  for (std::uint64_t k = 0; k < premieres; ++k) {
    std::this_thread::sleep_for(after);
    const goal_id goal{first + k};
    const auto pushes = rt.statistics()->pushes;
    const auto from = steady::now();
    if (!rt.add_goal(film(raw(goal), direction(dice, 5))))
      return false;
    std::uint64_t now = pushes, steps = 0;
    do { // until no more come
      std::this_thread::sleep_for(100ms);
      steps = now;
      now = rt.statistics()->pushes;
    } while (now != steps || (now == pushes && steady::now() - from < 2s));
    expected += now - pushes;
    for (std::uint64_t i = 0; i < now - pushes; ++i) {
      const auto at = heard();
      if (!at)
        return false;
      ms.push_back(std::chrono::duration<double, std::milli>(*at - from).count());
    }
    (void)rt.remove_goal(goal);
  }
  std::printf("%zu pushes of %d new creations, %s, %s: p50 %.2f ms, p99 %.2f ms, last %.2f ms\n", expected, premieres, after > 0ms ? "one at a time" : "each right after a removal", where, at_share(ms, 0.5),
              at_share(ms, 0.99), at_share(ms, 1));
  return true;
}

} // namespace

int be_a_crowd(const crowd_order& order) { return order.what == "idle" ? stand_idle(order) : be_slow(order); }

int measure_idle(std::size_t streams) {
  auto here = inhabited(streams);
  auto& rt = *here.rt;
  for (std::uint64_t u = 0; u < std::min(tasters, streams); ++u) // they like what lies along the first coordinate
    for (int round = 0; round < 12; ++round) {
      const auto shown = rt.ask(user_id{u});
      if (!shown)
        return std::fprintf(stderr, "%s\n", shown.error().text().c_str()), 1;
      for (const auto& x : shown->creations)
        (void)rt.feedback(user_id{u}, x.impression, x.content % 2 == 0 ? 1.0 : -1.0);
    }
  std::mutex guard;
  std::deque<steady::time_point> called;
  rt.on_push([&](const slate&) {
    const std::scoped_lock turn(guard);
    called.push_back(steady::now());
  });
  const auto next_call = [&]() -> std::optional<steady::time_point> {
    const std::scoped_lock turn(guard);
    if (called.empty())
      return {};
    const auto at = called.front();
    called.pop_front();
    return at;
  };
  if (!premieres_of(rt, 1'000'000, 500ms, "to the callback", next_call) || !premieres_of(rt, 2'000'000, 0ms, "to the callback", next_call))
    return std::fprintf(stderr, "a push is missing\n"), 1;
  rt.on_push({});
  open(here, {});
  const double before = resident_mb();
  const auto begun = steady::now();
  crowd all("idle", here.door->port(), streams);
  if (const auto said = all.next(); said != "ready")
    return std::fprintf(stderr, "%s\n", said.c_str()), 1;
  const double took = std::chrono::duration<double>(steady::now() - begun).count();
  const double after = resident_mb();
  std::printf("%zu streams, each subscribed to a user: %.0f MB -> %.0f MB, %.1f kB a stream, opened in %.1f s\n", streams, before, after, (after - before) * 1e3 / static_cast<double>(streams), took);
  const auto next_push = [&]() -> std::optional<steady::time_point> {
    const auto said = all.next();
    if (!said.starts_with("push "))
      return std::fprintf(stderr, "%s\n", said.c_str()), std::nullopt;
    return steady::time_point(steady::duration(std::stoll(said.substr(5))));
  };
  if (!premieres_of(rt, 3'000'000, 500ms, "to the stream", next_push) || !premieres_of(rt, 4'000'000, 0ms, "to the stream", next_push))
    return 1;
  here.door->stop();
  return 0;
}

int measure_slow(std::size_t connections) {
  constexpr double rate = 3'000, seconds = 5;
  constexpr int rounds = 5;
  constexpr std::uint32_t idle_ms = 14'000, read_ms = 12'000;
  auto here = inhabited(256);
  open(here, {.idle_ms = idle_ms, .read_ms = read_ms, .pushes = false});
  const auto port = here.door->port();
  std::vector<std::string> targets;
  for (int i = 0; i < 256; ++i)
    targets.push_back("GET /v1/users/" + std::to_string(i) + "/slate HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  const auto tell = [](const char* when, const measured& m) { std::printf("%-12s %6.0f a second   p50 %6.2f ms   p99 %6.2f ms\n", when, m.rate, m.p50_ms, m.p99_ms); };
  (void)measure(port, targets, 64, 1, rate);
  std::vector<double> alone, beside, closed;
  for (int round = 0; round < rounds; ++round) { // in turn: what else the machine does meets both
    const auto without = measure(port, targets, 64, seconds, rate);
    crowd all("slow", port, connections);
    if (const auto said = all.next(); said != "ready")
      return std::fprintf(stderr, "%s\n", said.c_str()), 1;
    const auto with = measure(port, targets, 64, seconds, rate);
    tell("alone", without);
    tell("beside them", with);
    alone.push_back(without.p99_ms);
    beside.push_back(with.p99_ms);
    for (std::string said; round == rounds - 1 && closed.size() < connections && !(said = all.next()).empty();)
      closed.push_back(std::stod(said.substr(7)));
  }
  std::printf("median p99 of %d rounds: alone %.2f ms, beside %zu connections %.2f ms, ratio %.2f\n", rounds, at_share(alone, 0.5), connections, at_share(beside, 0.5), at_share(beside, 0.5) / at_share(alone, 0.5));
  std::printf("%zu of %zu closed, after %.1f s to %.1f s (a request: %.0f s, silence: %.0f s)\n", closed.size(), connections, at_share(closed, 0) / 1e3, at_share(closed, 1) / 1e3, read_ms / 1e3, idle_ms / 1e3);
  here.door->stop();
  return 0;
}

} // namespace ammo::bench
