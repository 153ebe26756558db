/// Many Goal Buddies in one request.
#include "tests/support/web_client.hpp"

#include <set>

using namespace ammo;
using namespace ammo::testing;

namespace {

told send_lines(web_client& client, const std::string& lines, const web_client::fields& more = {}) {
  auto fields = more;
  fields.emplace_back("Content-Type", "application/x-ndjson");
  return client.call("POST", "/v1/goals:batch", lines, fields);
}
told send_csv(web_client& client, const std::string& table) { return client.call("POST", "/v1/goals:batch", table, {{"Content-Type", "text/csv"}}); }

std::string title_of(web_client& client, int goal) {
  const auto items = client.get("/v1/users/7/slate?only=goal:" + std::to_string(goal)).value()["items"];
  return items.empty() ? "" : items[0]["title"].get<std::string>();
}

} // namespace

TEST_CASE("lines of JSON add Goal Buddies, each accepted or refused for itself") {
  cinema here;
  auto client = here.client();
  std::string lines;
  for (int i = 0; i < 1'000; ++i)
    lines += json{{"goal", 1'000 + i}, {"subspace", "film"}, {"grounded", {1, 0}}, {"item", {{"title", "T" + std::to_string(i)}}}}.dump() + "\n";
  lines += "\nno json\n" + json{{"goal", 5}, {"subspace", "book"}, {"grounded", {1}}}.dump() + "\r\n" + json{{"subspace", "film"}}.dump();
  const auto told = send_lines(client, lines).value();
  CHECK(told["accepted"] == 1'000);
  CHECK(told["refused_count"] == 3);
  REQUIRE(told["refused"].size() == 3);
  CHECK(told["refused"][0] == json{{"index", 1'000}, {"error", "malformed_body"}, {"detail", told["refused"][0]["detail"]}});
  CHECK(told["refused"][1]["error"] == "unknown_subspace");
  CHECK(told["refused"][2]["error"] == "missing_member");
  CHECK(title_of(client, 1'999) == "T999");
}

TEST_CASE("a title changes without losing what was learned of the item") {
  cinema here;
  auto client = here.client();
  for (int i = 0; i < 20; ++i)
    for (const auto& item : client.get("/v1/users/7/slate?slots=3").value()["items"])
      REQUIRE(client.post("/v1/feedback", {{"user", "7"}, {"impression", item["impression"]}, {"value", item["goal"] == "2" ? 1 : -1}}).status == 200);
  const auto before = client.get("/v1/users/7/belief").value();
  for (const auto* title : {"A new name", "A newer name"}) {
    const auto told = send_lines(client, json{{"goal", "2"}, {"subspace", "film"}, {"item", {{"title", title}, {"body", "b"}}}}.dump()).value();
    CHECK(told == json{{"accepted", 1}, {"refused_count", 0}, {"refused", json::array()}});
    CHECK(title_of(client, 2) == title);
  }
  const auto after = client.get("/v1/users/7/belief").value();
  CHECK(after["observations"] == before["observations"]);
  CHECK(after["mean"] == before["mean"]);
  const auto first = client.get("/v1/users/7/slate?slots=1").value()["items"][0];
  CHECK(first["goal"] == "2");
}

TEST_CASE("a table in CSV says the same, with quotes, blanks and lines in its fields") {
  cinema here;
  auto client = here.client();
  const auto told = send_csv(client, "\xef\xbb\xbfgoal,subspace,grounded,title,body,tags,fact:studio\r\n"
                                     "50,film,0.6 0.8,\"Night, \"\"Train\"\"\",\"two\nlines\",5 6,\r\n"
                                     "51,film,1 x,Bad,,,\n"
                                     "52,film,1 0\n"
                                     "53,film,1 0,Last,,,A studio")
                      .value();
  CHECK(told["accepted"] == 2);
  REQUIRE(told["refused"].size() == 2);
  CHECK(told["refused"][0]["index"] == 1);
  CHECK(told["refused"][1]["index"] == 2);
  const auto shown = client.get("/v1/users/7/slate?only=all_tag:5,all_tag:6").value()["items"];
  REQUIRE(shown.size() == 1);
  CHECK(shown[0]["title"] == "Night, \"Train\"");
  CHECK(shown[0]["body"] == "two\nlines");
  CHECK(title_of(client, 53) == "Last");
  CHECK(send_csv(client, "goal,colour\n1,red\n").error() == "unknown_member");
  CHECK(send_csv(client, "goal,goal\n1,1\n").error() == "repeated_member");
  CHECK(send_csv(client, "goal,subspace\n1,\"film\n").value()["refused"][0]["error"] == "malformed_body");
  CHECK(client.call("POST", "/v1/goals:batch", "x", {{"Content-Type", "text/plain"}}).status == 415);
}

TEST_CASE("a batch that is sent again under its key adds and charges nothing") {
  cinema here;
  auto client = here.client();
  const auto line = json{{"goal", 50}, {"subspace", "film"}, {"grounded", {1, 0}}}.dump();
  CHECK(send_lines(client, line, {{"Idempotency-Key", "load 1"}}).value()["accepted"] == 1);
  const auto spent = client.get("/v1/statistics").value()["budget_spent_micros"];
  CHECK(send_lines(client, line, {{"Idempotency-Key", "load 1"}}).value()["accepted"] == 1);
  CHECK(client.get("/v1/statistics").value()["budget_spent_micros"] == spent);
}
