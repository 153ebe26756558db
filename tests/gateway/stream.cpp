/// What a program is promised that keeps a stream open: calls, pushes, figures.
#include "tests/support/eventually.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

using namespace ammo;
using namespace ammo::testing;

namespace {

stream_client stream_of(const cinema& here) { return stream_client(here.door->port()); }

/// Somebody who loves (1, 0), and whose slate a creation there would enter.
void teach(cinema& here, user_id who) {
  for (int i = 0; i < 40; ++i) {
    const auto shown = here.rt->ask(who, 2);
    REQUIRE(shown);
    for (const auto& c : shown->creations)
      REQUIRE(here.rt->feedback(who, c.impression, c.goal == goal_id{1} ? 1.0 : c.goal == goal_id{2} ? -1.0
                                                                                                     : 0.2));
  }
}

/// Adds creations near (1, 0) until the runtime has pushed one; false after the deadline.
bool provoke_push(cinema& here) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (std::uint64_t goal = 1'000; std::chrono::steady_clock::now() < until; ++goal) {
    REQUIRE(here.rt->add_goal({.goal = goal_id{goal}, .owner = owner_id{goal}, .subspace = "film", .grounded = {1, 0}, .content = goal}));
    if (here.rt->statistics()->pushes > 0)
      return true;
  }
  return false;
}

} // namespace

TEST_CASE("the same calls go over a stream, as JSON and as msgpack") {
  cinema here;
  auto stream = stream_of(here);
  auto came = stream.ask({{"method", "PUT"}, {"path", "/v1/users/9"}});
  CHECK(came == json{{"id", 1}, {"status", 201}, {"body", {{"user", "9"}, {"created", true}}}});
  auto shown = stream.ask({{"method", "GET"}, {"path", "/v1/users/9/slate?slots=1"}});
  CHECK(shown["status"] == 200);
  const auto item = shown["body"]["items"][0];
  auto heard = stream.ask({{"method", "POST"}, {"path", "/v1/feedback"}, {"key", "k"}, {"body", {{"user", "9"}, {"impression", item["impression"]}, {"value", 1}}}});
  CHECK(heard["body"]["accepted"] == 1);
  auto gone = stream.ask({{"method", "DELETE"}, {"path", "/v1/users/9"}});
  CHECK(gone["status"] == 204);
  CHECK(gone["body"].is_null());

  const auto bytes = json::to_msgpack(json{{"id", "a"}, {"method", "GET"}, {"path", "/v1/users/7/belief"}});
  stream.send(std::string(bytes.begin(), bytes.end()), true);
  auto belief = stream.next();
  CHECK(belief["id"] == "a");
  CHECK(belief["body"]["mean"].size() == 2);
}

