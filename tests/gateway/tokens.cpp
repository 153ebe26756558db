/// What keys and tokens promise: who has none is refused, a token does what it says and no more, and every fault has its name.
#include "runtime/gateway/calls/shapes.hpp"
#include "runtime/gateway/keys/token.hpp"
#include "runtime/gateway/service/permission.hpp"
#include "runtime/gateway/service/rate_limits.hpp"
#include "tests/support/rpc_client.hpp"
#include "tests/support/scratch.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <chrono>
#include <fstream>
#include <map>

using namespace ammo;
using namespace ammo::testing;
using web::claims;

namespace {

std::int64_t now_s() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count(); }

claims says_of(std::optional<user_id> user, std::vector<std::string> verbs, std::vector<std::string> subspaces = {}, double rate = 0, std::int64_t issued = 0,
               std::int64_t expires = 0, std::string id = {}) {
  return {std::move(user), std::move(verbs), std::move(subspaces), rate, issued, expires, std::move(id)};
}

web::evp_key made_key() {
  auto made = web::fresh_key();
  REQUIRE(made);
  return std::move(*made);
}

/// A folder with one key, "k1".
struct locksmith {
  scratch folder{"ammo-keys"};
  web::evp_key key = made_key();
  locksmith() { REQUIRE(web::write_key(folder.folder.string(), "k1", key)); }

  [[nodiscard]] std::string token(claims says, const std::string& kid = "k1") const {
    if (says.issued == 0)
      says.issued = now_s();
    if (says.expires == 0)
      says.expires = says.issued + 600;
    return web::make_token(says, kid, key);
  }
  /// A token whose two parts are just these.
  [[nodiscard]] std::string token_of(const std::string& head, const std::string& body) const {
    const auto text = encoded(head) + '.' + encoded(body);
    return text + '.' + encoded(web::signature_of(key, text));
  }
  static std::string encoded(const std::string& bytes) {
    static constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
      std::uint32_t bits = 0;
      const auto some = std::min<std::size_t>(3, bytes.size() - i);
      for (std::size_t k = 0; k < 3; ++k)
        bits = bits << 8 | (k < some ? static_cast<unsigned char>(bytes[i + k]) : 0u);
      for (std::size_t k = 0; k <= some; ++k)
        out += letters[bits >> (18 - 6 * k) & 0x3F];
    }
    return out;
  }
};

/// A cinema of two subspaces behind keys.
struct guarded : locksmith, cinema {
  static gateway_options with(const locksmith& keys, gateway_options o) {
    o.keys = keys.folder.folder.string();
    o.admin = o.rpc = "127.0.0.1:0";
    return o;
  }
  static options deployment() {
    auto o = cinema::deployment();
    o.subspaces.push_back({.name = "book", .width = 2});
    return o;
  }
  explicit guarded(gateway_options o = {}) : cinema(with(*this, std::move(o)), deployment()) {}
};

web_client::fields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }

const claims person_7 = says_of(user_id{7}, {"person"});
const claims everybody = says_of(std::nullopt, {"person", "admin"});

/// What reading a token comes to.
std::string fault_of(const std::string& token, const web::key_ring& ring, std::int64_t now = now_s()) {
  try {
    (void)web::read_token(token, ring, now);
    return "";
  } catch (const web::refusal& why) {
    return std::string(why.name());
  }
}

} // namespace

