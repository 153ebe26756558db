/// What TLS promises: the same calls by TLS 1.3 alone, nothing beyond this machine without it and keys, and every fault by name.
#include "runtime/gateway/keys/key_ring.hpp"
#include "runtime/gateway/transport/tls_identity.hpp"
#include "tests/support/certificate.hpp"
#include "tests/support/rpc_client.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/tls_client.hpp"
#include "tests/support/web_client.hpp"

#include <msgpack.hpp>

#include <chrono>
#include <filesystem>

using namespace ammo;
using namespace ammo::testing;
using namespace std::chrono_literals;

namespace {

gateway_options by(const certified& who, gateway_options with = {}) {
  with.certificate = who.certificate;
  with.certificate_key = who.key;
  with.rpc = "127.0.0.1:0";
  return with;
}

/// A cinema that speaks TLS.
struct secure_cinema : certified, cinema {
  explicit secure_cinema(gateway_options with = {}) : cinema(by(*this, std::move(with))) {}
  [[nodiscard]] tls_client client() const { return tls_client(door->port(), trusted); }
  /// How often the gateway has refused something by that name.
  [[nodiscard]] std::uint64_t refused(const std::string& name) const {
    auto asks = client();
    const auto figures = json::parse(asks.call("GET", "/v1/statistics").second);
    for (const auto& r : figures["gateway"]["refused"])
      if (r["error"] == name)
        return r["count"];
    return 0;
  }
  [[nodiscard]] bool becomes(const std::string& name, std::uint64_t count) const {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (refused(name) != count && std::chrono::steady_clock::now() < until)
      ;
    return refused(name) == count;
  }
};

failure refusal_of(runtime& rt, gateway_options with) {
  auto opened = gateway::start(rt, cinema::deployment(), std::move(with));
  REQUIRE_FALSE(opened);
  return opened.error();
}

} // namespace

