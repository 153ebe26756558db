#include "runtime/gateway/transport/rpc_connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>

namespace ammo::web {
namespace {

constexpr std::size_t most_at_once = 16'384;

/// A client that only listens may be silent for as long as it likes; one that has gone is noticed by the kernel.
void watch(context_socket& socket, std::uint32_t idle_ms) {
  boost_error ignored;
  socket.set_option(net::socket_base::keep_alive(true), ignored);
  const int seconds = static_cast<int>(std::max(idle_ms / 4'000, 1u));
  for (const int option : {TCP_KEEPIDLE, TCP_KEEPINTVL})
    setsockopt(socket.native_handle(), IPPROTO_TCP, option, &seconds, sizeof seconds);
}

} // namespace

rpc_connection::rpc_connection(byte_stream bytes, std::shared_ptr<front> shared)
  : front_(std::move(shared)), stream_(std::move(bytes)), address_(address_of(stream_.socket())), unread_(front_->unread_bytes), scanner_(front_->limits.body_bytes) {}

rpc_connection::~rpc_connection() { front_->closed(this); }

void rpc_connection::start() {
  watch(stream_.socket(), front_->limits.idle_ms);
  session_ = std::make_shared<rpc_session>(front_, stream_.get_executor(), weak_from_this(), front_->identify({}, false), address_);
  front_->opened(shared_from_this()); // from here on another thread may end it
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->shake_hands(); });
}

void rpc_connection::shake_hands() {
  if (!stream_.secure() || winding_up_ || ended_)
    return go_on();
  if (!front_->may_shake_hands(address_))
    return end();
  stream_.expires_after(std::chrono::milliseconds(front_->limits.handshake_ms));
  stream_.async_handshake([self = shared_from_this()](boost_error error) {
    if (error && !self->ended_)
      self->front_->handshake_failed(error);
    if (error)
      return self->end();
    self->go_on();
  });
}

void rpc_connection::wind_up() {
  net::post(stream_.get_executor(), [self = shared_from_this()] {
    self->winding_up_ = true;
    self->session_->cancel();
    self->end_if_done();
  });
}

void rpc_connection::abort() {
  net::post(stream_.get_executor(), [self = shared_from_this()] { self->end(); });
}

void rpc_connection::end_if_done() {
  if (winding_up_ && !writing_ && unsent_.empty() && session_->under_way() == 0)
    end();
}

void rpc_connection::end() {
  if (std::exchange(ended_, true))
    return;
  session_->cancel();
  stream_.close();
}

bool rpc_connection::take_one() {
  const auto bytes = buffer_.data();
  const std::string_view all(static_cast<const char*>(bytes.data()), bytes.size());
  const auto size = scanner_.scan(all);
  if (size == 0)
    return false;
  session_->take(all.substr(0, size));
  buffer_.consume(size);
  begun_ = false;
  return true;
}

void rpc_connection::go_on() {
  if (std::exchange(taking_, true)) // a call that was answered at once
    return;
  try {
    while (!ended_ && !winding_up_ && !reading_ && !session_->full() && !behind())
      if (buffer_.size() == 0 || !take_one()) {
        read();
        break;
      }
  } catch (const refusal& why) { // where the next message begins nobody knows
    front_->counts.refuse(why.what_fault());
    end();
  }
  taking_ = false;
  end_if_done();
}

void rpc_connection::read() {
  if (!unread_.set(buffer_.size(), front_->limits.unread_bytes)) { // an answer would need the message's number
    front_->counts.refuse(fault::unread_full);
    return end();
  }
  const auto now = std::chrono::steady_clock::now();
  if (buffer_.size() > 0) {
    if (!std::exchange(begun_, true))
      whole_by_ = now + std::chrono::milliseconds(front_->limits.read_ms);
    stream_.expires_at(whole_by_);
  } else if (session_->subscribed()) {
    stream_.expires_never();
  } else {
    stream_.expires_after(std::chrono::milliseconds(front_->limits.idle_ms));
  }
  reading_ = true;
  stream_.async_read_some(buffer_.prepare(most_at_once), [self = shared_from_this()](boost_error error, std::size_t bytes) {
    self->reading_ = false;
    if (error == beast::error::timeout && self->begun_)
      self->front_->counts.refuse(fault::request_late);
    if (error == net::error::eof && self->begun_)
      self->front_->counts.refuse(fault::malformed_request);
    if (error)
      return self->end();
    self->front_->counts.bytes_in.fetch_add(bytes, std::memory_order_relaxed);
    self->buffer_.commit(bytes);
    self->go_on();
  });
}

void rpc_connection::carry(std::string message) {
  if (ended_)
    return;
  unsent_ += message;
  write();
}

void rpc_connection::write() {
  if (writing_ || unsent_.empty() || ended_)
    return;
  writing_ = true;
  std::swap(unsent_, leaving_);
  stream_.expires_after(std::chrono::milliseconds(front_->limits.write_ms));
  net::async_write(stream_, net::buffer(leaving_), [self = shared_from_this()](boost_error error, std::size_t bytes) {
    self->writing_ = false;
    self->leaving_.clear();
    self->front_->counts.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
    if (error)
      return self->end();
    self->write();
    self->go_on();
  });
}

} // namespace ammo::web
