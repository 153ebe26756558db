#include "runtime/gateway/transport/http_connection.hpp"

#include "runtime/gateway/transport/request_head.hpp"
#include "runtime/gateway/transport/stream_connection.hpp"

#include <array>
#include <chrono>
#include <ctime>

namespace ammo::web {
namespace {

constexpr std::string_view stream_path = "/v1/stream";
constexpr std::size_t read_size = 8'192;
constexpr std::size_t most_dropped = 1 << 20; // bytes of a client that goes on sending what was refused
constexpr auto linger_time = std::chrono::seconds(1);

/// "Sun, 06 Nov 1994 08:49:37 GMT", made once a second.
std::string_view date_now() {
  thread_local std::time_t made = -1;
  thread_local std::array<char, 32> text{};
  thread_local std::size_t length = 0;
  if (const auto now = std::time(nullptr); now != made) {
    made = now;
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  }
  return {text.data(), length};
}

/// Status and fields of an answer. What they say is this program's own: there is nothing to escape.
void write_head(std::string& to, const response& out, bool keep) {
  const auto field = [&to](std::string_view name, std::string_view value) { to.append(name).append(": ").append(value).append("\r\n"); };
  const auto reason = http::obsolete_reason(static_cast<http::status>(out.status));
  to.append("HTTP/1.1 ").append(std::to_string(out.status)).append(" ").append(reason.data(), reason.size()).append("\r\n");
  field("Date", date_now());
  if (!out.type.empty())
    field("Content-Type", out.type);
  field("X-Content-Type-Options", "nosniff");
  field("Cache-Control", "no-store");
  if (!out.policy.empty())
    field("Content-Security-Policy", out.policy);
  if (!out.allow.empty())
    field("Allow", out.allow);
  if (out.retry_after > 0)
    field("Retry-After", std::to_string(out.retry_after));
  if (out.status == 401)
    field("WWW-Authenticate", "Bearer");
  if (!keep)
    field("Connection", "close");
  if (out.status != 204)
    field("Content-Length", std::to_string(out.body.size()));
  to.append("\r\n");
}

refusal refusal_of(boost_error error, const gateway_options& limits) {
  if (error == http::error::header_limit)
    return refusal(fault::header_too_large, "at most " + std::to_string(limits.header_bytes) + " bytes");
  if (error == http::error::body_limit)
    return refusal(fault::body_too_large, "at most " + std::to_string(limits.body_bytes) + " bytes, of a batch " + std::to_string(limits.batch_bytes));
  return refusal(fault::malformed_request, error.message());
}

} // namespace

http_connection::http_connection(byte_stream bytes, std::shared_ptr<front> shared, bool admin_door)
  : front_(std::move(shared)), stream_(std::move(bytes)), unread_(front_->unread_bytes), at_(stream_.get_executor()), address_(address_of(stream_.socket())), admin_door_(admin_door) {}

http_connection::~http_connection() { front_->closed(this); }

void http_connection::start() {
  front_->opened(shared_from_this());
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->shake_hands(); });
}

void http_connection::shake_hands() {
  if (!stream_.secure() || winding_up_)
    return next();
  if (!front_->may_shake_hands(address_))
    return close();
  stream_.expires_after(std::chrono::milliseconds(front_->limits.handshake_ms));
  stream_.async_handshake([self = shared_from_this()](boost_error error) {
    if (self->stage_ == stage::ended)
      return;
    if (!error)
      return self->next();
    self->front_->handshake_failed(error);
    self->close();
  });
}

void http_connection::wind_up() {
  net::post(at_, [self = shared_from_this()] {
    self->winding_up_ = true;
    if (self->stage_ == stage::waiting || self->stage_ == stage::shaking_hands)
      self->close();
  });
}

void http_connection::abort() {
  net::post(at_, [self = shared_from_this()] { self->close(); });
}

void http_connection::next() {
  if (winding_up_)
    return close();
  parser_.emplace();
  parser_->header_limit(front_->limits.header_bytes);
  parser_->body_limit(front_->limits.batch_bytes); // until the header says which path it is
  header_seen_ = head_only_ = body_unread_ = false;
  answer_form_ = form::json;
  stage_ = stage::waiting;
  if (buffer_.size() > 0)
    return parse(); // the client didn't wait for the answer
  stream_.expires_after(std::chrono::milliseconds(front_->limits.idle_ms));
  read_more();
}

void http_connection::read_more() {
  stream_.async_read_some(buffer_.prepare(read_size), [self = shared_from_this()](boost_error error, std::size_t bytes) { self->on_read(error, bytes); });
}

void http_connection::on_read(boost_error error, std::size_t bytes) {
  if (stage_ == stage::ended)
    return;
  if (error == beast::error::timeout && stage_ == stage::reading)
    front_->counts.refuse(fault::request_late); // the stream has closed its socket: nobody can be told
  if (error == net::error::eof && stage_ == stage::reading) // who sends no more may still read
    return refuse(refusal(fault::malformed_request, "it ends before its end"));
  if (error)
    return close();
  front_->counts.bytes_in.fetch_add(bytes, std::memory_order_relaxed);
  if (stage_ == stage::lingering) {
    dropped_ += bytes;
    return dropped_ > most_dropped ? close() : read_more();
  }
  buffer_.commit(bytes);
  parse();
}

