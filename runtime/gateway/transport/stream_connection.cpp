#include "runtime/gateway/transport/stream_connection.hpp"

#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/calls/slate_text.hpp"

#include <algorithm>
#include <chrono>

namespace ammo::web {
namespace {

constexpr std::int64_t shortest_ms = 100, longest_ms = 3'600'000; // between two figures

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

stream_connection::stream_connection(context_socket socket, std::shared_ptr<front> shared, shared_service with)
  : front_(std::move(shared)), with_(std::move(with)), socket_(std::move(socket)), figures_due_(socket_.get_executor()) {}

stream_connection::~stream_connection() {
  for (const auto user : subscribed_)
    with_->pushes->unsubscribe(user, this);
  front_->closed(this);
}

void stream_connection::start(http::request<http::string_body> upgrade) {
  front_->opened(shared_from_this());
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
    self->figures_due_.cancel();
    self->close_if_done();
  });
}

/// Ends a stream that winds up, once what was asked is answered.
void stream_connection::close_if_done() {
  if (!winding_up_ || ended_ || writing_ || !unsent_.empty() || under_way_ > 0)
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
  figures_due_.cancel();
  socket_.next_layer().close();
}

void stream_connection::read() {
  // A client that doesn't take its answers is not listened to, and then dropped for its silence.
  if (reading_ || ended_ || winding_up_ || under_way_ >= calls_at_once || unsent_.size() >= most_unsent)
    return;
  reading_ = true;
  socket_.async_read(buffer_, [self = shared_from_this()](boost_error error, std::size_t) { self->on_message(error); });
}

void stream_connection::on_message(boost_error error) {
  reading_ = false;
  if (error == websocket::error::message_too_big)
    front_->counts.refuse(fault::body_too_large); // the library closes with code 1009
  if (error)
    return end();
  front_->counts.bytes_in.fetch_add(buffer_.size(), std::memory_order_relaxed);
  const auto as = socket_.got_text() ? form::json : form::msgpack;
  const std::string bytes = beast::buffers_to_string(buffer_.data());
  buffer_.consume(buffer_.size());
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
  read();
}

void stream_connection::handle(const document& said, form as) {
  front_->counts.requests.fetch_add(1, std::memory_order_relaxed);
  members from(said);
  auto id = id_in(from);
  if (const auto what = from.text("subscribe"); !what.empty())
    return subscribe(from, what, id, as);
  if (const auto what = from.text("unsubscribe"); !what.empty())
    return unsubscribe(from, what, id, as);
  call(from, std::move(id), as);
}

void stream_connection::subscribe(members& from, const std::string& what, const document& id, form as) {
  if (what == "pushes") {
    const user_id user{from.needed_id("user")};
    from.end();
    if (subscribed_.size() == most_subscribed && !subscribed_.contains(user))
      throw refusal(fault::too_many_items, "at most " + std::to_string(most_subscribed) + " users");
    subscribed_.insert(user);
    with_->pushes->subscribe(user, shared_from_this());
  } else if (what == "statistics") {
    const auto every = from.whole("every_ms", 1'000);
    from.end();
    if (every < shortest_ms || every > longest_ms)
      throw refusal(failure{errc::bad_value, "every_ms is " + std::to_string(every) + "; from " + std::to_string(shortest_ms) + " to " + std::to_string(longest_ms)});
    figures_every_ms_ = static_cast<std::uint32_t>(every);
    ++figures_turn_;
  } else {
    throw refusal(failure{errc::bad_value, "\"" + what.substr(0, 40) + "\"; pushes and statistics can be subscribed to"});
  }
  told_as_ = as;
  answer(id, as, nothing());
  if (what == "statistics")
    tell_figures();
}

void stream_connection::unsubscribe(members& from, const std::string& what, const document& id, form as) {
  if (what == "pushes") {
    const user_id user{from.needed_id("user")};
    from.end();
    subscribed_.erase(user);
    with_->pushes->unsubscribe(user, this);
  } else if (what == "statistics") {
    from.end();
    figures_every_ms_ = 0;
    ++figures_turn_;
    figures_due_.cancel();
  } else {
    throw refusal(failure{errc::bad_value, "\"" + what.substr(0, 40) + "\"; pushes and statistics can be unsubscribed from"});
  }
  answer(id, as, nothing());
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
  if (const auto* body = from.find("body")) {
    asked.body = write_document(*body, form::json);
    asked.content_type = json_type;
  }
  from.end();
  asked.answer = as;
  ++under_way_;
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  front_->routes.dispatch(std::move(asked), [self = shared_from_this(), id = std::move(id), as, answered](response out) {
    if (answered->exchange(true))
      return;
    net::post(self->socket_.get_executor(), [self, id, as, out = std::move(out)] {
      --self->under_way_;
      const bool document_ = out.type.empty() || out.type == json_type || out.type == msgpack_type || out.type == problem_type;
      self->answer(id, as, document_ ? out : problem(refusal(fault::unknown_path, "files are not sent over a stream"), as));
      self->read();
    });
  });
}

void stream_connection::tell_figures() {
  if (figures_every_ms_ == 0 || ended_ || winding_up_)
    return;
  with_->rt.statistics([self = shared_from_this(), turn = figures_turn_](const result<runtime_statistics>& counted) {
    if (!counted)
      return; // the runtime has stopped, or is too busy: the next time will tell
    auto told = std::make_shared<document>(figures_of(*counted, *self->with_));
    net::post(self->socket_.get_executor(), [self, turn, told] {
      if (turn == self->figures_turn_)
        self->tell("statistics", write_document(*told, self->told_as_));
    });
  });
  figures_due_.expires_after(std::chrono::milliseconds(figures_every_ms_));
  figures_due_.async_wait([self = shared_from_this(), turn = figures_turn_](boost_error error) {
    if (!error && turn == self->figures_turn_)
      self->tell_figures();
  });
}

void stream_connection::pushed(const std::shared_ptr<const slate>& what) {
  net::post(socket_.get_executor(), [self = shared_from_this(), what] {
    if (self->subscribed_.contains(what->user))
      self->tell("push", bytes_of(*what, *self->with_, self->told_as_));
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

void stream_connection::tell(std::string_view name, const std::string& bytes) {
  if (unsent_.size() >= most_unsent)
    return front_->counts.refuse(fault::stream_behind);
  const auto key = write_document(name, told_as_);
  send({told_as_ == form::json ? '{' + key + ':' + bytes + '}' : '\x81' + key + bytes, told_as_});
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
