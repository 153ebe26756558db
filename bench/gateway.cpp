// Slates a second over HTTP/1.1 keep-alive and over msgpack-RPC, beside a bare Beast server that answers a fixed body of the same size: same clients,
// same run, in turn.
// Clients and servers share the machine's cores. Usage: bench_gateway [--seconds S] [--connections N] [--people N]
// --idle N: N streams that subscribe to pushes, what they cost, and how long a push takes. --slow N: N connections that say nothing or a byte a
// second, beside clients that ask.
#include "ammo/runtime.hpp"
#include "bench/gateway_clients.hpp"
#include "bench/gateway_crowd.hpp"
#include "bench/hosting.hpp"
#include "runtime/gateway/gateway.hpp"
#include "runtime/gateway/text/document.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ammo::bench;

// -- the bare server ----------------------------------------------------------------------------------------------------------------------------

class bare_connection : public std::enable_shared_from_this<bare_connection> {
public:
  bare_connection(context_socket socket, const std::string& body) : stream_(std::move(socket)) {
    answer_.version(11);
    answer_.result(http::status::ok);
    answer_.set(http::field::content_type, "application/json");
    answer_.body() = body;
    answer_.prepare_payload();
  }
  void next() {
    asked_ = {};
    http::async_read(stream_, buffer_, asked_, [self = shared_from_this()](boost_error error, std::size_t) {
      if (!error)
        http::async_write(self->stream_, self->answer_, [self](boost_error failed, std::size_t) {
          if (!failed)
            self->next();
        });
    });
  }

private:
  context_stream stream_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> asked_;
  http::response<http::string_body> answer_;
};

class bare_server {
public:
  explicit bare_server(std::string body) : body_(std::move(body)), acceptor_(context_, {net::ip::address_v4::loopback(), 0}) {
    accept();
    thread_ = std::thread([this] { context_.run(); });
  }
  ~bare_server() {
    context_.stop();
    thread_.join();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

private:
  void accept() {
    acceptor_.async_accept(context_, [this](boost_error error, context_socket socket) {
      if (error)
        return;
      socket.set_option(tcp::no_delay(true));
      std::make_shared<bare_connection>(std::move(socket), body_)->next();
      accept();
    });
  }
  std::string body_;
  net::io_context context_{1};
  net::basic_socket_acceptor<tcp, context_executor> acceptor_{context_};
  std::thread thread_;
};

void tell(const char* name, const measured& m) {
  std::printf("%-34s %9.0f a second   p50 %7.2f ms   p99 %7.2f ms   %5.1f µs of processor, %4.2f switches   %zu bytes%s\n", name, m.rate, m.p50_ms, m.p99_ms, m.cpu_us, m.switches, m.bytes, m.failed > 0 ? "   (some were refused!)" : "");
}

} // namespace

int main(int argc, char** argv) {
  double seconds = 5;
  std::size_t connections = 64, people = 256, threads = 1;
  std::uint32_t width = 32, films = 1'000;
  CLI::App app{"Slates over HTTP beside a bare Beast server"};
  app.add_option("--seconds", seconds);
  app.add_option("--connections", connections);
  app.add_option("--people", people);
  app.add_option("--threads", threads, "of the gateway");
  app.add_option("--films", films);
  std::size_t idle = 0, slow = 0;
  app.add_option("--idle", idle, "streams that subscribe");
  app.add_option("--slow", slow, "connections that are slow or silent");
  crowd_order crowd; // of the child process that such connections are in
  app.add_option("--crowd", crowd.what);
  app.add_option("--port", crowd.port);
  app.add_option("--count", crowd.count);
  CLI11_PARSE(app, argc, argv);
  if (!crowd.what.empty())
    return be_a_crowd(crowd);
  if (idle > 0 || slow > 0)
    return idle > 0 ? measure_idle(idle) : measure_slow(slow);

  ammo::options deployment;
  deployment.goal.policy = "static";
  deployment.subspaces.push_back({.name = "film", .width = width});
  auto started = ammo::runtime::start(deployment);
  if (!started)
    return std::fprintf(stderr, "%s\n", started.error().text().c_str()), 1;
  auto& rt = **started;
  std::mt19937_64 dice(1);
  std::normal_distribution<float> normal;
  for (std::uint32_t i = 0; i < films; ++i) {
    const auto place = direction(dice, normal, width);
    rt.add_goal({.goal = ammo::goal_id{i}, .owner = ammo::owner_id{i}, .subspace = "film", .grounded = place, .content = i, .item = std::make_shared<ammo::item>(ammo::item{"Film number " + std::to_string(i), "What it is about, in a sentence of the usual length.", "https://example.org/films/" + std::to_string(i)})},
                [](const ammo::result<ammo::creation_receipt>&) {});
  }
  std::vector<std::string> targets, calls;
  for (std::size_t i = 0; i < people; ++i) {
    if (auto added = rt.add_user(ammo::user_id{i}); !added)
      return std::fprintf(stderr, "%s\n", added.error().text().c_str()), 1;
    targets.push_back("GET /v1/users/" + std::to_string(i) + "/slate HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    calls.push_back(write_document(document{0, i, "get_slate", {std::to_string(i)}}, form::msgpack));
  }
  while (rt.statistics()->creations < films)
    std::this_thread::sleep_for(10ms);
  ammo::gateway_options with;
  with.listen = with.rpc = "127.0.0.1:0";
  with.threads = static_cast<std::uint32_t>(threads);
  with.pushes = false;
  auto door = ammo::gateway::start(rt, deployment, with);
  if (!door)
    return std::fprintf(stderr, "%s\n", door.error().text().c_str()), 1;

  const auto warm = measure((*door)->port(), targets, connections, 1, 0);
  const bare_server bare(std::string(warm.bytes, 'x'));
  std::printf("%zu connections, %zu people, %u films, %.0f s each, %u cores for all\n", connections, people, films, seconds, std::thread::hardware_concurrency());
  for (int round = 0; round < 3; ++round) {
    const auto fixed = measure(bare.port(), targets, connections, seconds, 0), live = measure((*door)->port(), targets, connections, seconds, 0);
    const auto half = measure((*door)->port(), targets, connections, seconds, live.rate / 2);
    const auto rpc = measure((*door)->rpc_port(), calls, connections, seconds, 0, true);
    const auto rpc_half = measure((*door)->rpc_port(), calls, connections, seconds, rpc.rate / 2, true);
    tell("bare Beast, a fixed body", fixed);
    tell("gateway, slates", live);
    tell("gateway, slates at half that rate", half);
    tell("msgpack-RPC, slates", rpc);
    tell("msgpack-RPC, at half that rate", rpc_half);
    std::printf("%-34s %9.2f, of msgpack-RPC %.2f\n", "ratio", live.rate / fixed.rate, rpc.rate / fixed.rate);
  }
  (*door)->stop();
  return 0;
}
