/// What a person's program is promised: slates, feedback, interest, beliefs, as JSON over a kept-open connection.
#include "tests/support/web_client.hpp"

#include <set>

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a person comes, sees a slate, gives feedback, is believed to like something, and is forgotten") {
  cinema here;
  auto client = here.client();

  auto came = client.put("/v1/users/18446744073709551615");
  CHECK(came.status == 201);
  CHECK(came.value() == json{{"user", "18446744073709551615"}, {"created", true}});
  CHECK(client.put("/v1/users/18446744073709551615").status == 200);

  auto shown = client.get("/v1/users/18446744073709551615/slate?slots=2");
  REQUIRE(shown.status == 200);
  CHECK(shown.type == "application/json");
  const auto slate = shown.value();
  CHECK(slate["user"] == "18446744073709551615");
  CHECK(slate["round"] == 1);
  CHECK(slate["pushed"] == false);
  REQUIRE(slate["items"].size() == 2);
  const auto first = slate["items"][0];
  std::set<std::string> keys;
  for (const auto& [key, _] : first.items())
    keys.insert(key);
  CHECK(keys == std::set<std::string>{"impression", "creation", "goal", "subspace", "content", "title", "body", "link", "slot", "propensity"});
  CHECK(first["subspace"] == "film");
  CHECK(first["slot"] == 0);
  CHECK(first["impression"].is_string());
  CHECK(first["title"] == "Film " + first["goal"].get<std::string>());

  json feedback = json::array();
  for (const auto& item : slate["items"])
    feedback.push_back({{"user", slate["user"]}, {"impression", item["impression"]}, {"value", item["goal"] == "1" ? 1.0 : -1.0}});
  auto heard = client.post("/v1/feedback", feedback);
  CHECK(heard.status == 200);
  CHECK(heard.value() == json{{"accepted", 2}, {"refused", json::array()}});

  // To prefer one to another is feedback on both.
  const auto next = client.get("/v1/users/18446744073709551615/slate").value()["items"];
  const json prefers{{"better", next[0]["impression"]}, {"worse", next[1]["impression"]}};
  CHECK(client.post("/v1/users/18446744073709551615/preferences", prefers).value()["accepted"] == 1);
  CHECK(client.post("/v1/users/18446744073709551615/preferences", prefers).error() == "feedback_twice");

  auto belief = client.get("/v1/users/18446744073709551615/belief");
  REQUIRE(belief.status == 200);
  CHECK(belief.value()["rounds"] == 2);
  CHECK(belief.value()["observations"].get<int>() >= 2);
  CHECK(belief.value()["mean"].size() == 2);

  CHECK(client.remove("/v1/users/18446744073709551615").status == 204);
  auto gone = client.get("/v1/users/18446744073709551615/slate");
  CHECK(gone.status == 404);
  CHECK(gone.type == "application/problem+json");
  CHECK(gone.error() == "unknown_user");
}

TEST_CASE("a person is told why they are shown something, and nobody else") {
  cinema here;
  auto client = here.client();
  std::string liked;
  for (int round = 0; round < 12; ++round) {
    json feedback = json::array();
    const auto slate = client.get("/v1/users/7/slate?slots=3").value();
    for (const auto& item : slate["items"]) {
      if (item["goal"] == "1")
        liked = item["impression"];
      feedback.push_back({{"user", "7"}, {"impression", item["impression"]}, {"value", item["goal"] == "1" ? 4.5 + 0.1 * round : 2.0 + 0.05 * round}});
    }
    REQUIRE(client.post("/v1/feedback", feedback).value()["refused"].empty());
  }
  const auto told = client.get("/v1/users/7/impressions/" + liked + "/why");
  REQUIRE(told.status == 200);
  const auto why = told.value();
  CHECK(why["user"] == "7");
  CHECK(why["impression"] == liked);
  CHECK(why["subspace"] == "film");
  CHECK(why["title"] == "Film 1");
  CHECK(why["content"] == "100");
  CHECK(why["answered"] == true);
  CHECK(why["rewards"] == 36);
  CHECK(why["expected"].get<double>() > why["usual"].get<double>());
  REQUIRE(why["reasons"].size() == 3);
  CHECK(std::any_of(why["reasons"].begin(), why["reasons"].end(), [](const json& r) { return r["title"] == "Film 1" && r["contribution"] > 0 && r["rewards"] >= 4; }));
  CHECK(client.get("/v1/users/7/impressions/" + liked + "/why", {{"Accept", "application/msgpack"}}).type == "application/msgpack");

  REQUIRE(here.rt->add_user(user_id{8}));
  const auto stranger = client.get("/v1/users/8/impressions/" + liked + "/why");
  CHECK(stranger.status == 403);
  CHECK(stranger.error() == "feedback_not_shown");
  CHECK(client.get("/v1/users/9/impressions/" + liked + "/why").error() == "unknown_user");
  CHECK(client.get("/v1/users/7/impressions/0/why").error() == "unknown_impression");
  CHECK(client.get("/v1/users/7/impressions/x/why").error() == "bad_id");
}

TEST_CASE("an ask says what may be shown, and when it is asked") {
  cinema here;
  auto client = here.client();
  auto only = client.get("/v1/users/7/slate?only=tag:2,goal:1&except=content:100&situation=evening");
  REQUIRE(only.status == 200);
  REQUIRE(only.value()["items"].size() == 1);
  CHECK(only.value()["items"][0]["goal"] == "3");
  CHECK(client.get("/v1/users/7/slate?situation=dawn").error() == "unknown_situation");
  CHECK(client.get("/v1/users/7/slate?slots=65").error() == "too_many_slots");
  CHECK(client.get("/v1/users/7/slate?slots=x").error() == "bad_query");
  CHECK(client.get("/v1/users/7/slate?only=colour:3").error() == "bad_query");
  CHECK(client.get("/v1/users/7/slate?slotz=3").error() == "bad_query");
}

