/// What a program is promised that speaks msgpack-RPC: the published protocol, every operation, and bounds.
#include "runtime/gateway/text/message_scanner.hpp"
#include "runtime/gateway/text/refusal.hpp"
#include "runtime/gateway/text/rpc_message.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/rpc_client.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <msgpack.hpp>
#include <fstream>
#include <set>

using namespace ammo;
using namespace ammo::testing;

namespace {

gateway_options with_rpc(gateway_options with = {}) {
  with.rpc = "127.0.0.1:0";
  return with;
}

struct rpc_cinema : cinema {
  explicit rpc_cinema(gateway_options with = {}) : cinema(with_rpc(std::move(with))) {}
  [[nodiscard]] rpc_client caller() const { return rpc_client(door->rpc_port()); }
  /// How often the gateway has refused something by that name.
  [[nodiscard]] std::uint64_t refused(const std::string& name) const {
    const auto figures = client().get("/v1/statistics").value();
    for (const auto& r : figures["gateway"]["refused"])
      if (r["error"] == name)
        return r["count"];
    return 0;
  }
};

std::string packed(const json& value) {
  const auto bytes = json::to_msgpack(value);
  return {bytes.begin(), bytes.end()};
}

} // namespace

TEST_CASE("what has come of messages that aren't whole is bounded, over all connections", "[rpc][bad-input]") {
  rpc_cinema here(gateway_options{.unread_bytes = 40'000});
  const std::string half = std::string("\x94\x00\x01\xdb\x00\x00\xea\x60", 8) + std::string(30'000, 'x'); // its method's name has 60,000 bytes
  auto first = here.caller(), second = here.caller();
  first.send(half);
  second.send(half);
  REQUIRE(comes_true([&] { return here.refused("unread_full") == 1; }));
  CHECK(here.caller().result("get_slate", {"7"})["user"] == "7"); // the bytes were given back
}

TEST_CASE("every verb is a method, named as its operation", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  CHECK(caller.result("put_user", {9}) == json{{"user", "9"}, {"created", true}});
  CHECK(caller.result("put_user", {"10", {{"interest", {{"subspace", "film"}, {"vector", {1, 0}}}}}})["created"] == true);
  const auto shown = caller.result("get_slate", {"9", {{"slots", 2}, {"except", "goal:2"}}});
  REQUIRE(shown["items"].size() == 2);
  const auto impression = shown["items"][0]["impression"];
  CHECK(caller.result("post_feedback", {{{"user", "9"}, {"impression", impression}, {"value", 1}}})["accepted"] == 1);
  CHECK(caller.result("post_feedback", json::array({json::array({{{"user", "9"}, {"impression", shown["items"][1]["impression"]}, {"signal", "like"}}})}))["accepted"] == 1);
  CHECK(caller.result("get_belief", {"9"})["observations"] == 2);
  CHECK(caller.result("get_why", {"9", impression})["answered"] == true);
  CHECK(caller.result("put_goal", {"50", {{"subspace", "film"}, {"grounded", {1, 0}}}}).contains("creation"));
  CHECK(caller.result("delete_goal", {"50"}).is_null());
  CHECK(caller.result("get_health")["well"] == true);
  CHECK(caller.result("get_statistics")["users"] == 3);
  CHECK(caller.result("get_livez")["status"] == "live");
  CHECK(caller.result("delete_user", {"9"}).is_null());
  // A key makes a call repeatable.
  const auto once = caller.result("put_goal", {"51", {{"subspace", "film"}, {"grounded", {0, 1}}}, "a key"});
  CHECK(caller.result("put_goal", {"51", {{"subspace", "film"}, {"grounded", {0, 1}}}, "a key"}) == once);
  CHECK(caller.error("put_goal", {"52", {{"subspace", "film"}, {"grounded", {0, 1}}}, "a key"}) == "key_reused");
}

TEST_CASE("what is refused has its error's name, and the connection goes on", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  CHECK(caller.error("get_slate", {"99"}) == "unknown_user");
  CHECK(caller.error("get_slate", json::array()) == "missing_member");
  CHECK(caller.error("get_slate", {"7", 3}) == "wrong_member_type");
  CHECK(caller.error("get_slate", {"7", {{"slots", {1, 2}}}}) == "wrong_member_type");
  CHECK(caller.error("get_slate", {"7", {{"slotz", 1}}}) == "bad_query");
  CHECK(caller.error("get_slate", {"7", nullptr, nullptr, nullptr, 1}) == "unknown_member");
  CHECK(caller.error("get_slate", {"x"}) == "bad_id");
  CHECK(caller.error("get_slate", {json::array()}) == "wrong_member_type");
  CHECK(caller.error("get_nothing") == "unknown_method");
  CHECK(caller.error("GET", {"/livez"}) == "unknown_method");
  CHECK(caller.error("get_page") == "unknown_method"); // files are sent over HTTP alone
  CHECK(caller.error("get_metrics") == "unknown_method");
  CHECK(caller.error("put_interest", {"7", {{"subspace", "film"}, {"vector", {1, 0, 0}}}}) == "wrong_dimension");
  CHECK(caller.error("subscribe", {"gossip"}) == "bad_value");
  CHECK(caller.error("subscribe") == "wrong_member_type");
  CHECK(caller.error("subscribe", {"statistics", {{"every_ms", 1}}}) == "bad_value");
  caller.send(json{0, 77, 5, json::array()});
  CHECK(caller.next() == json{1, 77, "wrong_member_type", nullptr});
  caller.send(json{0, 78, "get_livez", "no array"});
  CHECK(caller.next() == json{1, 78, "wrong_member_type", nullptr});
  caller.send("\x94" + std::string(1, '\0') + "\x4f\xa9get_livez\x91\xa1\xff"); // msgid 79, a param that isn't UTF-8
  CHECK(caller.next() == json{1, 79, "bad_utf8", nullptr});
  CHECK(caller.result("get_livez")["status"] == "live");
}

TEST_CASE("a message may come in any pieces, and several at once", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  const auto ask = packed(json{0, 1, "get_belief", {"7"}});
  for (const char c : ask)
    caller.send(std::string(1, c));
  CHECK(caller.next()[1] == 1);
  std::string all;
  for (std::uint32_t i = 0; i < 300; ++i) // more than are carried out at once
    all += packed(json{0, 1'000 + i, "get_belief", {"7"}});
  caller.send(all);
  std::set<std::uint32_t> answered;
  for (int i = 0; i < 300; ++i) {
    const auto got = caller.next();
    REQUIRE(got[2].is_null());
    answered.insert(got[1].get<std::uint32_t>());
  }
  CHECK(answered.size() == 300);
}

TEST_CASE("a client's notification is carried out, and not answered", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  caller.send(json{2, "put_user", {"55"}});
  caller.send(json{2, "get_nothing", json::array()});
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (caller.ask("get_belief", {"55"}).first == "unknown_user" && std::chrono::steady_clock::now() < until) // nothing else comes in between
    ;
  CHECK(caller.result("get_belief", {"55"})["rounds"] == 0);
  CHECK(here.refused("unknown_method") == 1);
}

TEST_CASE("old clients' raw strings are texts, and answers are what old clients can read", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  // bin 8 for the method and the user: [0, 5, "get_slate", ["7"]]
  caller.send("\x94" + std::string(1, '\0') + "\x05\xc4\x09get_slate\x91\xc4\x01" + "7");
  const auto shown = caller.next();
  CHECK(shown[1] == 5);
  CHECK(shown[3]["user"] == "7");
  // raw 16, as the specification of 2011 has it for texts from 32 bytes on
  const std::string key(40, 'k');
  caller.send("\x94" + std::string(1, '\0') + "\x06\xa8put_user\x93\xa1" + "8\xc0" + "\xda" + std::string(1, '\0') + "\x28" + key);
  CHECK(caller.next()[3]["created"] == true);
  // No text of 32 to 255 bytes came as str 8, nothing as bin, and nothing as EXT: each text of the answer is where its raw form would be.
  const auto& slate = shown[3];
  const std::string title = slate["items"][0]["title"], link = slate["items"][0]["link"];
  CHECK(caller.bytes().find(std::string(1, static_cast<char>(0xA0 + title.size())) + title) != std::string::npos);
  REQUIRE(here.rt->add_goal({.goal = goal_id{60}, .owner = owner_id{60}, .subspace = "film", .grounded = {1, 0}, .content = 60, .item = std::make_shared<item>(item{std::string(100, 't'), "", ""})}));
  CHECK(caller.result("get_slate", {"7", {{"only", "goal:60"}}})["items"][0]["title"] == std::string(100, 't'));
  CHECK(caller.bytes().find("\xda" + std::string(1, '\0') + "\x64tttt") != std::string::npos);
  (void)caller.error("get_slate", {std::string(100, '9')});
  (void)caller.result("get_statistics");
  msgpack::object_handle all;
  std::size_t at = 0;
  while (at < caller.bytes().size()) {
    const auto visit = [](auto& self, const msgpack::object& o) -> void {
      CHECK(o.type != msgpack::type::BIN);
      CHECK(o.type != msgpack::type::EXT);
      if (o.type == msgpack::type::ARRAY)
        for (std::uint32_t i = 0; i < o.via.array.size; ++i)
          self(self, o.via.array.ptr[i]);
      if (o.type == msgpack::type::MAP)
        for (std::uint32_t i = 0; i < o.via.map.size; ++i)
          self(self, o.via.map.ptr[i].val);
    };
    msgpack::unpack(all, caller.bytes().data(), caller.bytes().size(), at);
    visit(visit, all.get());
  }
}

TEST_CASE("nothing is told before it is subscribed to, and then as notifications", "[rpc]") {
  rpc_cinema here;
  for (int i = 0; i < 40; ++i) {
    const auto shown = here.rt->ask(user_id{7}, 2);
    REQUIRE(shown);
    for (const auto& c : shown->creations)
      REQUIRE(here.rt->feedback(user_id{7}, c.impression, c.goal == goal_id{1} ? 1.0 : -1.0));
  }
  auto quiet = here.caller(), caller = here.caller();
  CHECK(caller.result("subscribe", {"pushes", {{"user", "7"}}}).is_null());
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (std::uint64_t goal = 1'000; here.rt->statistics()->pushes == 0 && std::chrono::steady_clock::now() < until; ++goal)
    REQUIRE(here.rt->add_goal({.goal = goal_id{goal}, .owner = owner_id{goal}, .subspace = "film", .grounded = {1, 0}, .content = goal}));
  const auto told = caller.next();
  REQUIRE(told.size() == 3);
  CHECK(told[0] == 2);
  CHECK(told[1] == "push");
  CHECK(told[2][0]["user"] == "7");
  CHECK(told[2][0]["pushed"] == true);
  quiet.send(json{0, 3, "get_livez", json::array()});
  CHECK(quiet.next()[1] == 3); // the first that it hears
  CHECK(caller.result("unsubscribe", {"pushes", {{"user", "7"}}}).is_null());

  CHECK(quiet.result("subscribe", {"statistics", {{"every_ms", 100}}}).is_null());
  for (int i = 0; i < 3; ++i) {
    const auto figures = quiet.next();
    CHECK(figures[1] == "statistics");
    CHECK(figures[2][0]["gateway"]["connections_open"].get<int>() >= 2);
  }
}

TEST_CASE("bytes that are no message end their connection alone, by name", "[rpc]") {
  rpc_cinema here({.body_bytes = 10'000});
  auto other = here.caller();
  const auto ends = [&](const std::string& bytes, const std::string& name) {
    INFO(name << " of " << bytes.size() << " bytes");
    const auto before = here.refused(name);
    auto caller = here.caller();
    caller.send(bytes);
    CHECK(caller.next().is_null());
    CHECK(here.refused(name) == before + 1);
  };
  ends("GET / HTTP/1.1\r\n\r\n", "malformed_body");
  ends("\xc1", "malformed_body");
  ends(packed(json{1, 1, nullptr, 3}), "malformed_body"); // an answer to nothing
  ends(packed(json{5, 1, "get_livez", json::array()}), "malformed_body");
  ends(packed(json{0, -1, "get_livez", json::array()}), "malformed_body");
  ends(packed(json{0, 1, "get_livez"}), "malformed_body");
  ends("\x94" + std::string(1, '\0') + "\x01\xa1x\xdd\xff\xff\xff\xff", "body_too_large"); // says that it is large
  ends("\x94" + std::string(1, '\0') + "\x01\xa1x\x91\xdb\xff\xff\xff\xff", "body_too_large");
  ends("\x94" + std::string(1, '\0') + "\x01\xa1x" + std::string(100, '\x91'), "body_too_deep");
  CHECK(other.result("get_livez")["status"] == "live");
}

TEST_CASE("a message that doesn't come to its end, and a client that says nothing, are let go of", "[rpc]") {
  rpc_cinema here({.idle_ms = 300, .read_ms = 200});
  auto slow = here.caller(), idle = here.caller(), listening = here.caller();
  CHECK(listening.result("subscribe", {"pushes", {{"user", "7"}}}).is_null());
  slow.send(std::string("\x94"));
  CHECK(slow.next().is_null());
  CHECK(here.refused("request_late") == 1);
  CHECK(idle.next().is_null());
  CHECK(listening.result("get_livez")["status"] == "live"); // it only listens
}

TEST_CASE("the same over a WebSocket, where its subprotocol is offered", "[rpc]") {
  rpc_cinema here;
  stream_client stream(here.door->port(), "/v1/stream", {{"Sec-WebSocket-Protocol", "chat, msgpack-rpc"}});
  CHECK(stream.answered("Sec-WebSocket-Protocol") == "msgpack-rpc");
  stream.send(packed(json{0, 1, "get_slate", {"7"}}), true);
  const auto shown = stream.next();
  CHECK(shown[1] == 1);
  CHECK(shown[3]["user"] == "7");
  stream.send(packed(json{0, 2, "subscribe", {"statistics", {{"every_ms", 100}}}}), true);
  CHECK(stream.next() == json{1, 2, nullptr, nullptr});
  CHECK(stream.next()[1] == "statistics");
  // A text is no message.
  stream_client texts(here.door->port(), "/v1/stream", {{"Sec-WebSocket-Protocol", "msgpack-rpc"}});
  texts.send(json{{"method", "GET"}, {"path", "/livez"}});
  CHECK(texts.next().is_null());
  // Two in a frame are none.
  stream_client two(here.door->port(), "/v1/stream", {{"Sec-WebSocket-Protocol", "msgpack-rpc"}});
  two.send(packed(json{0, 1, "get_livez", json::array()}) + packed(json{0, 2, "get_livez", json::array()}), true);
  CHECK(two.next().is_null());
  CHECK(stream_client(here.door->port(), "/v1/stream", {{"Sec-WebSocket-Protocol", "chat"}}).answered("Sec-WebSocket-Protocol").empty());
}

TEST_CASE("a gateway that stops ends its RPC connections, and answers before", "[rpc]") {
  rpc_cinema here;
  auto caller = here.caller();
  CHECK(caller.result("get_livez")["status"] == "live");
  here.door->stop();
  CHECK(caller.next().is_null());
  CHECK(here.door->rpc_address() == "127.0.0.1:" + std::to_string(here.door->rpc_port()));
  cinema without;
  CHECK(without.door->rpc_port() == 0);
  CHECK(without.door->rpc_address().empty());
  auto beyond = gateway::start(*without.rt, cinema::deployment(), {.listen = "127.0.0.1:0", .rpc = "0.0.0.0:0"});
  CHECK(beyond.code() == errc::bad_value);
}

TEST_CASE("a scanner finds where each message ends, whatever the pieces", "[rpc]") {
  const std::vector<json> said{{0, 1, "a", json::array()},
                               {2, "b", {{{"k", std::string(40, 'x')}}, std::string(300, 'y'), std::string(70'000, 'z')}},
                               {0, 4'000'000'000u, "c", {-1, -200, -70'000, 1.5, 200, 70'000, 1e300, nullptr, true, false, json::binary({1, 2, 3}, 1), json::binary(std::vector<std::uint8_t>(8), 5)}},
                               {0, 2, "d", json::array({std::vector<int>(20, 7), std::vector<int>(70'000, 7)})}};
  std::string all;
  std::vector<std::size_t> sizes;
  for (const auto& message : said) {
    const auto bytes = packed(message);
    all += bytes;
    sizes.push_back(bytes.size());
  }
  for (const std::size_t step : {std::size_t{1'000'000}, std::size_t{977}, std::size_t{3}}) {
    web::message_scanner scanner(200'000);
    std::size_t begin = 0, end = 0, found = 0;
    while (found < sizes.size()) {
      const auto size = scanner.scan(std::string_view(all).substr(begin, end - begin));
      if (size == 0) {
        REQUIRE(end < all.size());
        end = std::min(end + step, all.size());
        continue;
      }
      CHECK(size == sizes[found]);
      begin += size;
      ++found;
    }
    CHECK(begin == all.size());
  }
}
