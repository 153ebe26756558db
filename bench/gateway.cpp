// Slates a second over HTTP/1.1 keep-alive and over msgpack-RPC, beside a bare Beast server that answers a fixed body of the same size: same clients,
// same run, in turn.
// Clients and servers share the machine's cores. Usage: bench_gateway [--seconds S] [--connections N] [--people N]
#include "ammo/runtime.hpp"
#include "runtime/gateway/gateway.hpp"
#include "runtime/gateway/text/document.hpp"
#include "runtime/gateway/text/message_scanner.hpp"
#include "runtime/gateway/transport/asio.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace ammo::web;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

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

// -- the clients --------------------------------------------------------------------------------------------------------------------------------

struct measured {
  double rate = 0, p50_ms = 0, p99_ms = 0;
  std::size_t bytes = 0, failed = 0;
};

/// Asks again and again on one connection, one request at a time; from a schedule where there is one.
class client {
public:
  client(net::io_context& context, std::uint16_t port, std::string asked, bool rpc, steady::duration every, steady::time_point first)
    : socket_(context), due_(context), asked_(std::move(asked)), rpc_(rpc), every_(every), next_(first) {
    socket_.connect({net::ip::address_v4::loopback(), port});
    socket_.set_option(tcp::no_delay(true));
  }
  void start() {
    if (every_ == steady::duration::zero())
      return ask(steady::now());
    due_.expires_at(next_);
    due_.async_wait([this](boost_error) { ask(next_); }); // late is late: measured from when it was due
  }
  std::vector<float> ms;
  std::size_t bytes = 0, failed = 0;

private:
  void ask(steady::time_point from) {
    from_ = from;
    net::async_write(socket_, net::buffer(asked_), [this](boost_error error, std::size_t) {
      if (!error)
        read();
    });
  }
  void read() {
    socket_.async_read_some(net::buffer(read_), [this](boost_error error, std::size_t n) {
      if (error)
        return;
      got_.append(read_, n);
      if (rpc_ ? scanner_.scan(got_) == 0 : !whole())
        return read();
      ms.push_back(std::chrono::duration<float, std::milli>(steady::now() - from_).count());
      failed += rpc_ ? got_[7] != '\xC0' : got_.compare(0, 12, "HTTP/1.1 200") != 0;
      bytes = got_.size();
      got_.clear();
      next_ += every_;
      start();
    });
  }
  [[nodiscard]] bool whole() const {
    const auto head = got_.find("\r\n\r\n");
    if (head == got_.npos)
      return false;
    const auto at = got_.find("Content-Length: ");
    std::size_t length = 0;
    std::from_chars(got_.data() + at + 16, got_.data() + head, length);
    return got_.size() >= head + 4 + length;
  }

  tcp::socket socket_;
  net::steady_timer due_;
  const std::string asked_;
  const bool rpc_;
  message_scanner scanner_{1 << 20};
  const steady::duration every_;
  steady::time_point next_, from_{};
  char read_[16'384];
  std::string got_;
};

/// `rate` 0: as fast as answers come.
measured measure(std::uint16_t port, const std::vector<std::string>& questions, std::size_t connections, double seconds, double rate, bool rpc = false) {
  net::io_context context(1);
  std::vector<std::unique_ptr<client>> all;
  const auto every = rate > 0 ? std::chrono::duration_cast<steady::duration>(std::chrono::duration<double>(static_cast<double>(connections) / rate)) : steady::duration::zero();
  const auto begun = steady::now();
  for (std::size_t i = 0; i < connections; ++i)
    all.push_back(std::make_unique<client>(context, port, questions[i % questions.size()], rpc, every,
                                           begun + 50ms + every * static_cast<int>(i) / static_cast<int>(connections)));
  for (auto& c : all)
    c->start();
  context.run_for(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(seconds)));
  const auto took = std::chrono::duration<double>(steady::now() - begun).count();
  std::vector<float> ms;
  measured out;
  for (const auto& c : all) {
    ms.insert(ms.end(), c->ms.begin(), c->ms.end());
    out.bytes = std::max(out.bytes, c->bytes);
    out.failed += c->failed;
  }
  if (ms.empty())
    return out;
  std::ranges::sort(ms);
  out.rate = static_cast<double>(ms.size()) / took;
  out.p50_ms = ms[ms.size() / 2];
  out.p99_ms = ms[std::min(ms.size() - 1, ms.size() * 99 / 100)];
  return out;
}

void tell(const char* name, const measured& m) {
  std::printf("%-34s %9.0f a second   p50 %7.2f ms   p99 %7.2f ms   %zu bytes%s\n", name, m.rate, m.p50_ms, m.p99_ms, m.bytes, m.failed > 0 ? "   (some were refused!)" : "");
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
  CLI11_PARSE(app, argc, argv);

  ammo::options deployment;
  deployment.goal.policy = "static";
  deployment.subspaces.push_back({.name = "film", .width = width});
  auto started = ammo::runtime::start(deployment);
  if (!started)
    return std::fprintf(stderr, "%s\n", started.error().text().c_str()), 1;
  auto& rt = **started;
  for (std::uint32_t i = 0; i < films; ++i) {
    std::vector<float> place(width);
    for (std::uint32_t k = 0; k < width; ++k)
      place[k] = std::cos(static_cast<float>(i * (k + 1))) / std::sqrt(static_cast<float>(width));
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