TEST_CASE("the example of RFC 8037 verifies, and a byte more or less does not", "[tokens]") {
  scratch folder("ammo-rfc8037");
  std::ofstream(folder.folder.string() + "/rfc8037.pub") << "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----\n";
  const auto ring = web::key_ring::load(folder.folder.string());
  REQUIRE(ring);
  const std::string text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
  const std::string signature("\x86\x0c\x98\xd2\x29\x7f\x30\x60\xa3\x3f\x42\x73\x96\x72\xd6\x1b\x53\xcf\x3a\xde\xfe\xd3\xd3\xc6\x72\xf3\x20\xdc\x02\x1b\x41\x1e"
                              "\x9d\x59\xb8\x62\x8d\xc3\x51\xe2\x48\xb8\x8b\x29\x46\x8e\x0e\x41\x85\x5b\x0f\xb7\xd8\x3b\xb1\x5b\xe9\x02\xbf\xcc\xb8\xcd\x0a\x02",
                              64);
  CHECK((*ring)->verifies("rfc8037", text, signature));
  CHECK_FALSE((*ring)->verifies("rfc8037", text + "Z", signature));
  CHECK_FALSE((*ring)->verifies("rfc8037", text, signature.substr(1)));
  CHECK_FALSE((*ring)->verifies("other", text, signature));
}

