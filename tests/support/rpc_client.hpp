/// A client of msgpack-RPC with the library that C++ programs use for msgpack (blocking, with deadlines).
#pragma once

#include "runtime/gateway/transport/asio.hpp"

#include <catch2/catch.hpp>
#include <msgpack.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace ammo::testing {

class rpc_client {
public:
  using json = nlohmann::json;

  explicit rpc_client(std::uint16_t port) : stream_(context_) {
    run([&](auto done) { stream_.async_connect({web::net::ip::address_v4::loopback(), port}, done); });
    REQUIRE_FALSE(failed_);
  }

  /// Bytes as they are.
  void send(const std::string& bytes) {
    run([&](auto done) { web::net::async_write(stream_, web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
  }
  void send(const json& message) {
    const auto bytes = json::to_msgpack(message);
    send(std::string(bytes.begin(), bytes.end()));
  }
  /// The next message, and its bytes; null: the server has ended the connection.
  json next() {
    for (;;) {
      if (msgpack::object_handle got; unpacker_.next(got)) {
        msgpack::sbuffer packed;
        msgpack::pack(packed, got.get());
        return json::from_msgpack(std::string(packed.data(), packed.size()));
      }
      unpacker_.reserve_buffer(8'192);
      std::size_t size = 0;
      run([&](auto done) { stream_.async_read_some(web::net::buffer(unpacker_.buffer(), unpacker_.buffer_capacity()), [&, done](auto error, std::size_t n) { size = n, done(error); }); });
      REQUIRE(failed_ != web::beast::error::timeout);
      if (failed_)
        return nullptr;
      bytes_.append(unpacker_.buffer(), size);
      unpacker_.buffer_consumed(size);
    }
  }
  /// All bytes that the server has ever sent.
  [[nodiscard]] const std::string& bytes() const { return bytes_; }

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
  template <class Start>
  void run(Start&& start) {
    stream_.expires_after(std::chrono::seconds(10));
    failed_ = {};
    start([this](web::boost_error error) { failed_ = error; });
    context_.restart();
    context_.run();
  }

  web::net::io_context context_;
  web::beast::tcp_stream stream_;
  msgpack::unpacker unpacker_;
  std::string bytes_;
  web::boost_error failed_;
  std::uint32_t asked_ = 0;
};

} // namespace ammo::testing
