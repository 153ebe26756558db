#include "runtime/gateway/transport/stream_connection.hpp"

#include "runtime/gateway/text/message_scanner.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>

namespace ammo::web {
namespace {

constexpr std::string_view rpc_protocol = "msgpack-rpc";

/// Is it among the subprotocols that the client offers?
bool offers_rpc(const http::request<http::string_body>& upgrade) {
  const auto offered = upgrade[http::field::sec_websocket_protocol];
  for (const auto name : http::token_list(offered))
    if (std::string_view(name.data(), name.size()) == rpc_protocol)
      return true;
  return false;
}

/// An id of a message is a text or a whole number, or there is none.
document id_in(members& from) {
  const auto* id = from.find("id");
  if (!id)
    return nullptr;
  if ((!id->is_string() || id->get_ref<const std::string&>().size() > 255) && !id->is_number_integer())
    throw refusal(fault::wrong_member_type, "id is neither a text of at most 255 bytes nor a whole number");
  return *id;
}

} // namespace

stream_connection::stream_connection(byte_stream bytes, std::shared_ptr<front> shared, access who, std::string address)
  : front_(std::move(shared)), socket_(std::move(bytes)), unread_(front_->unread_bytes), who_(std::move(who)), address_(std::move(address)) {}

stream_connection::~stream_connection() { front_->closed(this); }

void stream_connection::start(http::request<http::string_body> upgrade) {
  front_->opened(shared_from_this());
  if (offers_rpc(upgrade)) {
    rpc_ = std::make_shared<rpc_session>(front_, socket_.get_executor(), weak_from_this(), who_, address_);
    socket_.set_option(websocket::stream_base::decorator([](websocket::response_type& accepted) {
      accepted.set(http::field::sec_websocket_protocol, beast::string_view(rpc_protocol.data(), rpc_protocol.size()));
    }));
  }
  heard_ = std::make_shared<subscriptions>(front_, socket_.get_executor(), [weak = weak_from_this()](std::string_view name, const std::string& bytes, form as) {
    if (const auto self = weak.lock())
      self->tell(name, bytes, as);
  });
  websocket::stream_base::timeout limits;
  limits.handshake_timeout = std::chrono::milliseconds(front_->limits.write_ms);
  limits.idle_timeout = std::chrono::milliseconds(front_->limits.idle_ms);
  limits.keep_alive_pings = true; // a client that lives answers, one that is gone is dropped
  socket_.set_option(limits);
  socket_.read_message_max(front_->limits.body_bytes);
  const auto asked = std::make_shared<http::request<http::string_body>>(std::move(upgrade));
  socket_.async_accept(*asked, [self = shared_from_this(), asked](boost_error error) {
    if (!error)
      self->read();
  });
}

void stream_connection::wind_up() {
  net::post(socket_.get_executor(), [self = shared_from_this()] {
    self->winding_up_ = true;
    self->cancel();
    self->close_if_done();
  });
}

void stream_connection::cancel() {
  heard_->cancel();
  if (rpc_)
    rpc_->cancel();
}

void stream_connection::on_room() {
  read();
  close_if_done();
}

/// Ends a stream that winds up, once what was asked is answered.
void stream_connection::close_if_done() {
  if (!winding_up_ || ended_ || writing_ || !unsent_.empty() || under_way() > 0)
    return;
  ended_ = true;
  if (!socket_.is_open()) // not accepted yet
    return socket_.next_layer().close();
  socket_.async_close(websocket::close_code::going_away, [self = shared_from_this()](boost_error) { self->end(); });
}

void stream_connection::abort() {
  net::post(socket_.get_executor(), [self = shared_from_this()] { self->end(); });
}

void stream_connection::end() {
  ended_ = true;
  cancel();
  socket_.next_layer().close();
  // Beast's own ping knows the stream weakly, and TLS beneath it by a reference: what the close has queued for it finds both alive.
  net::post(socket_.get_executor(), [self = shared_from_this()] {});
}

void stream_connection::read() {
  // A client that doesn't take its answers is not listened to, and then dropped for its silence.
  if (reading_ || ended_ || winding_up_ || under_way() >= calls_at_once || behind())
    return;
  reading_ = true;
  read_some();
}

void stream_connection::read_some() {
  socket_.async_read_some(buffer_, 0, [self = shared_from_this()](boost_error error, std::size_t) { self->on_read(error); });
}

void stream_connection::on_read(boost_error error) {
  if (error == websocket::error::message_too_big)
    front_->counts.refuse(fault::body_too_large); // the library closes with code 1009
  if (error)
    return reading_ = false, end();
  const bool whole = socket_.is_message_done();
  if (!unread_.set(whole ? 0 : buffer_.size(), front_->limits.unread_bytes))
    return reading_ = false, give_up(refusal(fault::unread_full), websocket::close_code::try_again_later);
  if (!whole)
    return read_some();
  on_message();
}

void stream_connection::on_message() {
  reading_ = false;
  front_->counts.bytes_in.fetch_add(buffer_.size(), std::memory_order_relaxed);
  const auto as = socket_.got_text() ? form::json : form::msgpack;
  const std::string bytes = beast::buffers_to_string(buffer_.data());
  buffer_.consume(buffer_.size());
  if (!rpc_)
    on_document(bytes, as);
  else if (as == form::msgpack)
    on_rpc(bytes);
  else
    give_up(refusal(fault::malformed_body, "a text where messages are binary"));
  read();
}

/// Where the next message begins nobody knows.
void stream_connection::give_up(const refusal& why, websocket::close_code code) {
  front_->counts.refuse(why.what_fault());
  if (std::exchange(ended_, true))
    return;
  cancel();
  socket_.async_close(code, [self = shared_from_this()](boost_error) { self->end(); });
}

/// A frame is a message.
void stream_connection::on_rpc(std::string_view bytes) {
  try {
    message_scanner scanner(bytes.size());
    if (scanner.scan(bytes) != bytes.size())
      throw refusal(fault::malformed_body, "a frame that isn't one whole message");
    rpc_->take(bytes);
  } catch (const refusal& why) {
    give_up(why);
  }
}

void stream_connection::on_document(std::string_view bytes, form as) {
  document id;
  try {
    const auto said = read_document(bytes, as);
    if (said.is_object() && said.contains("id"))
      id = said["id"];
    handle(said, as);
  } catch (const refusal& why) {
    answer(id.is_string() || id.is_number() ? id : document(), as, problem(why, as));
  } catch (const std::exception& e) {
    answer({}, as, problem(refusal(failure{errc::internal, e.what()}), as));
  }
}

void stream_connection::handle(const document& said, form as) {
  front_->counts.requests.fetch_add(1, std::memory_order_relaxed);
  members from(said);
  auto id = id_in(from);
  front_->count_request(who_, address_);
  if (const auto token = from.text("authorize"); !token.empty()) {
    from.end();
    who_ = front_->identify("Bearer " + token, who_.admin_door);
    return answer(id, as, nothing());
  }
  if (const auto what = from.text("subscribe"); !what.empty()) {
    heard_->subscribe(what, from, as, who_);
    answer(id, as, nothing());
    return heard_->begin();
  }
  if (const auto what = from.text("unsubscribe"); !what.empty()) {
    heard_->unsubscribe(what, from);
    return answer(id, as, nothing());
  }
  call(from, std::move(id), as);
}

void stream_connection::call(members& from, document id, form as) {
  request asked;
  asked.method = from.needed_text("method");
  const auto target = from.needed_text("path");
  const auto question = target.find('?');
  asked.path = target.substr(0, question);
  if (question != target.npos)
    asked.query = query_of(std::string_view(target).substr(question + 1));
  asked.idempotency_key = from.text("key");
  asked.trace = front_->trace_named(from.text("traceparent"));
  if (const auto* body = from.find("body"))
    asked.read = *body;
  from.end();
  asked.answer = as;
  asked.who = who_;
  ++under_way_;
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  front_->routes.dispatch(std::move(asked), [self = shared_from_this(), id = std::move(id), as, answered](response out) {
    if (answered->exchange(true))
      return;
    net::post(self->socket_.get_executor(), [self, id, as, out = std::move(out)] {
      --self->under_way_;
      const bool document_ = out.type.empty() || (as == form::json ? out.type == json_type || out.type == problem_type : out.type == msgpack_type);
      self->answer(id, as, document_ ? out : problem(refusal(fault::unknown_path, "files are not sent over a stream"), as));
      self->read();
    });
  });
}

void stream_connection::answer(const document& id, form as, const response& out) {
  for (const auto what : out.faults)
    front_->counts.refuse(what);
  front_->counts.answered(out.status);
  // The body is a document already: it becomes a member as it is.
  message m{.bytes = {}, .as = as};
  if (as == form::json) {
    m.bytes = "{\"id\":" + write_document(id, as) + ",\"status\":" + std::to_string(out.status) + ",\"body\":" + (out.body.empty() ? "null" : out.body) + '}';
  } else {
    m.bytes = '\x83';
    for (const auto& [name, value] : {std::pair<const char*, document>{"id", id}, {"status", out.status}})
      m.bytes += write_document(name, as) + write_document(value, as);
    m.bytes += write_document("body", as) + (out.body.empty() ? "\xc0" : out.body);
  }
  send(std::move(m));
}

void stream_connection::tell(std::string_view name, const std::string& bytes, form as) {
  if (behind())
    return front_->counts.refuse(fault::stream_behind);
  const auto key = write_document(name, as);
  send({as == form::json ? '{' + key + ':' + bytes + '}' : '\x81' + key + bytes, as});
}

void stream_connection::send(message m) {
  if (ended_)
    return;
  unsent_.push_back(std::move(m));
  write();
}

void stream_connection::write() {
  if (writing_ || unsent_.empty() || ended_)
    return;
  writing_ = true;
  socket_.text(unsent_.front().as == form::json);
  socket_.async_write(net::buffer(unsent_.front().bytes), [self = shared_from_this()](boost_error error, std::size_t bytes) {
    self->writing_ = false;
    self->front_->counts.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
    if (error)
      return self->end();
    self->unsent_.pop_front();
    self->write();
    self->read();
    self->close_if_done();
  });
}

} // namespace ammo::web