TEST_CASE("a token says what was put into it, and each fault has its name", "[tokens]") {
  const locksmith keys;
  const auto loaded = web::key_ring::load(keys.folder.folder.string());
  REQUIRE(loaded);
  const auto& ring = **loaded;
  const auto says = web::read_token(keys.token(says_of(user_id{7}, {"get_slate"}, {"film"}, 5, 0, 0, "mine")), ring, now_s());
  CHECK(says.user == user_id{7});
  CHECK(says.verbs == std::vector<std::string>{"get_slate"});
  CHECK(says.subspaces == std::vector<std::string>{"film"});
  CHECK(says.rate == 5);
  CHECK(says.id == "mine");
  CHECK(web::read_token(keys.token(everybody), ring, now_s()).user == std::nullopt);
  const auto good = keys.token(person_7);
  CHECK(fault_of(good, ring).empty());

  const auto now = std::to_string(now_s()), later = std::to_string(now_s() + 60);
  const std::string head = R"({"alg":"EdDSA","kid":"k1"})", body = R"({"user":"7","verbs":["person"],"iat":)" + now + R"(,"exp":)" + later + "}";
  CHECK(fault_of(keys.token_of(head, body), ring).empty());
  // Forged: another body under the same signature, a signature of another key, none at all.
  const auto dot = good.rfind('.');
  CHECK(fault_of(keys.token_of(head, body).substr(0, keys.token_of(head, body).rfind('.')) + good.substr(dot), ring) == "token_refused");
  CHECK(fault_of(web::make_token(says_of(std::nullopt, {"admin"}, {}, 0, now_s(), now_s() + 60), "k1", *web::fresh_key()), ring) == "token_refused");
  CHECK(fault_of(good.substr(0, dot + 1), ring) == "token_refused");
  auto bent = good;
  bent.back() = bent.back() == 'A' ? 'B' : 'A'; // bits beyond the last byte, or of it
  CHECK(fault_of(bent, ring) == "token_refused");
  // Other algorithms, also where nothing would have to be verified.
  for (const char* algorithm : {"none", "HS256", "ES256", "RS256", "eddsa", ""}) {
    INFO(algorithm);
    const auto other = R"({"alg":")" + std::string(algorithm) + R"(","kid":"k1"})";
    CHECK(fault_of(keys.token_of(other, body), ring) == "token_algorithm");
    CHECK(fault_of(locksmith::encoded(other) + '.' + locksmith::encoded(body) + '.', ring) == "token_algorithm");
  }
  CHECK(fault_of(keys.token_of(R"({"kid":"k1"})", body), ring) == "token_algorithm");
  CHECK(fault_of(keys.token(person_7, "k2"), ring) == "token_key");
  CHECK(fault_of(keys.token_of(R"({"alg":"EdDSA"})", body), ring) == "token_key");
  CHECK(fault_of(keys.token_of(R"({"alg":"EdDSA","kid":"../k1"})", body), ring) == "token_key");
  CHECK(fault_of(keys.token_of(R"({"alg":"EdDSA","kid":"k1","jwk":{}})", body), ring) == "token_refused");
  CHECK(fault_of(keys.token_of(R"({"alg":"EdDSA","kid":"k1","crit":["exp"]})", body), ring) == "token_refused");
  CHECK(fault_of(good, ring, now_s() + 601) == "token_expired");
  CHECK(fault_of(good, ring, now_s() - 100) == "token_refused"); // issued in the future
  CHECK(fault_of(keys.token(says_of(user_id{7}, {"person"}, {}, 0, now_s(), now_s() + 86'401)), ring) == "token_over_broad");
  for (const std::string& wrong : std::vector<std::string>{R"({"verbs":["person"],"iat":1,"exp":2})", R"({"user":7.5,"verbs":["person"]})", R"({"user":"x","verbs":["person"]})", R"({"user":"7"})",
                                                           R"({"user":"7","verbs":[]})", R"({"user":"7","verbs":"person"})", R"({"user":"7","verbs":[1]})", R"({"user":"7","verbs":["person"],"more":1})",
                                                           R"({"user":"7","verbs":["person"],"rate":-1})", R"({"user":"7","verbs":["person"]})", R"([])", "{", ""}) {
    INFO(wrong);
    CHECK(fault_of(keys.token_of(head, wrong), ring) == "token_refused");
  }
  for (const std::string& wrong : std::vector<std::string>{"", ".", "..", "...", "a.b.c", "a.b", "=.=.=", good + ".x", std::string(5'000, 'a')}) {
    INFO(wrong.substr(0, 20));
    CHECK(fault_of(wrong, ring) == "token_refused");
  }
}

TEST_CASE("where there are keys a person's token is for that person, and admins have a door of their own", "[tokens]") {
  guarded here;
  auto client = here.client();
  web_client admin(here.door->admin_port());
  const auto mine = bearer(here.token(person_7)), all = bearer(here.token(everybody));
  // Nobody without one; what says whether the server lives is open.
  CHECK(client.get("/v1/users/7/slate").status == 401);
  CHECK(web_client(here.door->port()).get("/v1/users/7/slate").error() == "token_missing");
  CHECK(client.get("/livez").status == 200);
  CHECK(client.get("/readyz").status == 200);
  CHECK(client.get("/openapi.json").status == 200);
  // A person, and nobody else.
  const auto shown = client.get("/v1/users/7/slate", mine);
  REQUIRE(shown.status == 200);
  const auto impression = shown.value()["items"][0]["impression"].get<std::string>();
  CHECK(client.get("/v1/users/7/belief", mine).status == 200);
  CHECK(client.get("/v1/users/7/impressions/" + impression + "/why", mine).status == 200);
  CHECK(client.get("/v1/users/8/slate", mine).error() == "other_user");
  CHECK(client.get("/v1/users/8/belief", mine).status == 403);
  CHECK(client.post("/v1/feedback", {{"user", "8"}, {"impression", impression}, {"value", 1}}, mine).error() == "other_user");
  CHECK(client.post("/v1/feedback", {{"user", "7"}, {"impression", impression}, {"value", 1}}, mine).value()["accepted"] == 1);
  CHECK(client.post("/v1/feedback", json::array({{{"user", "8"}, {"impression", "5"}, {"value", 1}}}), mine).value()["refused"][0]["error"] == "other_user");
  // Somebody who serves everybody asks for anybody's slate, and for nobody's belief.
  CHECK(client.get("/v1/users/7/slate", all).status == 200);
  CHECK(client.get("/v1/users/7/belief", all).error() == "verb_refused");
  CHECK(admin.get("/v1/users/7/belief", all).status == 200);
  // What is an admin's is refused at the people's door, whatever the token says.
  for (const auto* path : {"/v1/statistics", "/v1/health", "/metrics"}) {
    INFO(path);
    CHECK(client.get(path, mine).error() == "verb_refused");
    CHECK(client.get(path, all).error() == "verb_refused");
    CHECK(admin.get(path, all).status == 200);
    CHECK(admin.get(path, mine).error() == "verb_refused");
    CHECK(admin.get(path).error() == "token_missing");
  }
  const json film{{"subspace", "film"}, {"grounded", {1, 0}}};
  CHECK(client.call("PUT", "/v1/goals/50", film.dump(), all).error() == "verb_refused");
  CHECK(admin.call("PUT", "/v1/goals/50", film.dump(), all).status == 201);
  // A token of verbs, and one of a subspace.
  const auto looks = bearer(here.token(says_of(user_id{7}, {"get_slate"})));
  CHECK(client.get("/v1/users/7/slate", looks).status == 200);
  CHECK(client.get("/v1/users/7/belief", looks).error() == "verb_refused");
  const auto films = bearer(here.token(says_of(std::nullopt, {"admin", "person"}, {"film"})));
  CHECK(admin.call("PUT", "/v1/goals/51", film.dump(), films).status == 201);
  CHECK(admin.call("PUT", "/v1/goals/52", json{{"subspace", "book"}, {"grounded", {1, 0}}}.dump(), films).error() == "subspace_refused");
  CHECK(admin.call("DELETE", "/v1/goals/51", "", films).error() == "subspace_refused");
  CHECK(admin.get("/v1/users/7/slate", films).error() == "subspace_refused");
  const auto batch = admin.call("POST", "/v1/goals:batch", "goal,subspace,grounded\n70,film,1 0\n71,book,1 0\n", {films[0], {"Content-Type", "text/csv"}}).value();
  CHECK(batch["accepted"] == 1);
  CHECK(batch["refused"][0]["error"] == "subspace_refused");
  const auto both = bearer(here.token(says_of(user_id{7}, {"person"}, {"book", "film"})));
  CHECK(client.get("/v1/users/7/slate", both).status == 200);

  // A request that is refused by its header costs the connection; each of these has one of its own.
  const auto refused = [&](const std::string& header) { return web_client(here.door->port()).get("/v1/users/7/slate", {{"Authorization", header}}); };
  CHECK(refused("Basic YTpi").error() == "token_refused");
  CHECK(refused("Bearer").error() == "token_refused");
  CHECK(refused("Bearer a.b.c").status == 401);
  CHECK(refused("Bearer a.b.c").fields.at("WWW-Authenticate") == "Bearer");
  CHECK(refused("Bearer " + here.token(says_of(user_id{7}, {"person"}, {}, 0, now_s() - 100, now_s() - 1))).error() == "token_expired");
  CHECK(refused("bearer " + here.token(person_7)).status == 200);
  // Counted by name.
  std::map<std::string, int> counted;
  const auto figures = admin.get("/v1/statistics", all).value();
  for (const auto& r : figures["gateway"]["refused"])
    counted[r["error"]] = r["count"];
  CHECK(counted["token_expired"] == 1);
  CHECK(counted["other_user"] >= 3);
  CHECK(counted["token_missing"] >= 2);
}

TEST_CASE("streams and msgpack-RPC ask for a token, too", "[tokens]") {
  guarded here;
  rpc_client caller(here.door->rpc_port());
  CHECK(caller.error("get_slate", {"7"}) == "token_missing");
  CHECK(caller.error("subscribe", {"pushes", {{"user", "7"}}}) == "token_missing");
  CHECK(caller.error("authorize", {"a.b.c"}) == "token_refused");
  CHECK(caller.result("authorize", json::array({here.token(person_7)})).is_null());
  CHECK(caller.result("get_slate", {"7"})["user"] == "7");
  CHECK(caller.error("get_slate", {"8"}) == "other_user");
  CHECK(caller.error("subscribe", {"pushes", {{"user", "8"}}}) == "other_user");
  CHECK(caller.error("subscribe", json::array({"statistics"})) == "verb_refused");
  CHECK(caller.result("subscribe", {"pushes", {{"user", "7"}}}).is_null());
  CHECK(caller.error("get_statistics") == "verb_refused");

  stream_client stream(here.door->port());
  CHECK(stream.ask({{"method", "GET"}, {"path", "/v1/users/7/slate"}})["body"]["error"] == "token_missing");
  CHECK(stream.ask({{"authorize", here.token(person_7)}})["status"] == 204);
  CHECK(stream.ask({{"method", "GET"}, {"path", "/v1/users/7/slate"}})["status"] == 200);
  CHECK(stream.ask({{"method", "GET"}, {"path", "/v1/users/8/slate"}})["body"]["error"] == "other_user");
  stream_client upgraded(here.door->admin_port(), "/v1/stream", {{"Authorization", "Bearer " + here.token(everybody)}});
  CHECK(upgraded.ask({{"subscribe", "statistics"}})["status"] == 204);
  CHECK(stream_client(here.door->port(), "/v1/stream", {{"Authorization", "Bearer a.b.c"}}).refused_with() == 401);
  // One that runs out while the connection stays.
  stream_client brief(here.door->port(), "/v1/stream", {{"Authorization", "Bearer " + here.token(says_of(user_id{7}, {"person"}, {}, 100'000, now_s() - 10, now_s() + 2))}});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  json got;
  do
    got = brief.ask({{"method", "GET"}, {"path", "/v1/users/7/belief"}});
  while (got["status"] == 200 && std::chrono::steady_clock::now() < until);
  CHECK(got["body"]["error"] == "token_expired");
}

TEST_CASE("a token for one subspace moves nothing of another, whatever a row of a batch says", "[tokens]") {
  guarded here;
  auto fields = bearer(here.token(says_of(std::nullopt, {"admin"}, {"book"})));
  fields.emplace_back("Content-Type", "application/x-ndjson");
  const auto told = [&](const std::string& row) { return web_client(here.door->admin_port()).call("POST", "/v1/goals:batch", row + '\n', fields).value(); };
  for (const std::string place : {"", R"(,"grounded":[1,0])"}) { // film 1 is of another subspace
    const auto answer = told(R"({"goal":"1","subspace":"book","content":100,"item":{"title":"Owned"})" + place + '}');
    CHECK(answer["accepted"] == 0);
    CHECK(answer["refused"][0]["error"] == "subspace_refused");
  }
  CHECK(told(R"({"goal":"1","subspace":"film","content":100,"grounded":[1,0]})")["refused"][0]["error"] == "subspace_refused");
  CHECK(told(R"({"goal":"40","owner":"40","subspace":"book","content":400,"grounded":[1,0]})")["accepted"] == 1);
  const auto shown = here.rt->ask(user_id{7});
  REQUIRE(shown);
  for (const auto& x : shown->creations)
    CHECK((!x.item || x.item->title != "Owned"));
}

TEST_CASE("a token and an address have their rates", "[tokens]") {
  guarded here;
  auto client = here.client();
  const auto slow = bearer(here.token(says_of(user_id{7}, {"person"}, {}, 2)));
  int taken = 0;
  told last;
  do
    last = web_client(here.door->port()).get("/v1/users/7/belief", slow);
  while (last.status == 200 && ++taken < 1'000);
  CHECK(last.status == 429);
  CHECK(last.error() == "rate_limited");
  CHECK(last.fields.at("Retry-After") == "1");
  CHECK(taken >= 2);
  CHECK(client.get("/v1/users/7/belief", bearer(here.token(person_7))).status == 200);

  web::rate_limits rates;
  const web::rate_limits::instant begin{};
  const auto at = [&](int ms) { return begin + std::chrono::milliseconds(ms); };
  CHECK(rates.take("a", 2, at(0)));
  CHECK(rates.take("a", 2, at(0)));
  CHECK_FALSE(rates.take("a", 2, at(0)));
  CHECK(rates.take("b", 2, at(0)));
  CHECK_FALSE(rates.take("a", 2, at(499)));
  CHECK(rates.take("a", 2, at(1'000)));
  CHECK(rates.take("a", 2, at(1'001)));
  CHECK_FALSE(rates.take("a", 2, at(1'002)));
  CHECK(rates.take("a", 2, at(60'000)));
  CHECK(rates.take("a", 2, at(60'000)));
  CHECK_FALSE(rates.take("a", 2, at(60'000))); // no more is saved up
  for (std::size_t i = 0; i < web::rate_limits::most; ++i)
    CHECK(rates.take(std::to_string(i), 0.5, at(60'000)));
  CHECK(rates.take("a", 2, at(60'000))); // forgotten
}

TEST_CASE("a token that floods the keys of calls forgets its own alone", "[tokens][keys]") {
  gateway_options o;
  o.body_bytes = 1 << 20;
  guarded here(o);
  REQUIRE(here.rt->add_user(user_id{8}));
  auto client = here.client();
  const auto with_key = [&](const claims& who, const std::string& key) {
    auto fields = bearer(here.token(who));
    fields.emplace_back("Idempotency-Key", key);
    return fields;
  };
  const auto honest = says_of(user_id{7}, {"person"}, {}, 1e6), hostile = says_of(user_id{8}, {"person"}, {}, 1e6);
  const auto item = client.get("/v1/users/7/slate?slots=1", bearer(here.token(honest))).value()["items"][0];
  const json once{{"user", "7"}, {"impression", item["impression"]}, {"value", 1}};
  CHECK(client.post("/v1/users/8/preferences", {{"better", "5"}, {"worse", "6"}}, with_key(hostile, "order 1")).status != 409); // the other's key, guessed
  CHECK(client.post("/v1/feedback", once, with_key(honest, "order 1")).value()["accepted"] == 1);
  json flood = json::array();
  for (int i = 0; i < 1'000; ++i)
    flood.push_back({{"user", "8"}, {"impression", "5"}, {"value", 1}});
  for (int i = 0; i < 18; ++i)
    REQUIRE(client.post("/v1/feedback", flood, with_key(hostile, "flood " + std::to_string(i))).status == 200);
  std::uint64_t forgotten = 0;
  const auto counted = here.rt->statistics();
  REQUIRE(counted);
  for (const auto& c : counted->counters)
    if (c.name == "keys_forgotten")
      forgotten = c.value;
  CHECK(forgotten == 18'000 + 2 - 16'384);
  // A token of the same person's that was made since.
  auto later = honest;
  later.expires = now_s() + 60;
  CHECK(client.post("/v1/feedback", once, with_key(later, "order 1")).value()["accepted"] == 1);
  CHECK(client.post("/v1/feedback", once, with_key(later, "order 2")).error() == "feedback_twice");
}

TEST_CASE("keys are files, and what is none is refused at the start", "[tokens]") {
  locksmith keys;
  CHECK(web::write_key(keys.folder.folder.string(), "k1", keys.key).code() == errc::bad_value); // never replaced
  CHECK(web::write_key(keys.folder.folder.string(), "../k", keys.key).code() == errc::bad_value);
  CHECK(web::read_private_key(keys.folder.folder.string(), "k2").code() == errc::no_such_file);
  CHECK(web::signature_of(*web::read_private_key(keys.folder.folder.string(), "k1"), "x") == web::signature_of(keys.key, "x"));
  cinema here;
  const auto starts = [&](const std::string& folder) { return gateway::start(*here.rt, cinema::deployment(), {.listen = "127.0.0.1:0", .keys = folder}).code(); };
  CHECK(starts(keys.folder.folder.string()) == errc::ok);
  CHECK(starts(keys.folder.folder.string() + "/none") == errc::no_such_file);
  scratch empty("ammo-no-keys");
  CHECK(starts(empty.folder.string()) == errc::no_such_file);
  std::ofstream(keys.folder.folder.string() + "/other.pub") << "-----BEGIN PUBLIC KEY-----\nnot one\n";
  CHECK(starts(keys.folder.folder.string()) == errc::bad_value);
  // Without keys everything is open on the one address, but a header that is there must verify.
  auto client = here.client();
  CHECK(client.get("/v1/statistics").status == 200);
  CHECK(web_client(here.door->port()).get("/v1/statistics", bearer(keys.token(everybody))).error() == "token_refused");
}
