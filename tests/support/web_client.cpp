#include "tests/support/web_client.hpp"

#include "tests/support/timed.hpp"

namespace ammo::testing {

namespace http = web::http;
namespace beast = web::beast;
namespace net = web::net;

struct web_client::connection : timed {
  template <class Start> void run(Start start) { timed::run(stream, start); }

  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
};

web_client::web_client(std::uint16_t port) : to_(std::make_unique<connection>()) {
  to_->run([&](auto done) { to_->stream.async_connect(web::tcp::endpoint(net::ip::address_v4::loopback(), port), done); });
  REQUIRE_FALSE(to_->failed);
}

web_client::web_client(web_client&&) noexcept = default;
web_client::~web_client() = default;

told web_client::call(const std::string& method, const std::string& target, const std::string& body, const fields& more) {
  http::request<http::string_body> asked;
  asked.version(11);
  asked.method_string(method);
  asked.target(target);
  asked.set(http::field::host, "127.0.0.1");
  if (!body.empty())
    asked.set(http::field::content_type, "application/json");
  for (const auto& [name, value] : more)
    asked.set(name, value);
  asked.body() = body;
  asked.prepare_payload();
  to_->run([&](auto done) { http::async_write(to_->stream, asked, [done](auto error, std::size_t) { done(error); }); });
  return answer(method == "HEAD");
}

void web_client::send(std::string_view bytes) {
  to_->run([&](auto done) { net::async_write(to_->stream, net::buffer(bytes.data(), bytes.size()), [done](auto error, std::size_t) { done(error); }); });
}

void web_client::send_no_more() { to_->stream.socket().shutdown(net::socket_base::shutdown_send); }

told web_client::answer(bool head) {
  http::response_parser<http::string_body> parser;
  parser.skip(head);
  parser.body_limit(64u << 20);
  to_->run([&](auto done) { http::async_read(to_->stream, to_->buffer, parser, [done](auto error, std::size_t) { done(error); }); });
  REQUIRE(to_->failed != beast::error::timeout);
  if (to_->failed)
    return {};
  told out;
  out.keeps = parser.get().keep_alive();
  auto got = parser.release();
  out.status = got.result_int();
  out.body = std::move(got.body());
  out.type = std::string(got[http::field::content_type]);
  out.allow = std::string(got[http::field::allow]);
  for (const auto& field : got.base())
    out.fields.insert_or_assign(std::string(field.name_string()), std::string(field.value()));
  return out;
}

bool web_client::ends() {
  char byte = 0;
  to_->run([&](auto done) { to_->stream.async_read_some(net::buffer(&byte, 1), [done](auto error, std::size_t) { done(error); }); });
  return to_->failed && to_->failed != beast::error::timeout;
}

} // namespace ammo::testing