TEST_CASE("an interest is stated with a vector, at once or later") {
  cinema here;
  auto client = here.client();
  CHECK(client.put("/v1/users/8", {{"interest", {{"subspace", "film"}, {"vector", {0, 1}}, {"confidence", 0.9}}}}).status == 201);
  auto shown = client.get("/v1/users/8/belief");
  REQUIRE(shown.status == 200);
  CHECK(shown.value()["mean"][1].get<double>() > shown.value()["mean"][0].get<double>());
  CHECK(client.put("/v1/users/7/interest", {{"subspace", "film"}, {"vector", {1, 0}}}).status == 204);
  CHECK(client.put("/v1/users/7/interest", {{"subspace", "film"}, {"vector", {1, 0, 0}}}).error() == "wrong_dimension");
  CHECK(client.put("/v1/users/7/interest", {{"text", "wuthering"}}).error() == "bad_text");
  CHECK(client.put("/v1/users/8", {{"interest", {{"subspace", "film"}, {"vector", {0, 1}}}}}).error() == "duplicate_user");
}

TEST_CASE("of an array of feedback each item is accepted or refused for itself") {
  cinema here;
  auto client = here.client();
  const auto item = client.get("/v1/users/7/slate?slots=1").value()["items"][0];
  const json good{{"user", "7"}, {"impression", item["impression"]}, {"signal", "like"}};
  auto heard = client.post("/v1/feedback", json::array({good, good, {{"user", "7"}, {"impression", "12345"}, {"value", 1}}, {{"user", "7"}}, 3}));
  REQUIRE(heard.status == 200);
  const auto told = heard.value();
  CHECK(told["accepted"] == 1);
  REQUIRE(told["refused"].size() == 4);
  CHECK(told["refused"][0]["index"].get<int>() <= 1); // whichever of the two came second
  CHECK(told["refused"][0]["error"] == "feedback_twice");
  CHECK(told["refused"][1]["index"] == 2);
  CHECK(told["refused"][1]["error"] == "unknown_impression");
  CHECK(told["refused"][2]["error"] == "missing_member");
  CHECK(told["refused"][3]["error"] == "wrong_member_type");
  // One item alone is refused as the request.
  auto alone = client.post("/v1/feedback", good);
  CHECK(alone.status == 409);
  CHECK(alone.error() == "feedback_twice");
  CHECK(client.post("/v1/feedback", {{"user", "7"}, {"impression", item["impression"]}, {"signal", "wave"}}).error() == "feedback_twice");
}

TEST_CASE("feedback on another person's impression is refused") {
  cinema here;
  auto client = here.client();
  REQUIRE(client.put("/v1/users/8").status == 201);
  const auto item = client.get("/v1/users/7/slate?slots=1").value()["items"][0];
  auto refused = client.post("/v1/feedback", {{"user", "8"}, {"impression", item["impression"]}, {"value", 1}});
  CHECK(refused.status == 403);
  CHECK(refused.error() == "feedback_not_shown");
}

TEST_CASE("a repeat under its Idempotency-Key gets the first answer, and a key serves one call") {
  cinema here;
  auto client = here.client();
  const auto items = client.get("/v1/users/7/slate?slots=2").value()["items"];
  const json first{{"user", "7"}, {"impression", items[0]["impression"]}, {"value", 1}};
  CHECK(client.post("/v1/feedback", first, {{"Idempotency-Key", "a"}}).status == 200);
  CHECK(client.post("/v1/feedback", first, {{"Idempotency-Key", "a"}}).value()["accepted"] == 1);
  CHECK(client.post("/v1/feedback", first, {{"Idempotency-Key", "b"}}).error() == "feedback_twice");
  auto reused = client.post("/v1/feedback", {{"user", "7"}, {"impression", items[1]["impression"]}, {"value", 1}}, {{"Idempotency-Key", "a"}});
  CHECK(reused.status == 409);
  CHECK(reused.error() == "key_reused");
  CHECK(client.post("/v1/feedback", first, {{"Idempotency-Key", std::string(256, 'x')}}).error() == "bad_key");
}

TEST_CASE("the same in msgpack, for who asks for it") {
  cinema here;
  auto client = here.client();
  auto shown = client.get("/v1/users/7/slate", {{"Accept", "application/msgpack"}});
  REQUIRE(shown.status == 200);
  CHECK(shown.type == "application/msgpack");
  const auto slate = json::from_msgpack(shown.body);
  REQUIRE(slate["items"].size() == 2);
  const auto bytes = json::to_msgpack(json{{"user", 7}, {"impression", slate["items"][0]["impression"]}, {"value", 0.5}});
  auto heard = client.call("POST", "/v1/feedback", std::string(bytes.begin(), bytes.end()), {{"Content-Type", "application/msgpack"}});
  CHECK(heard.status == 200);
  CHECK(heard.value()["accepted"] == 1);
  // An embedding as the runtime's own frames have it: EXT 1, little-endian float32.
  const std::string vector{'\xd7', 1, 0, 0, 0, 0, 0, 0, '\x80', '\x3f'};
  const std::string interest = std::string("\x82\xa8subspace\xa4") + "film" + "\xa6" + "vector" + vector;
  CHECK(client.call("PUT", "/v1/users/7/interest", interest, {{"Content-Type", "application/msgpack"}}).status == 204);
}