TEST_CASE("pushes go to who has subscribed to their user, and none is made where nobody has") {
  cinema here;
  REQUIRE(here.rt->add_user(user_id{8}));
  teach(here, user_id{7});
  teach(here, user_id{8});
  auto stream = stream_of(here);
  auto other = stream_of(here);
  CHECK(stream.ask({{"subscribe", "pushes"}, {"user", "7"}})["status"] == 204);
  CHECK(other.ask({{"subscribe", "pushes"}, {"user", "9999"}})["status"] == 204);
  REQUIRE(provoke_push(here));
  auto pushed = stream.next();
  REQUIRE(pushed.contains("push"));
  CHECK(pushed["push"]["user"] == "7");
  CHECK(pushed["push"]["pushed"] == true);
  CHECK_FALSE(pushed["push"]["items"].empty());
  // User 8's buddy would have pushed as well: what nobody sees is revoked and counts for nothing.
  const auto revoked = [&] {
    const auto counted = here.rt->statistics();
    for (const auto& c : counted->counters)
      if (c.name == "slates_revoked")
        return c.value;
    return std::uint64_t{0};
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (revoked() == 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::yield();
  CHECK(revoked() > 0);
  // Nothing came to the other stream: what it hears next is its own answer.
  other.send(json{{"id", "mine"}, {"method", "GET"}, {"path", "/livez"}});
  CHECK(other.next()["id"] == "mine");
  CHECK(stream.ask({{"unsubscribe", "pushes"}, {"user", "7"}})["status"] == 204);
}

TEST_CASE("figures come again and again to who has subscribed to them") {
  cinema here;
  auto stream = stream_of(here);
  CHECK(stream.ask({{"subscribe", "statistics"}, {"every_ms", 100}})["status"] == 204);
  for (int i = 0; i < 3; ++i) {
    const auto told = stream.next();
    REQUIRE(told.contains("statistics"));
    CHECK(told["statistics"]["users"] == 1);
    CHECK(told["statistics"]["gateway"]["connections_open"] == 1);
  }
  CHECK(stream.ask({{"unsubscribe", "statistics"}})["status"] == 204);
}

TEST_CASE("what is wrong with a message has its name, and the stream goes on") {
  cinema here;
  auto stream = stream_of(here);
  const auto refused = [&](const std::string& said, const std::string& error) {
    INFO(said);
    stream.send(said);
    const auto got = stream.next();
    CHECK(got["body"]["error"] == error);
    CHECK(got["status"] == got["body"]["status"]);
  };
  refused("[", "malformed_body");
  refused("3", "wrong_member_type");
  refused("{}", "missing_member");
  refused(R"({"id": {}})", "wrong_member_type");
  refused(R"({"method": "GET"})", "missing_member");
  refused(R"({"method": "GET", "path": "/nowhere"})", "unknown_path");
  refused(R"({"method": "GET", "path": "livez"})", "unknown_path");
  refused(R"({"method": "GET", "path": "/"})", "unknown_path");
  refused(R"({"method": "GET", "path": "/livez", "more": 1})", "unknown_member");
  refused(R"({"method": "PATCH", "path": "/livez"})", "unknown_method");
  refused(R"({"subscribe": "gossip"})", "bad_value");
  refused(R"({"subscribe": "pushes"})", "missing_member");
  refused(R"({"subscribe": "statistics", "every_ms": 1})", "bad_value");
  refused(std::string(1'000, '['), "body_too_deep");
  CHECK(stream.ask({{"method", "GET"}, {"path", "/livez"}})["status"] == 200);
}

TEST_CASE("more calls at once than a stream takes wait, and all are answered") {
  cinema here;
  auto stream = stream_of(here);
  for (int i = 0; i < 300; ++i)
    stream.send(json{{"id", i}, {"method", "GET"}, {"path", "/v1/users/7/belief"}});
  std::vector<bool> answered(300);
  for (int i = 0; i < 300; ++i) {
    const auto got = stream.next();
    REQUIRE(got["status"] == 200);
    answered[got["id"].get<std::size_t>()] = true;
  }
  CHECK(std::count(answered.begin(), answered.end(), true) == 300);
}

TEST_CASE("what has come of messages that aren't whole is bounded, over all streams") {
  cinema here(gateway_options{.unread_bytes = 40'000});
  const std::string half = std::string("\x81\xfe\xea\x60\x00\x00\x00\x00", 8) + std::string(30'000, ' '); // of a message of 60,000 bytes
  auto first = stream_of(here), second = stream_of(here);
  first.send_raw(half);
  second.send_raw(half);
  const auto full = [&] {
    const auto figures = here.client().get("/v1/statistics").value();
    const auto& all = figures["gateway"]["refused"];
    return std::any_of(all.begin(), all.end(), [](const auto& r) { return r["error"] == "unread_full"; });
  };
  REQUIRE(comes_true(full));
  CHECK(stream_of(here).ask({{"method", "GET"}, {"path", "/livez"}})["status"] == 200); // whole at once
}

TEST_CASE("frames that are too large, and bytes that are no frames, end their stream alone") {
  cinema here(gateway_options{.body_bytes = 10'000});
  auto stream = stream_of(here);
  // A frame whose header claims a gigabyte.
  auto large = stream_of(here);
  large.send_raw(std::string("\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00\x01\x02\x03\x04", 14));
  CHECK(large.next().is_null());
  CHECK(large.reason() == 1009);
  auto unmasked = stream_of(here);
  unmasked.send_raw(std::string("\x81\x02{}", 4));
  CHECK(unmasked.next().is_null());
  auto bad_text = stream_of(here);
  bad_text.send_raw(std::string("\x81\x81\x00\x00\x00\x00\xff", 7));
  CHECK(bad_text.next().is_null());
  auto garbage = stream_of(here);
  garbage.send_raw(std::string(100, '\xff'));
  CHECK(garbage.next().is_null());
  CHECK(stream.ask({{"method", "GET"}, {"path", "/livez"}})["status"] == 200);
}

TEST_CASE("a page of another origin gets no stream, and a plain request is told to upgrade") {
  cinema here;
  CHECK(stream_client(here.door->port(), "/v1/stream", {{"Origin", "https://example.org"}}).refused_with() == 403);
  CHECK(stream_client(here.door->port(), "/v1/stream", {{"Host", "example.org"}}).refused_with() == 421);
  CHECK(stream_client(here.door->port(), "/v1/nowhere").refused_with() == 404);
  CHECK(here.client().get("/v1/stream").status == 426);
}

TEST_CASE("a gateway that stops ends its streams") {
  cinema here;
  auto stream = stream_of(here);
  CHECK(stream.ask({{"method", "GET"}, {"path", "/livez"}})["status"] == 200);
  CHECK(stream.ask({{"subscribe", "statistics"}, {"every_ms", 3'600'000}})["status"] == 204);
  here.door->stop();
  json last;
  do
    last = stream.next();
  while (!last.is_null());
}
