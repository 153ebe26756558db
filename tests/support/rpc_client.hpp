/// A client of msgpack-RPC with the library that C++ programs use for msgpack (blocking, with deadlines).
#pragma once

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace ammo::testing {

class rpc_client {
public:
  using json = nlohmann::json;

  explicit rpc_client(std::uint16_t port);
  rpc_client(rpc_client&&) noexcept;
  ~rpc_client();

  /// Bytes as they are.
  void send(const std::string& bytes);
  void send(const json& message);
  /// The next message, and its bytes; null: the server has ended the connection.
  json next();
  /// All bytes that the server has ever sent.
  [[nodiscard]] const std::string& bytes() const;

  /// Error and result of a call; what comes in between is dropped.
  std::pair<json, json> ask(const std::string& method, json params) {
    send(json{0, ++asked_, method, std::move(params)});
    for (;;) {
      auto got = next();
      REQUIRE(got.is_array());
      if (got[0] == 1 && got[1] == asked_)
        return {got[2], got[3]};
    }
  }
  json result(const std::string& method, json params = json::array()) {
    auto [error, value] = ask(method, std::move(params));
    INFO(method << ": " << error.dump());
    CHECK(error.is_null());
    return value;
  }
  std::string error(const std::string& method, json params = json::array()) {
    auto [error, value] = ask(method, std::move(params));
    CHECK(value.is_null());
    return error.is_string() ? error.get<std::string>() : error.dump();
  }

private:
  struct connection;
  std::unique_ptr<connection> to_;
  int asked_ = 0;
};

} // namespace ammo::testing
