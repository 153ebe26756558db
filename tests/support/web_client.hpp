/// A gateway with a runtime behind it on a free port, and a real HTTP client (Beast, blocking, with deadlines).
#pragma once

#include "runtime/gateway/gateway.hpp"
#include "runtime/gateway/transport/asio.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ammo::testing {

namespace http = web::http;
namespace beast = web::beast;
namespace net = web::net;
using web::tcp;
using json = nlohmann::json;

/// What a server has said.
struct told {
  unsigned status = 0;
  std::string body, type, allow;
  bool keeps = false; ///< the connection stays open
  http::fields fields{};

  [[nodiscard]] json value() const { return json::parse(body); }
  /// The name of the error in a problem.
  [[nodiscard]] std::string error() const { return value().value("error", ""); }
};

/// One connection. A test fails where an answer doesn't come within ten seconds.
class web_client {
public:
  explicit web_client(std::uint16_t port) : stream_(context_) {
    run([&](auto done) { stream_.async_connect(tcp::endpoint(net::ip::address_v4::loopback(), port), done); });
    REQUIRE_FALSE(failed_);
  }

  using fields = std::vector<std::pair<std::string, std::string>>;

  told call(const std::string& method, const std::string& target, const std::string& body = {}, const fields& more = {}) {
    http::request<http::string_body> asked;
    asked.version(11);
    asked.method_string(method);
    asked.target(target);
    asked.set(http::field::host, "127.0.0.1");
    if (!body.empty())
      asked.set(http::field::content_type, "application/json");
    for (const auto& [name, value] : more)
      asked.set(name, value);
    asked.body() = body;
    asked.prepare_payload();
    run([&](auto done) { http::async_write(stream_, asked, [done](auto error, std::size_t) { done(error); }); });
    return answer(method == "HEAD");
  }
  told get(const std::string& target, const fields& more = {}) { return call("GET", target, {}, more); }
  told put(const std::string& target, const json& body) { return call("PUT", target, body.dump()); }
  told put(const std::string& target) { return call("PUT", target); }
  told post(const std::string& target, const json& body, const fields& more = {}) { return call("POST", target, body.dump(), more); }
  told remove(const std::string& target) { return call("DELETE", target); }

  /// Bytes as they are.
  void send(std::string_view bytes) {
    run([&](auto done) { net::async_write(stream_, net::buffer(bytes.data(), bytes.size()), [done](auto error, std::size_t) { done(error); }); });
  }
  /// The next answer; status 0: the server has closed the connection instead.
  told answer(bool head = false) {
    http::response_parser<http::string_body> parser;
    parser.skip(head);
    parser.body_limit(64u << 20);
    run([&](auto done) { http::async_read(stream_, buffer_, parser, [done](auto error, std::size_t) { done(error); }); });
    REQUIRE(failed_ != beast::error::timeout);
    if (failed_)
      return {};
    told out;
    out.keeps = parser.get().keep_alive();
    auto got = parser.release();
    out.status = got.result_int();
    out.body = std::move(got.body());
    out.type = std::string(got[http::field::content_type]);
    out.allow = std::string(got[http::field::allow]);
    out.fields = got.base();
    return out;
  }
  /// Is the connection closed by the server, within ten seconds?
  bool ends() {
    char byte = 0;
    run([&](auto done) { stream_.async_read_some(net::buffer(&byte, 1), [done](auto error, std::size_t) { done(error); }); });
    return failed_ && failed_ != beast::error::timeout;
  }

private:
  template <class Start>
  void run(Start&& start) {
    stream_.expires_after(std::chrono::seconds(10));
    failed_ = {};
    start([this](web::boost_error error) { failed_ = error; });
    context_.restart();
    context_.run();
  }

  net::io_context context_;
  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  web::boost_error failed_;
};

/// A cinema of two coordinates, three films and a person (7), behind a gateway.
struct cinema {
  std::unique_ptr<runtime> rt;
  std::unique_ptr<gateway> door;

  static options deployment() {
    options o;
    o.name = "cinema";
    o.slots = 2;
    o.threads = 2;
    o.goal.policy = "static";
    o.user.situations = {"evening"};
    o.subspaces.push_back({.name = "film", .width = 2});
    return o;
  }
  explicit cinema(gateway_options with = {}, options of = deployment()) {
    with.listen = "127.0.0.1:0";
    auto started = runtime::start(of);
    REQUIRE(started);
    rt = std::move(*started);
    const std::vector<std::vector<float>> places{{1, 0}, {0, 1}, {0.6f, 0.8f}};
    for (std::uint64_t i = 0; i < places.size(); ++i)
      REQUIRE(rt->add_goal({.goal = goal_id{i + 1},
                            .owner = owner_id{i + 1},
                            .subspace = "film",
                            .grounded = places[i],
                            .content = 100 + i,
                            .item = std::make_shared<item>(item{"Film " + std::to_string(i + 1), "A film.", "https://example.org/"}),
                            .tags = {static_cast<std::uint32_t>(i)}}));
    REQUIRE(rt->add_user(user_id{7}));
    auto opened = gateway::start(*rt, of, with);
    REQUIRE(opened);
    door = std::move(*opened);
  }
  [[nodiscard]] web_client client() const { return web_client(door->port()); }
};

} // namespace ammo::testing
