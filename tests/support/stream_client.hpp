/// A real WebSocket client (Beast, with deadlines) for the gateway's stream, and for a browser's.
#pragma once

#include "runtime/gateway/transport/asio.hpp"

#include <boost/beast/websocket.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ammo::testing {

class stream_client {
public:
  using json = nlohmann::json;

  explicit stream_client(std::uint16_t port, const std::string& path = "/v1/stream", const std::vector<std::pair<std::string, std::string>>& fields = {}) : socket_(context_) {
    deadline(std::chrono::seconds(10));
    run([&](auto done) { lowest().async_connect({web::net::ip::address_v4::loopback(), port}, done); });
    REQUIRE_FALSE(failed_);
    socket_.set_option(boost::beast::websocket::stream_base::decorator([fields](boost::beast::websocket::request_type& asked) {
      for (const auto& [name, value] : fields)
        asked.set(name, value);
    }));
    socket_.read_message_max(64u << 20);
    run([&](auto done) { socket_.async_handshake(answer_, "127.0.0.1:" + std::to_string(port), path, done); });
  }

  [[nodiscard]] bool open() const { return socket_.is_open(); }
  /// The status of a handshake that was refused.
  [[nodiscard]] unsigned refused_with() const { return answer_.result_int(); }

  /// A header of the server's answer to the handshake.
  [[nodiscard]] std::string answered(const std::string& name) const { return std::string(answer_[name]); }

  void send(const std::string& bytes, bool binary = false) {
    socket_.binary(binary);
    run([&](auto done) { socket_.async_write(web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
  }
  void send(const json& said) { send(said.dump()); }

  /// The next message; null: the server has ended the stream.
  json next() {
    web::beast::flat_buffer buffer;
    run([&](auto done) { socket_.async_read(buffer, [done](auto error, std::size_t) { done(error); }); });
    REQUIRE(failed_ != web::beast::error::timeout);
    if (failed_)
      return nullptr;
    const auto bytes = web::beast::buffers_to_string(buffer.data());
    return socket_.got_text() ? json::parse(bytes) : json::from_msgpack(bytes);
  }
  /// The answer to a question; what comes in between is dropped.
  json ask(json said) {
    said["id"] = ++asked_;
    send(said);
    for (;;) {
      auto got = next();
      if (got.is_null() || (got.contains("id") && got["id"] == asked_))
        return got;
    }
  }
  /// Why the server ended the stream.
  [[nodiscard]] unsigned reason() const { return socket_.reason().code; }
  /// The connection itself, for bytes that no library sends.
  void send_raw(const std::string& bytes) {
    run([&](auto done) { web::net::async_write(lowest(), web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
  }

private:
  web::beast::tcp_stream& lowest() { return socket_.next_layer(); }
  void deadline(std::chrono::seconds time) { lowest().expires_after(time); }
  template <class Start>
  void run(Start&& start) {
    deadline(std::chrono::seconds(10));
    failed_ = {};
    start([this](web::boost_error error) { failed_ = error; });
    context_.restart();
    context_.run();
  }

  web::net::io_context context_;
  boost::beast::websocket::stream<web::beast::tcp_stream> socket_;
  boost::beast::websocket::response_type answer_;
  web::boost_error failed_;
  int asked_ = 0;
};

} // namespace ammo::testing
