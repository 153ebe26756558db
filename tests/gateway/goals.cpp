/// What the program of a Goal Buddy's owner is promised.
#include "tests/support/web_client.hpp"

using namespace ammo;
using namespace ammo::testing;

TEST_CASE("a Goal Buddy comes, creates, moves, withdraws, and goes") {
  cinema here;
  auto client = here.client();
  const json spec{{"subspace", "film"}, {"owner", "9"}, {"grounded", {0.8, 0.6}}, {"content", "42"}, {"tags", {5}}, {"item", {{"title", "Night Train"}, {"link", "https://example.org/night"}}}};
  auto came = client.put("/v1/goals/50", spec);
  REQUIRE(came.status == 201);
  CHECK(came.value()["creation"].is_string());
  CHECK(came.value()["cost_micros"] == 1000);
  CHECK(came.value()["balance_micros"].get<std::int64_t>() == 999'000);
  CHECK(client.put("/v1/goals/50", spec).error() == "duplicate_goal");
  CHECK(client.put("/v1/goals/50", spec).status == 409);

  auto shown = client.get("/v1/users/7/slate?only=goal:50").value();
  REQUIRE(shown["items"].size() == 1);
  CHECK(shown["items"][0]["title"] == "Night Train");
  CHECK(shown["items"][0]["content"] == "42");
  CHECK(shown["items"][0]["creation"] == came.value()["creation"]);

  auto made = client.post("/v1/goals/50/creations", {{"e", {0.6, 0.8}}, {"content", "43"}, {"item", {{"title", "Day Train"}}}});
  REQUIRE(made.status == 201);
  auto moved = client.post("/v1/goals/50/creations", {{"e", {0, 1}}, {"replaces", made.value()["creation"]}});
  REQUIRE(moved.status == 201);
  CHECK(client.remove("/v1/goals/50/creations/" + made.value()["creation"].get<std::string>()).status == 404);
  CHECK(client.remove("/v1/goals/50/creations/" + moved.value()["creation"].get<std::string>()).status == 204);
  CHECK(client.remove("/v1/goals/1/creations/" + came.value()["creation"].get<std::string>()).status == 403);
  CHECK(client.remove("/v1/goals/50").status == 204);
  CHECK(client.remove("/v1/goals/50").error() == "unknown_goal");
}

TEST_CASE("what is wrong with a creation has its name and status") {
  cinema here;
  auto client = here.client();
  const auto refused = [&](json body, unsigned status, const std::string& error) {
    auto got = client.post("/v1/goals/1/creations", body);
    CHECK(got.status == status);
    CHECK(got.error() == error);
  };
  refused({{"e", {2, 0}}}, 422, "norm_over_cap");
  refused({{"e", {1}}}, 422, "wrong_dimension");
  refused({{"e", {1, 0}}, {"replaces", "99"}}, 404, "unknown_creation");
  refused({{"e", {1, 0}}, {"item", {{"title", "a\nb"}}}}, 422, "text_control");
  for (const std::string& control : {std::string(1, '\0'), std::string("\x1b[2J"), std::string("\r"), std::string("\x7f"), std::string("\xc2\x9b")}) {
    refused({{"e", {1, 0}}, {"item", {{"title", "a" + control}}}}, 422, "text_control");
    refused({{"e", {1, 0}}, {"item", {{"title", "a"}, {"body", "a\n" + control}}}}, 422, "text_control");
  }
  refused({{"e", {1, 0}}, {"item", {{"title", "a"}, {"link", "javascript:alert(1)"}}}}, 422, "bad_link");
  refused({{"e", {1, 0}}, {"item", {{"body", "a"}}}}, 400, "missing_member");
  refused({{"e", {"1", 0}}}, 400, "wrong_member_type");
  refused({{"e", {1, 0}}, {"colour", "red"}}, 400, "unknown_member");
  refused({{"e", {1, 0}}, {"replaces", "-1"}}, 400, "bad_id");
  CHECK(client.post("/v1/goals/99/creations", {{"e", {1, 0}}}).status == 404);
  CHECK(client.put("/v1/goals/60", {{"subspace", "book"}, {"grounded", {1, 0}}}).error() == "unknown_subspace");
  CHECK(client.put("/v1/goals/60", {{"subspace", "film"}, {"grounded", {1, 0}}, {"budget_micros", 5}}).error() == "budget_exceeded");
}

TEST_CASE("a Goal Buddy with facts writes, and what it wrote is offered") {
  auto of = cinema::deployment();
  of.goal.generator = "template";
  cinema here({}, of);
  REQUIRE(here.rt->set_embedder("film", [](std::string_view) -> result<std::vector<float>> { return std::vector<float>{0.8f, 0.6f}; }));
  auto client = here.client();
  REQUIRE(client.put("/v1/goals/50", {{"subspace", "film"}, {"grounded", {1, 0}}, {"facts", {{{"name", "title"}, {"text", "Night Train"}}, {{"name", "text"}, {"text", "A train at night."}}}}}).status == 201);
  auto draft = client.post("/v1/goals/50/texts", {{"text", "a train"}});
  INFO(draft.body);
  REQUIRE(draft.status == 200);
  CHECK(draft.value()["title"] == "Night Train: found for a train");
  CHECK(draft.value()["receipt"].is_null());
  auto published = client.post("/v1/goals/50/texts", {{"text", "a train"}, {"order", "publish"}});
  REQUIRE(published.status == 200);
  CHECK(client.get("/v1/users/7/slate?only=goal:50").value()["items"][0]["creation"] == published.value()["receipt"]["creation"]);
  CHECK(client.post("/v1/goals/50/texts", {{"text", "a train"}, {"order", "shout"}}).error() == "bad_value");
  CHECK(client.post("/v1/goals/1/texts", {{"text", "a train"}}).error() == "generator_failed");
}
