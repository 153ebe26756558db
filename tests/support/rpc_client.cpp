#include "tests/support/rpc_client.hpp"

#include "tests/support/timed.hpp"

#include <msgpack.hpp>

namespace ammo::testing {

struct rpc_client::connection : timed {
  template <class Start> void run(Start start) { timed::run(stream, start); }

  web::beast::tcp_stream stream{context};
  msgpack::unpacker unpacker;
  std::string bytes;
};

rpc_client::rpc_client(std::uint16_t port) : to_(std::make_unique<connection>()) {
  to_->run([&](auto done) { to_->stream.async_connect({web::net::ip::address_v4::loopback(), port}, done); });
  REQUIRE_FALSE(to_->failed);
}

rpc_client::rpc_client(rpc_client&&) noexcept = default;
rpc_client::~rpc_client() = default;

void rpc_client::send(const std::string& bytes) {
  to_->run([&](auto done) { web::net::async_write(to_->stream, web::net::buffer(bytes), [done](auto error, std::size_t) { done(error); }); });
}

void rpc_client::send(const json& message) {
  const auto bytes = json::to_msgpack(message);
  send(std::string(bytes.begin(), bytes.end()));
}

rpc_client::json rpc_client::next() {
  auto& from = to_->unpacker;
  for (;;) {
    if (msgpack::object_handle got; from.next(got)) {
      msgpack::sbuffer packed;
      msgpack::pack(packed, got.get());
      return json::from_msgpack(std::string(packed.data(), packed.size()));
    }
    from.reserve_buffer(8'192);
    std::size_t size = 0;
    to_->run([&](auto done) { to_->stream.async_read_some(web::net::buffer(from.buffer(), from.buffer_capacity()), [&, done](auto error, std::size_t n) { size = n, done(error); }); });
    REQUIRE(to_->failed != web::beast::error::timeout);
    if (to_->failed)
      return nullptr;
    to_->bytes.append(from.buffer(), size);
    from.buffer_consumed(size);
  }
}

const std::string& rpc_client::bytes() const { return to_->bytes; }

} // namespace ammo::testing
