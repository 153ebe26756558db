/// A gateway with a runtime behind it on a free port, and a real HTTP client (Beast, blocking, with deadlines).
#pragma once

#include "runtime/gateway/gateway.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ammo::testing {

using json = nlohmann::json;

/// What a server has said.
struct told {
  unsigned status = 0;
  std::string body, type, allow;
  bool keeps = false; ///< the connection stays open
  std::map<std::string, std::string> fields{}; ///< by name as the server wrote it

  [[nodiscard]] json value() const { return json::parse(body); }
  /// The name of the error in a problem.
  [[nodiscard]] std::string error() const { return value().value("error", ""); }
};

/// One connection. A test fails where an answer doesn't come within ten seconds.
class web_client {
public:
  explicit web_client(std::uint16_t port);
  web_client(web_client&&) noexcept;
  ~web_client();

  using fields = std::vector<std::pair<std::string, std::string>>;

  told call(const std::string& method, const std::string& target, const std::string& body = {}, const fields& more = {});
  told get(const std::string& target, const fields& more = {}) { return call("GET", target, {}, more); }
  told put(const std::string& target, const json& body) { return call("PUT", target, body.dump()); }
  told put(const std::string& target) { return call("PUT", target); }
  told post(const std::string& target, const json& body, const fields& more = {}) { return call("POST", target, body.dump(), more); }
  told remove(const std::string& target) { return call("DELETE", target); }

  /// Bytes as they are.
  void send(std::string_view bytes);
  /// No more bytes will come: the other direction stays open.
  void send_no_more();
  /// The next answer; status 0: the server has closed the connection instead.
  told answer(bool head = false);
  /// Is the connection closed by the server, within ten seconds?
  bool ends();

private:
  struct connection;
  std::unique_ptr<connection> to_;
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
