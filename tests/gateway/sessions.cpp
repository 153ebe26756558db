/// What a person is promised who asks the creator of what they were shown: over HTTP, the stream and msgpack-RPC.
#include "tests/support/rpc_client.hpp"
#include "tests/support/stream_client.hpp"
#include "tests/support/web_client.hpp"

#include <msgpack.hpp>

using namespace ammo;
using namespace ammo::testing;

namespace {

options talking() {
  auto of = cinema::deployment();
  of.goal.generator = "template";
  of.limits.session_questions = 2;
  return of;
}

gateway_options with_rpc() {
  gateway_options with;
  with.rpc = "127.0.0.1:0";
  return with;
}

/// With one more film, which has facts, and an impression of it for person 7.
struct talking_cinema : cinema {
  std::string impression, other;
  talking_cinema() : cinema(with_rpc(), talking()) {
    auto to = client();
    REQUIRE(to.put("/v1/goals/50", {{"subspace", "film"}, {"grounded", {0.8, 0.6}}, {"facts", {{{"name", "title"}, {"text", "Night Train"}}, {{"name", "text"}, {"text", "It was shot at night. The train is real."}}}}}).status == 201);
    impression = shown(to);
    other = shown(to);
  }
  static std::string shown(web_client& to) { return to.get("/v1/users/7/slate?only=goal:50").value()["items"][0]["impression"]; }
  [[nodiscard]] std::string path(const std::string& user = "7") const { return "/v1/users/" + user + "/impressions/" + impression + "/questions"; }
};

} // namespace

TEST_CASE("a person asks over HTTP, and the item is written anew by their words", "[session]") {
  talking_cinema here;
  auto to = here.client();
  const auto told = to.post(here.path(), {{"text", "a real train"}, {"length", 0.9}});
  INFO(told.body);
  REQUIRE(told.status == 200);
  CHECK(told.value()["goal"] == "50");
  CHECK(told.value()["subspace"] == "film");
  CHECK(told.value()["title"].get<std::string>().find("a real train") != std::string::npos);
  CHECK(told.value()["body"].get<std::string>().find("The train is real.") != std::string::npos);
  CHECK(told.value()["questions_left"] == 1);
  CHECK(to.post(here.path(), {{"text", "at night?"}}).value()["questions_left"] == 0);
  CHECK(to.post(here.path(), {{"text", "and?"}}).status == 409);
  CHECK(to.post(here.path(), {{"text", "and?"}}).error() == "too_many_questions");
  REQUIRE(to.post("/v1/feedback", {{"user", "7"}, {"impression", here.impression}, {"signal", "like"}}).status == 200);
  CHECK(to.post(here.path(), {{"text", "and?"}}).status == 410);
  CHECK(to.post(here.path(), {{"text", "and?"}}).error() == "session_over");
  CHECK(to.get("/v1/users/7/belief").value()["observations"] == 1);
}

TEST_CASE("the same is asked over the stream and msgpack-RPC", "[session]") {
  talking_cinema here;
  stream_client stream(here.door->port());
  const auto told = stream.ask({{"method", "POST"}, {"path", here.path()}, {"body", {{"text", "a real train"}}}});
  CHECK(told["status"] == 200);
  CHECK(told["body"]["questions_left"] == 1);
  rpc_client caller(here.door->rpc_port());
  CHECK(caller.result("post_question", {"7", here.impression, {{"text", "at night?"}}})["questions_left"] == 0); // one session, whatever it travels by
  CHECK(caller.error("post_question", {"7", here.impression, {{"text", "and?"}}}) == "too_many_questions");
  CHECK(caller.result("post_question", {"7", here.other, {{"text", "and?"}}})["goal"] == "50");
}

TEST_CASE("questions that can't be are refused by name", "[session][bad-input]") {
  talking_cinema here;
  auto to = here.client();
  const auto refused = [&](const std::string& path, const json& body, unsigned status, const std::string& error) {
    const auto got = to.post(path, body);
    INFO(got.body);
    CHECK(got.status == status);
    CHECK(got.error() == error);
  };
  refused(here.path(), json::object(), 400, "missing_member");
  refused(here.path(), {{"text", 5}}, 400, "wrong_member_type");
  refused(here.path(), {{"text", "a"}, {"who", "me"}}, 400, "unknown_member");
  refused(here.path(), {{"text", ""}}, 422, "bad_text");
  refused(here.path(), {{"text", std::string(1'001, 'x')}}, 422, "text_too_long");
  refused(here.path(), {{"text", "a"}, {"reach", 2}}, 422, "bad_value");
  refused("/v1/users/7/impressions/x/questions", {{"text", "a"}}, 400, "bad_id");
  refused("/v1/users/7/impressions/5/questions", {{"text", "a"}}, 404, "unknown_impression");
  refused(here.path("8"), {{"text", "a"}}, 404, "unknown_user");
  REQUIRE(to.put("/v1/users/8").status == 201);
  refused(here.path("8"), {{"text", "a"}}, 403, "feedback_not_shown");
  const auto silent = to.get("/v1/users/7/slate?only=goal:1").value()["items"][0]["impression"].get<std::string>();
  refused("/v1/users/7/impressions/" + silent + "/questions", {{"text", "a"}}, 502, "generator_failed");
  // Markup and control characters in words are text, and come back as such.
  const auto told = to.post(here.path(), {{"text", "<script>\u0007 train"}});
  REQUIRE(told.status == 200);
  CHECK(told.value()["title"].get<std::string>().find("<script> train") != std::string::npos);
}
