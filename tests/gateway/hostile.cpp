/// Bytes and documents that nobody should send: each has its name and its status, is counted, and harms nobody else.
#include "tests/support/web_client.hpp"

using namespace ammo;
using namespace ammo::testing;
using Catch::Matchers::Contains;

namespace {

/// How often the gateway has refused something under that name.
std::uint64_t refused(web_client& client, const std::string& error) {
  const auto all = client.get("/v1/statistics").value();
  for (const auto& r : all["gateway"]["refused"])
    if (r["error"] == error)
      return r["count"];
  return 0;
}

/// What one connection is told for these bytes.
told answer_to(const cinema& here, std::string_view bytes) {
  auto client = here.client();
  client.send(bytes);
  return client.answer();
}

} // namespace

TEST_CASE("requests that can be read in two ways, or in none, are refused and end their connection") {
  cinema here;
  auto watcher = here.client();
  const std::string_view all[] = {
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]   ",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n[]   ",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: identity\r\n\r\n[]",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n[]",
    "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\n[]",
    "GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
    "GET /livez HTTP/1.1\r\n\r\n",
    "GET /livez HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /livez\r\n\r\n",
    "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 this is TLS\r\n\r\n",
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  };
  std::uint64_t count = 0;
  for (auto bytes : all) {
    INFO(bytes);
    const auto got = answer_to(here, bytes);
    CHECK(got.status == 400);
    CHECK(got.error() == "malformed_request");
    CHECK_FALSE(got.keeps);
    CHECK(refused(watcher, "malformed_request") == ++count);
  }
}

