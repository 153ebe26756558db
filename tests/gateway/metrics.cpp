/// What Prometheus is promised.
#include "runtime/gateway/text/refusal.hpp"
#include "tests/support/source_path.hpp"
#include "tests/support/web_client.hpp"

#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

using namespace ammo;
using namespace ammo::testing;

namespace {

/// Values by series, each line checked against the text format.
std::map<std::string, double> read(const std::string& text) {
  static const std::regex sample(R"(([a-zA-Z_:][a-zA-Z0-9_:]*(\{[a-zA-Z_]\w*="[^"\\\n]*"(,[a-zA-Z_]\w*="[^"\\\n]*")*\})?) ([0-9.e+-]+))"), comment(R"(# (HELP|TYPE) [a-zA-Z_:][a-zA-Z0-9_:]* .+)");
  std::map<std::string, double> out;
  std::set<std::string> families;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    std::smatch found;
    if (line.starts_with("#")) {
      CHECK(std::regex_match(line, comment));
      if (line.starts_with("# TYPE"))
        CHECK(families.insert(line.substr(7, line.find(' ', 7) - 7)).second);
    } else {
      REQUIRE(std::regex_match(line, found, sample));
      CHECK(out.emplace(found[1], std::stod(found[4])).second); // no series twice
    }
  }
  return out;
}

} // namespace

TEST_CASE("metrics are what has happened, and the series don't grow without end") {
  cinema here;
  auto client = here.client();
  REQUIRE(client.get("/v1/users/7/slate?slots=2").status == 200);
  REQUIRE(client.get("/v1/users/99/slate").status == 404);
  REQUIRE(client.get("/nowhere").status == 404);
  auto got = client.get("/metrics");
  CHECK(got.status == 200);
  CHECK(got.type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(got.body.back() == '\n');
  auto all = read(got.body);
  CHECK(all["ammo_users"] == 1);
  CHECK(all["ammo_goals"] == 3);
  CHECK(all["ammo_slates_total"] == 1);
  CHECK(all["ammo_impressions_total"] == 2);
  CHECK(all["ammo_budget_granted"] == 3);
  CHECK(all["ammo_gateway_connections"] == 1);
  CHECK(all["ammo_gateway_answers_total{status=\"4xx\"}"] == 2);
  CHECK(all["ammo_refusals_total{error=\"unknown_user\",by=\"runtime\"}"] == 1);
  CHECK(all["ammo_refusals_total{error=\"unknown_path\",by=\"gateway\"}"] == 1);
  CHECK(all["ammo_gateway_request_duration_seconds_count"] == 3);
  CHECK(all["ammo_gateway_request_duration_seconds_bucket{le=\"+Inf\"}"] == 3);
  CHECK(all["ammo_gateway_request_duration_seconds_sum"] > 0);
  const auto series = all.size();
  for (int user = 1'000; user < 1'100; ++user)
    REQUIRE(client.put("/v1/users/" + std::to_string(user)).status == 201);
  CHECK(read(client.get("/metrics").body).size() == series);
  CHECK(series + static_cast<std::size_t>(errc::end_) <= 500); // were everything refused once
}

TEST_CASE("what control tells is among the figures") {
  auto of = cinema::deployment();
  of.user.control_share = 0.5;
  cinema here({}, of);
  auto client = here.client();
  for (int asked = 0; asked < 40; ++asked) {
    const auto slate = client.get("/v1/users/7/slate").value();
    for (const auto& item : slate.at("items"))
      REQUIRE(client.post("/v1/feedback", {{"user", "7"}, {"impression", item.at("impression")}, {"value", 0.5}}).status == 200);
  }
  const auto told = client.get("/v1/statistics").value().at("control");
  CHECK(told.at("policy").at("impressions").get<int>() + told.at("control").at("impressions").get<int>() == 80);
  CHECK(told.at("control").at("mean_reward") == 0.5);
  CHECK(told.at("lift") == 0.0);
  CHECK(told.at("low").is_null()); // one person is one group
  auto all = read(client.get("/metrics").body);
  CHECK(all["ammo_compared_impressions_total{arm=\"policy\"}"] + all["ammo_compared_impressions_total{arm=\"control\"}"] == 80);
  CHECK(all["ammo_compared_mean_reward{arm=\"control\"}"] == 0.5);
  CHECK(all.contains("ammo_control_lift"));
  CHECK_FALSE(all.contains("ammo_control_lift_bound{bound=\"low\"}"));
}

TEST_CASE("the dashboard and the alert rules ask for figures that there are, and refusals by names that there are") {
  cinema here;
  const auto all = read(here.client().get("/metrics").body);
  std::set<std::string> families, refusals;
  for (const auto& [series, _] : all)
    families.insert(series.substr(0, series.find('{')));
  for (std::size_t i = 0; i < static_cast<std::size_t>(errc::end_); ++i)
    refusals.insert(std::string(name_of(static_cast<errc>(i))));
  for (std::size_t i = 0; i < web::faults; ++i)
    refusals.insert(std::string(web::name_of(static_cast<web::fault>(i))));
  for (const std::string file : {"alerts.yaml", "dashboard.json"}) {
    std::ifstream in(ammo::test::source_path("examples/operations/") + file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::regex named("\\b(ammo|process)_[a-z_]+"), by_name("error=~?\\\\?\"([a-z_|]+)");
    int found = 0;
    for (auto at = std::sregex_iterator(text.begin(), text.end(), named); at != std::sregex_iterator(); ++at, ++found) {
      INFO(file << ": " << at->str());
      CHECK(families.contains(at->str()));
    }
    CHECK(found >= 8);
    for (auto at = std::sregex_iterator(text.begin(), text.end(), by_name); at != std::sregex_iterator(); ++at) {
      std::istringstream names((*at)[1]);
      for (std::string name; std::getline(names, name, '|');) {
        INFO(file << ": " << name);
        CHECK(refusals.contains(name));
      }
    }
  }
}