void http_connection::parse() {
  if (stage_ == stage::waiting) {
    stage_ = stage::reading;
    stream_.expires_after(std::chrono::milliseconds(front_->limits.read_ms));
  }
  body_unread_ = true;
  boost_error error;
  while (buffer_.size() > 0 && !parser_->is_done()) {
    const auto used = parser_->put(buffer_.data(), error);
    buffer_.consume(used);
    if (error && error != http::error::need_more)
      return refuse(refusal_of(error, front_->limits));
    if (parser_->is_header_done() && !header_seen_) {
      header_seen_ = true;
      if (!on_header())
        return;
      parser_->eager(true);
    } else if (error) {
      break;
    }
  }
  if (!unread_.set(parser_->get().body().size(), front_->limits.unread_bytes))
    return refuse(refusal(failure{errc::overloaded, "bodies under way are larger than the server holds"}));
  if (!parser_->is_done())
    return std::exchange(continue_, false) ? go_on() : read_more();
  body_unread_ = false;
  on_request();
}

void http_connection::go_on() {
  static constexpr std::string_view said = "HTTP/1.1 100 Continue\r\n\r\n";
  net::async_write(stream_, net::buffer(said.data(), said.size()), [self = shared_from_this()](boost_error error, std::size_t) {
    if (self->stage_ == stage::ended)
      return;
    if (error)
      return self->close();
    self->read_more();
  });
}

bool http_connection::on_header() {
  const auto& head = parser_->get();
  answer_form_ = form_taken(head);
  head_only_ = head.method() == http::verb::head;
  if (const auto bad = fault_in_head(head, parser_->chunked(), front_->is_for)) {
    refuse(*bad);
    return false;
  }
  try {
    front_->count_address(address_); // first: a forged token costs a verification
    who_ = front_->identify(authorization_of(head), admin_door_);
    front_->count_token(who_);
  } catch (const refusal& why) {
    refuse(why);
    return false;
  }
  if (!front_->routes.takes_large(method_of(head), path_of(head))) {
    parser_->body_limit(front_->limits.body_bytes);
    if (const auto length = parser_->content_length(); length && *length > front_->limits.body_bytes) {
      refuse(refusal_of(http::make_error_code(http::error::body_limit), front_->limits));
      return false;
    }
  }
  continue_ = expects_continue(head) && !parser_->is_done() && buffer_.size() == 0;
  return true;
}

void http_connection::upgrade() {
  stage_ = stage::ended;
  auto asked = parser_->release();
  stream_.expires_never();
  handed_over_ = true;
  std::make_shared<stream_connection>(std::move(stream_), front_, who_, address_)->start(std::move(asked));
}

void http_connection::on_request() {
  if (beast::websocket::is_upgrade(parser_->get()) && path_of(parser_->get()) == stream_path)
    return buffer_.size() == 0 ? upgrade() : refuse(refusal(fault::malformed_request, "bytes before the stream was accepted"));
  stage_ = stage::answering;
  asked_at_ = std::chrono::steady_clock::now();
  front_->counts.requests.fetch_add(1, std::memory_order_relaxed);
  stream_.expires_never(); // the runtime ends every call within its own deadline
  keep_ = parser_->get().keep_alive();
  // Handlers answer on any thread; only the first answer counts.
  const auto answered = std::make_shared<std::atomic<bool>>(false);
  const answerer to = [self = shared_from_this(), answered](response out) {
    if (!answered->exchange(true))
      net::post(self->at_, [self, out = std::move(out)]() mutable {
        self->front_->counts.took(std::chrono::steady_clock::now() - self->asked_at_);
        self->send(std::move(out));
      });
  };
  try {
    auto trace = front_->trace_named(traceparent_of(parser_->get()));
    auto asked = request_of(parser_->release(), answer_form_);
    asked.who = who_;
    asked.trace = std::move(trace);
    front_->routes.dispatch(std::move(asked), to);
  } catch (const refusal& why) {
    to(problem(why, answer_form_));
  }
}

void http_connection::refuse(const refusal& why) {
  stage_ = stage::answering;
  keep_ = false;
  send(problem(why, answer_form_));
}

void http_connection::send(response out) {
  if (stage_ == stage::ended)
    return;
  unread_.set(0, 0);
  for (const auto what : out.faults)
    front_->counts.refuse(what);
  front_->counts.answered(out.status);
  keep_ = keep_ && !out.close && !winding_up_;
  said_.clear();
  write_head(said_, out, keep_);
  if (!head_only_)
    said_ += out.body; // one buffer: Beast's TLS stream loses the second of two where it is long
  stream_.expires_after(std::chrono::milliseconds(front_->limits.write_ms));
  net::async_write(stream_, net::buffer(said_), [self = shared_from_this()](boost_error error, std::size_t bytes) { self->on_written(error, bytes); });
}

void http_connection::on_written(boost_error error, std::size_t bytes) {
  front_->counts.bytes_out.fetch_add(bytes, std::memory_order_relaxed);
  said_ = {};
  if (error || stage_ == stage::ended)
    return close();
  if (keep_)
    return next();
  return body_unread_ ? linger() : part();
}

void http_connection::linger() {
  stage_ = stage::lingering;
  boost_error ignored;
  if (!stream_.secure())
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  buffer_.clear();
  stream_.expires_after(linger_time);
  read_more();
}

void http_connection::part() {
  if (!stream_.secure())
    return close();
  stage_ = stage::ended;
  stream_.expires_after(linger_time);
  stream_.async_goodbye([self = shared_from_this()](boost_error) { self->close(); });
}

void http_connection::close() {
  stage_ = stage::ended;
  if (!handed_over_)
    stream_.close();
}

} // namespace ammo::web