TEST_CASE("by TLS 1.3 the calls are what they are plain: HTTP, the stream, msgpack-RPC", "[tls]") {
  secure_cinema here;
  auto client = here.client();
  REQUIRE_FALSE(client.failed);
  CHECK(std::string(SSL_get_version(client.bytes->native_handle())) == "TLSv1.3");
  const auto [status, body] = client.call("GET", "/v1/users/7/slate?slots=2");
  CHECK(status == 200);
  CHECK(json::parse(body)["items"].size() == 2);
  CHECK(client.call("PUT", "/v1/users/8").first == 201); // the connection is kept open
  const std::string film = "Film " + std::string(200'000, 'x');
  CHECK(client.call("POST", "/v1/goals/1/creations", json{{"e", {1, 0}}, {"item", {{"title", film}}}}.dump()).first == 422); // many records, each way
  CHECK(client.call("GET", "/").first == 200);
  CHECK(client.call("GET", "/openapi.json").second.size() > 20'000);
  CHECK(client.call("GET", "/livez", {}, {{"Connection", "close"}}).first == 200);
  CHECK(client.receive().empty());
  CHECK(client.failed == web::net::error::eof); // the server has said that nothing follows, and cut nothing off

  auto expects = here.client();
  expects.send("PUT /v1/users/9 HTTP/1.1\r\nHost: site.example\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: 60\r\n\r\n");
  CHECK(expects.receive().starts_with("HTTP/1.1 100 Continue\r\n\r\n"));
  expects.send(R"({"interest": {"subspace": "film", "vector": [1.0, 0.00000]}})");
  CHECK(expects.receive().starts_with("HTTP/1.1 201"));

  auto upgrades = here.client();
  web::beast::websocket::stream<tls_client::stream> stream(std::move(*upgrades.bytes));
  auto& lowest = web::beast::get_lowest_layer(stream);
  upgrades.run(lowest, [&](auto done) { stream.async_handshake("site.example", "/v1/stream", done); });
  REQUIRE_FALSE(upgrades.failed);
  const std::string asked = R"({"id": 1, "method": "GET", "path": "/v1/users/7/belief"})";
  upgrades.run(lowest, [&](auto done) { stream.async_write(web::net::buffer(asked), [done](auto error, std::size_t) { done(error); }); });
  web::beast::flat_buffer told;
  upgrades.run(lowest, [&](auto done) { stream.async_read(told, [done](auto error, std::size_t) { done(error); }); });
  CHECK(json::parse(web::beast::buffers_to_string(told.data()))["body"]["rounds"] == 1);

  tls_client caller(here.door->rpc_port(), here.trusted);
  REQUIRE_FALSE(caller.failed);
  const auto bytes = json::to_msgpack(json{0, 1, "get_belief", {"7"}});
  caller.send({bytes.begin(), bytes.end()});
  CHECK(json::from_msgpack(caller.receive())[3]["rounds"] == 1);
}

TEST_CASE("what isn't TLS 1.3 is refused, and a handshake has a deadline", "[tls][bad-input]") {
  gateway_options with;
  with.handshake_ms = 1'500;
  secure_cinema here(with);
  CHECK(tls_client(here.door->port(), here.trusted, "site.example", TLS1_2_VERSION).failed);
  CHECK(here.becomes("handshake_failed", 1));

  web_client plain(here.door->port());
  plain.send("GET /v1/users/7/slate HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  CHECK(plain.ends());
  CHECK(here.becomes("handshake_failed", 2));
  rpc_client plain_rpc(here.door->rpc_port());
  plain_rpc.send(std::string("\x93\x02\xa9get_livez\x90"));
  CHECK(here.becomes("handshake_failed", 3));

  // Nothing at all, and half of a greeting.
  web_client silent(here.door->port()), half(here.door->port());
  half.send(std::string("\x16\x03\x01\x02\x00\x01\x00", 7));
  CHECK(silent.ends());
  CHECK(half.ends());
  CHECK(here.becomes("handshake_late", 2));

  // Who doesn't trust the certificate goes away; who looks for another site does, too.
  CHECK(tls_client(here.door->port(), certificate_for({"site.example"}).authority).failed);
  CHECK(tls_client(here.door->port(), here.trusted, "other.example").failed);
  CHECK(here.client().call("GET", "/livez").first == 200);
}

TEST_CASE("by TLS a server has the names of its certificate, and no other", "[tls][bad-input]") {
  secure_cinema here;
  const auto as = [&](const std::string& host, const std::string& origin = {}) {
    std::vector<std::pair<std::string, std::string>> fields{{"Host", host}};
    if (!origin.empty())
      fields.emplace_back("Origin", origin);
    return here.client().call("GET", "/livez", {}, fields).first;
  };
  CHECK(as("site.example") == 200);
  CHECK(as("SITE.example:8443") == 200);
  CHECK(as("127.0.0.1:1") == 200);
  CHECK(as("other.example") == 421);
  CHECK(as("site.example.evil.example") == 421);
  CHECK(as("") == 421);
  CHECK(as("site.example", "https://site.example") == 200);
  CHECK(as("site.example", "http://site.example") == 403);
  CHECK(as("site.example", "https://other.example") == 403);
}

TEST_CASE("beyond this machine nothing is listened on without TLS and keys", "[tls][bad-input]") {
  certified who;
  cinema here;
  scratch keys("ammo-tls-keys");
  gateway_options open;
  open.listen = "0.0.0.0:0";
  const auto refused = [&](gateway_options with) {
    const auto why = refusal_of(*here.rt, std::move(with));
    CHECK(why.code == errc::bad_value);
    CHECK(why.detail.find("takes TLS (a certificate and its key) and keys") != std::string::npos);
  };
  refused(open);
  auto with = by(who, open);
  with.rpc.clear();
  refused(with); // no keys
  for (const auto part : {&gateway_options::rpc, &gateway_options::admin}) {
    gateway_options inside;
    inside.listen = "127.0.0.1:0";
    inside.*part = "[::]:0";
    refused(inside);
  }
}

TEST_CASE("handshakes count among the requests of an address, where there are keys", "[tls][bad-input]") {
  certified who;
  scratch keys("ammo-tls-keys");
  const auto key = web::fresh_key();
  REQUIRE(key);
  REQUIRE(web::write_key(keys.folder.string(), "k1", *key));
  auto with = by(who);
  with.keys = keys.folder.string();
  with.address_rate = 5;
  cinema here(with);
  const auto trusted = who.trusted;
  int shaken = 0;
  for (; shaken < 1'000; ++shaken)
    if (tls_client(here.door->port(), trusted).failed)
      break;
  CHECK(shaken >= 5);
  CHECK(shaken < 1'000);
}

TEST_CASE("files that are no certificate and key are refused by name, with the file", "[tls][bad-input]") {
  certified who;
  cinema here;
  const auto refused = [&](const std::string& certificate, const std::string& key, errc code, const std::string& detail) {
    gateway_options with;
    with.listen = "127.0.0.1:0";
    with.certificate = certificate;
    with.certificate_key = key;
    const auto why = refusal_of(*here.rt, with);
    INFO(why.detail);
    CHECK(why.code == code);
    CHECK(why.detail.find(detail) != std::string::npos);
  };
  const auto garbage = who.folder.write("garbage.pem", "nothing of the kind");
  const auto other = who.folder.write("other.key", certificate_for({"other.example"}).key);
  const auto folder = who.folder.folder.string();
  refused(who.certificate, "", errc::bad_value, "without its key");
  refused("", who.key, errc::bad_value, "without the certificate");
  refused(folder + "/nowhere.pem", who.key, errc::no_such_file, "nowhere.pem");
  refused(who.certificate, folder + "/nowhere.key", errc::no_such_file, "nowhere.key");
  refused(folder, who.key, errc::no_such_file, folder);
  refused(garbage, who.key, errc::bad_value, "garbage.pem");
  refused(who.certificate, garbage, errc::bad_value, "garbage.pem");
  refused(who.certificate, other, errc::bad_value, "other.key");
  refused(who.key, who.certificate, errc::bad_value, "has no certificate");
}

TEST_CASE("a renewed certificate is taken while it runs, and one that can't be used is not", "[tls]") {
  certified files;
  const auto first = certificate_for({"site.example"}), second = certificate_for({"site.example"});
  files.renew(first);
  auto who = web::tls_identity::load(files.certificate, files.key);
  REQUIRE(who);
  auto now = std::chrono::steady_clock::now();
  const auto before = (*who)->current(now).context;
  const auto change = [&](const made_certificate& by) { // file systems tell times apart by some milliseconds at least
    files.renew(by);
    static int changes = 0;
    std::filesystem::last_write_time(files.certificate, std::filesystem::file_time_type::clock::now() + std::chrono::seconds(++changes));
  };
  CHECK((*who)->current(now += 2s).context == before); // unchanged
  change({first.authority, "nothing of the kind", first.key});
  const auto kept = (*who)->current(now += 2s);
  CHECK((kept.context == before && kept.refused));
  CHECK_FALSE((*who)->current(now += 2s).refused); // told once
  change(second);
  CHECK((*who)->current(now + 100ms).context == before); // looked at once in a second
  const auto renewed = (*who)->current(now += 2s);
  CHECK((renewed.context != before && !renewed.refused));
}
