#include "tests/support/stream_client.hpp"

#include "tests/support/timed.hpp"

#include <boost/beast/websocket.hpp>
#include <catch2/catch.hpp>

namespace ammo::testing {

namespace websocket = boost::beast::websocket;

struct stream_client::connection : timed {
  web::beast::tcp_stream& lowest() { return socket.next_layer(); }
  template <class Start> void run(Start start) { timed::run(lowest(), start); }

  websocket::stream<web::beast::tcp_stream> socket{context};
  websocket::response_type answer;
};

stream_client::stream_client(std::uint16_t port, const std::string& path, const std::vector<std::pair<std::string, std::string>>& fields)
  : to_(std::make_unique<connection>()) {
  to_->run([&](auto done) { to_->lowest().async_connect({web::net::ip::address_v4::loopback(), port}, done); });
  REQUIRE_FALSE(to_->failed);
  to_->socket.set_option(websocket::stream_base::decorator([fields](websocket::request_type& asked) {
    for (const auto& [name, value] : fields)
      asked.set(name, value);
  }));
  to_->socket.read_message_max(64u << 20);
  to_->run([&](auto done) { to_->socket.async_handshake(to_->answer, "127.0.0.1:" + std::to_string(port), path, done); });
}

stream_client::stream_client(stream_client&&) noexcept = default;
stream_client::~stream_client() = default;

bool stream_client::open() const { return to_->socket.is_open(); }
unsigned stream_client::refused_with() const { return to_->answer.result_int(); }
std::string stream_client::answered(const std::string& name) const { return std::string(to_->answer[name]); }
unsigned stream_client::reason() const { return to_->socket.reason().code; }

void stream_client::send(const std::string& bytes, bool binary) {
  to_->socket.binary(binary);
  to_->run([&](auto done) { to_->socket.async_write(web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
}

stream_client::json stream_client::next() {
  web::beast::flat_buffer buffer;
  to_->run([&](auto done) { to_->socket.async_read(buffer, [done](auto error, std::size_t) { done(error); }); });
  REQUIRE(to_->failed != web::beast::error::timeout);
  if (to_->failed)
    return nullptr;
  const auto bytes = web::beast::buffers_to_string(buffer.data());
  return to_->socket.got_text() ? json::parse(bytes) : json::from_msgpack(bytes);
}

stream_client::json stream_client::ask(json said) {
  said["id"] = ++asked_;
  send(said);
  for (;;) {
    auto got = next();
    if (got.is_null() || (got.contains("id") && got["id"] == asked_))
      return got;
  }
}

void stream_client::send_raw(const std::string& bytes) {
  to_->run([&](auto done) { web::net::async_write(to_->lowest(), web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
}

} // namespace ammo::testing
