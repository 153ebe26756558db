#include "runtime/gateway/transport/listener.hpp"

#include "runtime/gateway/transport/http_connection.hpp"
#include "runtime/gateway/transport/rpc_connection.hpp"

#include <string_view>

namespace ammo::web {

listener::listener(std::shared_ptr<front> shared, protocol speaks)
  : front_(std::move(shared)), acceptor_(front_->contexts.front()->get_executor()), pause_(front_->contexts.front()->get_executor()), speaks_(speaks) {}

result<std::shared_ptr<listener>> listener::open(std::shared_ptr<front> shared, const tcp::endpoint& at, protocol speaks) {
  std::shared_ptr<listener> out(new listener(std::move(shared), speaks));
  boost_error error;
  out->acceptor_.open(at.protocol(), error);
  if (!error)
    out->acceptor_.set_option(net::socket_base::reuse_address(true), error);
  if (!error)
    out->acceptor_.bind(at, error);
  if (!error)
    out->acceptor_.listen(net::socket_base::max_listen_connections, error);
  if (error) {
    const auto address = at.address().to_string() + ':' + std::to_string(at.port());
    return {errc::system_refused, address + " can't be listened on: " + error.message()};
  }
  return out;
}

tcp::endpoint listener::endpoint() const { return acceptor_.local_endpoint(); }

void listener::start() {
  net::dispatch(acceptor_.get_executor(), [self = shared_from_this()] { self->accept(); });
}

void listener::close() {
  net::post(acceptor_.get_executor(), [self = shared_from_this()] {
    self->closed_ = true;
    boost_error ignored;
    self->acceptor_.close(ignored);
    self->pause_.cancel();
  });
}

void listener::accept() {
  if (closed_)
    return;
  auto& context = *front_->contexts[turn_++ % front_->contexts.size()];
  acceptor_.async_accept(context, [self = shared_from_this()](boost_error error, context_socket socket) { self->on_accepted(error, std::move(socket)); });
}

void listener::on_accepted(boost_error error, context_socket socket) {
  if (closed_)
    return;
  if (error) { // no descriptors left, or the client has gone: others may go in a moment
    pause_.expires_after(std::chrono::milliseconds(20));
    return pause_.async_wait([self = shared_from_this()](boost_error) { self->accept(); });
  }
  front_->counts.connections_taken.fetch_add(1, std::memory_order_relaxed);
  boost_error ignored;
  if (front_->open() >= front_->limits.connections) {
    static constexpr std::string_view full = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";
    front_->counts.refuse(fault::too_many_connections);
    socket.non_blocking(true, ignored);
    if (speaks_ != protocol::msgpack_rpc && !front_->tls)
      socket.write_some(net::buffer(full.data(), full.size()), ignored);
    socket.close(ignored);
  } else {
    socket.set_option(tcp::no_delay(true), ignored);
    if (speaks_ == protocol::msgpack_rpc)
      std::make_shared<rpc_connection>(byte_stream(std::move(socket), front_->tls_now()), front_)->start();
    else
      std::make_shared<http_connection>(byte_stream(std::move(socket), front_->tls_now()), front_, speaks_ == protocol::admin_http)->start();
  }
  accept();
}

} // namespace ammo::web
