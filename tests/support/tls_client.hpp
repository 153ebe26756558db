/// Real clients of TLS (Beast and OpenSSL, with deadlines): they trust one certificate, and ask for a site by its name.
#pragma once

#include "tests/support/timed.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/beast/ssl.hpp>
#include <boost/beast/websocket.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ammo::testing {

namespace ssl = boost::asio::ssl;

/// One connection that has shaken hands, or hasn't: `failed`.
struct tls_client : timed {
  using json = nlohmann::json;
  using stream = web::beast::ssl_stream<web::beast::tcp_stream>;

  explicit tls_client(std::uint16_t port, const std::string& trusted, const std::string& name = "site.example", int newest = TLS1_3_VERSION) {
    if (trusted.empty())
      trust.set_verify_mode(ssl::verify_none);
    else {
      trust.add_certificate_authority(web::net::buffer(trusted));
      trust.set_verify_mode(ssl::verify_peer);
      trust.set_verify_callback(ssl::host_name_verification(name));
    }
    SSL_CTX_set_max_proto_version(trust.native_handle(), newest);
    bytes.emplace(context, trust);
    run(lowest(), [&](auto done) { lowest().async_connect({web::net::ip::address_v4::loopback(), port}, done); });
    REQUIRE_FALSE(failed);
    SSL_set_tlsext_host_name(bytes->native_handle(), name.c_str());
    run(lowest(), [&](auto done) { bytes->async_handshake(ssl::stream_base::client, done); });
  }
  web::beast::tcp_stream& lowest() { return web::beast::get_lowest_layer(*bytes); }

  /// Status and body of an HTTP request.
  std::pair<unsigned, std::string> call(const std::string& method, const std::string& target, const std::string& body = {}, const std::vector<std::pair<std::string, std::string>>& fields = {}) {
    web::http::request<web::http::string_body> asked;
    asked.version(11);
    asked.method_string(method);
    asked.target(target);
    asked.set(web::http::field::host, "site.example");
    asked.set(web::http::field::content_type, "application/json");
    for (const auto& [name, value] : fields)
      asked.set(name, value);
    asked.body() = body;
    asked.prepare_payload();
    run(lowest(), [&](auto done) { web::http::async_write(*bytes, asked, [done](auto error, std::size_t) { done(error); }); });
    web::http::response<web::http::string_body> got;
    run(lowest(), [&](auto done) { web::http::async_read(*bytes, buffer, got, [done](auto error, std::size_t) { done(error); }); });
    if (failed)
      return {0, failed.message()};
    return {got.result_int(), got.body()};
  }
  void send(const std::string& said) {
    run(lowest(), [&](auto done) { web::net::async_write(*bytes, web::net::buffer(said), [done](auto error, std::size_t) { done(error); }); });
  }
  /// What comes next, as far as it came at once; empty: the server has ended the connection.
  std::string receive() {
    std::string out(16'384, '\0');
    std::size_t size = 0;
    run(lowest(), [&](auto done) { bytes->async_read_some(web::net::buffer(out), [&, done](auto error, std::size_t n) { size = n, done(error); }); });
    out.resize(failed ? 0 : size);
    return out;
  }

  ssl::context trust{ssl::context::tls_client};
  std::optional<stream> bytes;
  web::beast::flat_buffer buffer;
};

} // namespace ammo::testing
