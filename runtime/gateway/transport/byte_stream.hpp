/// The bytes of one connection, plain or by TLS, as Asio's and Beast's algorithms read and write them.
/// Lives here: which of the two it is. May not live here: what the bytes say.
#pragma once

#include "runtime/gateway/transport/asio.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace ammo::web {

using tls_context = net::ssl::context;

/// All its members run on its context's thread. Deadlines are those of `context_stream`: one that has passed closes the socket.
class byte_stream {
public:
  using executor_type = context_executor;
  using next_layer_type = context_stream;
  using tls_stream = beast::ssl_stream<context_stream>;

  /// `by`: null: plain.
  byte_stream(context_socket socket, const std::shared_ptr<tls_context>& by) {
    if (by)
      tls_.emplace(std::move(socket), *by); // OpenSSL counts who uses a context
    else
      plain_.emplace(std::move(socket));
  }

  [[nodiscard]] bool secure() const noexcept { return tls_.has_value(); }
  [[nodiscard]] context_stream& next_layer() noexcept { return tls_ ? tls_->next_layer() : *plain_; }
  [[nodiscard]] const context_stream& next_layer() const noexcept { return tls_ ? tls_->next_layer() : *plain_; }
  [[nodiscard]] context_socket& socket() noexcept { return next_layer().socket(); }
  [[nodiscard]] executor_type get_executor() noexcept { return next_layer().get_executor(); }

  void expires_after(std::chrono::steady_clock::duration time) { next_layer().expires_after(time); }
  void expires_at(std::chrono::steady_clock::time_point time) { next_layer().expires_at(time); }
  void expires_never() { next_layer().expires_never(); }

  /// Both have agreed on keys, where it isn't plain: `secure()`.
  template <class Handler>
  void async_handshake(Handler&& done) {
    tls_->async_handshake(net::ssl::stream_base::server, std::forward<Handler>(done));
  }
  /// Tells the client that nothing follows, and waits until it has said the same: `secure()`.
  template <class Handler>
  void async_goodbye(Handler&& done) {
    tls_->async_shutdown(std::forward<Handler>(done));
  }
  /// Now, whatever is under way.
  void close() {
    boost_error ignored;
    socket().shutdown(tcp::socket::shutdown_both, ignored);
    next_layer().close();
  }

  /// Handlers alone are taken, no other tokens.
  template <class Buffers, class Handler>
  void async_read_some(const Buffers& into, Handler&& done) {
    if (tls_)
      tls_->async_read_some(into, std::forward<Handler>(done));
    else
      plain_->async_read_some(into, std::forward<Handler>(done));
  }
  template <class Buffers, class Handler>
  void async_write_some(const Buffers& from, Handler&& done) {
    if (tls_)
      tls_->async_write_some(from, std::forward<Handler>(done));
    else
      plain_->async_write_some(from, std::forward<Handler>(done));
  }

  /// How a WebSocket ends what carries it.
  template <class Handler>
  friend void async_teardown(beast::role_type role, byte_stream& s, Handler&& done) {
    using beast::websocket::async_teardown;
    if (s.tls_)
      async_teardown(role, *s.tls_, std::forward<Handler>(done));
    else
      async_teardown(role, *s.plain_, std::forward<Handler>(done));
  }

private:
  std::optional<context_stream> plain_;
  std::optional<tls_stream> tls_;
};

} // namespace ammo::web