TEST_CASE("bodies and headers have a largest size, whatever their header claims") {
  cinema here(gateway_options{.header_bytes = 1'000, .body_bytes = 1'000, .batch_bytes = 2'000});
  auto watcher = here.client();
  CHECK(answer_to(here, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(2'000, 'x')).error() == "header_too_large");
  CHECK(answer_to(here, "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1001\r\n\r\n").error() == "body_too_large");
  CHECK(answer_to(here, "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000000000\r\n\r\n").error() == "body_too_large");
  std::string chunks = "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 11; ++i)
    chunks += "64\r\n" + std::string(100, '[') + "\r\n";
  auto got = answer_to(here, chunks);
  CHECK(got.status == 413);
  CHECK(got.error() == "body_too_large");
  CHECK(answer_to(here, "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\n").error() == "body_too_large");
  CHECK(refused(watcher, "body_too_large") == 4);
  CHECK(refused(watcher, "header_too_large") == 1);
}

TEST_CASE("documents that can't be read are refused by name, and the connection goes on") {
  cinema here;
  auto client = here.client();
  const auto refused_as = [&](const std::string& body, const std::string& error, const std::string& type = "application/json") {
    INFO(body.substr(0, 60));
    auto got = client.call("POST", "/v1/feedback", body, {{"Content-Type", type}});
    CHECK(got.error() == error);
    CHECK(got.keeps);
  };
  const std::string msgpack = "application/msgpack";
  refused_as("[", "malformed_body");
  refused_as("[]]", "malformed_body");
  refused_as("{\"user\": 1e999}", "malformed_body");
  refused_as("NaN", "malformed_body");
  refused_as(std::string(100'000, '['), "body_too_deep");
  refused_as("{\"user\": 1, \"user\": 2}", "repeated_member");
  refused_as("{\"user\": \"\xff\"}", "malformed_body"); // the parser's own word for bad UTF-8
  refused_as("\xa1\xff", "bad_utf8", msgpack);
  refused_as("\x93\x01", "malformed_body", msgpack);
  refused_as("\x01\x01", "malformed_body", msgpack);
  refused_as("\xdd\xff\xff\xff\xff\x01", "malformed_body", msgpack);
  refused_as("\xdb\xff\xff\xff\xff", "malformed_body", msgpack);
  refused_as(std::string(100'000, '\x91'), "body_too_deep", msgpack);
  refused_as("\xcb\x7f\xf8\x01\x01\x01\x01\x01\x01", "malformed_body", msgpack); // NaN
  refused_as("\xc7\x03\x01\x01\x01\x01", "malformed_body", msgpack); // no whole float32
  refused_as("[]", "unsupported_type", "text/plain");
  refused_as("a=b", "unsupported_type", "application/x-www-form-urlencoded");
  std::string many = "{";
  for (int i = 0; i < 300; ++i)
    many += "\"m" + std::to_string(i) + "\": 0,";
  refused_as(many + "\"z\": 0}", "malformed_body");
  json items = json::array();
  for (int i = 0; i < 1'001; ++i)
    items.push_back(0);
  refused_as(items.dump(), "too_many_items");
}

TEST_CASE("paths, methods, ids and queries that aren't there are refused by name") {
  cinema here;
  auto client = here.client();
  CHECK(client.get("/v2/users/7").status == 404);
  CHECK(client.get("/v1/users/7/slate/").error() == "unknown_path");
  CHECK(client.get("/v1/users//slate").error() == "unknown_path");
  CHECK(client.get("/../etc/passwd").error() == "unknown_path");
  auto wrong = client.call("PATCH", "/v1/users/7");
  CHECK(wrong.status == 405);
  CHECK(wrong.allow == "PUT, DELETE");
  for (const auto* id : {"-1", "07", "1e3", "18446744073709551616", "%37%00", "7x", "%2e"})
    CHECK(client.get("/v1/users/" + std::string(id) + "/slate").status == 400);
  CHECK(client.get("/v1/users/%37/slate").status == 200);
  CHECK(client.get("/v1/users/7/slate?slots=1&slots=2").error() == "bad_query");
  CHECK(client.get("/v1/users/7/slate?slots=%zz").error() == "bad_query");
  auto head = client.call("HEAD", "/livez");
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(client.get("/livez").value()["status"] == "live");
}

TEST_CASE("pages of other origins and other names for this machine are kept out") {
  cinema here;
  const auto with = [&](const web_client::fields& fields) { return here.client().get("/livez", fields); };
  CHECK(with({{"Host", "example.org"}}).status == 421);
  CHECK(with({{"Host", "127.0.0.1.example.org"}}).error() == "bad_host");
  CHECK(with({{"Host", "localhost:9999"}}).status == 200);
  CHECK(with({{"Host", "[::1]:80"}}).status == 200);
  CHECK(with({{"Origin", "https://example.org"}}).status == 403);
  CHECK(with({{"Origin", "null"}}).error() == "bad_origin");
  CHECK(with({{"Host", "localhost:80"}, {"Origin", "http://localhost:80"}}).status == 200);
  CHECK(with({{"Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."}}).error() == "token_refused");
  CHECK(with({{"Authorization", "Bearer x"}}).status == 401);
}

TEST_CASE("a request that doesn't arrive within its deadline is dropped, and one that says nothing, too") {
  cinema here(gateway_options{.idle_ms = 50, .read_ms = 50});
  auto half = here.client();
  half.send("GET /livez HTTP/1.1\r\nHost: loc");
  CHECK(half.ends());
  auto body = here.client();
  body.send("POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n[");
  CHECK(body.ends());
  auto silent = here.client();
  CHECK(silent.ends());
  auto watcher = here.client();
  CHECK(refused(watcher, "request_late") == 2);
}

TEST_CASE("a request that breaks off is told so, and counted") {
  cinema here;
  auto watcher = here.client();
  std::uint64_t count = 0;
  for (const auto* bytes : {"GET /livez HTTP/1.1\r\nHost: loc", "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n[",
                            "POST /v1/feedback HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1"}) {
    INFO(bytes);
    auto half = here.client();
    half.send(bytes);
    half.send_no_more();
    const auto got = half.answer();
    CHECK(got.status == 400);
    CHECK(got.error() == "malformed_request");
    CHECK(refused(watcher, "malformed_request") == ++count);
  }
  auto nothing = here.client();
  nothing.send_no_more();
  CHECK(nothing.ends());
  CHECK(refused(watcher, "malformed_request") == count);
}

TEST_CASE("more connections than are allowed are told so") {
  cinema here(gateway_options{.connections = 2});
  auto one = here.client();
  CHECK(one.get("/livez").status == 200);
  auto two = here.client();
  CHECK(two.get("/livez").status == 200);
  auto three = here.client();
  CHECK(three.answer().status == 503);
  CHECK(refused(one, "too_many_connections") == 1);
}

TEST_CASE("requests that come before the answer to the one before are answered in order") {
  cinema here;
  auto client = here.client();
  std::string many;
  for (int i = 0; i < 20; ++i)
    many += i % 2 == 0 ? "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" : "GET /v1/users/7/slate HTTP/1.1\r\nHost: localhost\r\n\r\n";
  client.send(many);
  for (int i = 0; i < 20; ++i)
    CHECK(client.answer().value().contains(i % 2 == 0 ? "status" : "items"));
}

TEST_CASE("every text that a creation may have arrives as it was sent, in both forms") {
  cinema here;
  auto client = here.client();
  const std::string title = "\"quoted\" \\ back / \xc3\xa4\xe2\x82\xac\xf0\x9f\x8e\xac", body = "first\n\"second\"\n\\third";
  REQUIRE(client.put("/v1/goals/50", {{"subspace", "film"}, {"grounded", {1, 0}}, {"item", {{"title", title}, {"body", body}}}}).status == 201);
  const auto shown = client.get("/v1/users/7/slate?only=goal:50").value()["items"][0];
  CHECK(shown["title"] == title);
  CHECK(shown["body"] == body);
  const auto packed = json::from_msgpack(client.get("/v1/users/7/slate?only=goal:50", {{"Accept", "application/msgpack"}}).body)["items"][0];
  CHECK(packed["title"] == title);
  CHECK(packed["body"] == body);
  CHECK(packed["propensity"] == shown["propensity"]);
}

TEST_CASE("HTML in a creation is data") {
  cinema here;
  auto client = here.client();
  const std::string markup = "<img src=x onerror=alert(1)></script>";
  REQUIRE(client.put("/v1/goals/50", {{"subspace", "film"}, {"grounded", {1, 0}}, {"item", {{"title", markup}, {"body", markup}}}}).status == 201);
  auto shown = client.get("/v1/users/7/slate?only=goal:50");
  CHECK(shown.value()["items"][0]["title"] == markup);
  CHECK(shown.type == "application/json");
  CHECK(shown.fields.at("X-Content-Type-Options") == "nosniff");
}
