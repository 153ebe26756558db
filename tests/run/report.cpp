#include "tests/support/sample_report.hpp"

#include "runtime/report/terminal_text.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <sstream>

using ammo::test::sample_report;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

/// How often `part` stands in `text`.
std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + part.size()))
    ++n;
  return n;
}

} // namespace

TEST_CASE("the JSON report has every promised key", "[report]") {
  auto r = sample_report();
  auto j = json::parse(r.to_json());
  CHECK(j.at("deployment") == "coin");
  CHECK(j.at("seed") == 7);
  CHECK(j.at("dim") == 32);
  CHECK((j.at("users") == 435 && j.at("goals") == 1'434 && j.at("creations") == 1'434 && j.at("rounds") == 2'000));
  const auto& regret = j.at("regret");
  CHECK(regret.at("stated") == Approx(r.main.stated));
  CHECK(regret.at("slate") == Approx(r.main.slate));
  CHECK(regret.at("slate_first_tenth") == Approx(r.main.slate_first_tenth));
  CHECK(regret.at("slate_last_tenth") == Approx(r.main.slate_last_tenth));
  CHECK(regret.at("uniform_slate") == Approx(r.baselines[0].slate));
  CHECK(regret.at("greedy_slate") == Approx(r.baselines[1].slate));
  const auto& slots = j.at("slots");
  CHECK((slots.at("per_slate") == 5 && slots.at("granted") == 4'350'000));
  CHECK((slots.at("refused").at("not_live") == 12 && slots.at("refused").at("cap_goal") == 3'456));
  CHECK(j.at("budget").at("spent_micros") == 1'650'250'000);
  CHECK(j.at("budget").at("granted_micros") == 1'434'000'000);
  CHECK((j.at("messages") == 12'345'678 && j.at("peak_rss_bytes") == 512'000'000));
  CHECK(j.at("rounds_per_second") == Approx(101'234.5));
  CHECK((j.at("policy") == "thompson" && j.at("feedback") == "linear" && j.at("wire_check") == false));
  CHECK(j.at("held_out").at("popularity") == Approx(0.204));
  CHECK((j.at("top").size() == 3 && j.at("attributions").size() == 1));
  CHECK(j.at("diagnosis").is_null());
}

TEST_CASE("what was found out of rewards is in every form of the report", "[report]") {
  auto r = sample_report();
  r.rewards = {{.subspace = "coin", .people = 256, .two_valued = 0.25, .linear = 0.75, .heavy = 0, .offset = -0.6, .noise = 0.31, .restarts = 0.02, .looks = {1, 0.5}, .apart = 0.125}};
  const auto f = json::parse(r.to_json()).at("rewards").at(0);
  CHECK((f.at("subspace") == "coin" && f.at("people") == 256 && f.at("kinds").at("linear") == 0.75 && f.at("kinds").at("heavy") == 0));
  CHECK((f.at("offset") == -0.6 && f.at("noise") == 0.31 && f.at("restarts") == 0.02 && f.at("looks").at(1) == 0.5 && f.at("apart") == 0.125));
  for (const auto& text : {r.to_text(200), r.to_html()})
    CHECK_THAT(text, Contains("found out of rewards") && Contains("linear of 75") && Contains("two-valued of 25") && Contains("0.60") && Contains("0.31"));
}

TEST_CASE("what has evolved is in every form of the report", "[report][evolution]") {
  auto r = sample_report();
  const auto e = json::parse(r.to_json()).at("evolution");
  CHECK(e.at("diversity_floor") == 0.05);
  const auto& users = e.at("kinds").at(0);
  CHECK((users.at("buddies") == "User Buddies" && users.at("best").at("strain") == 31));
  CHECK(users.at("best").at("hyper_parameters") == json{{"noise", 0.12}, {"optimism", 1.5}});
  CHECK((users.at("generations").size() == 2 && users.at("generations").at(1).at("welfare") == 3.125));
  CHECK((users.at("lineage").at(1).at("parent") == 7 && users.at("lineage").at(1).at("predecessor") == 1));
  CHECK(users.at("strains") == json{{{"strain", 31}, {"score", 0.25}}, {{"strain", 1}, {"score", nullptr}}});
  CHECK(users.at("diversity") == 0.061);
  for (const auto& text : {r.to_text(), r.to_html()})
    for (const char* part : {"Evolution", "User Buddies", "2.25", "3.1", "0.061", "noise 0.12, optimism 1.50"})
      CHECK_THAT(text, Contains(part));
  r.evolved.clear();
  CHECK(json::parse(r.to_json()).at("evolution").is_null());
  CHECK_THAT(r.to_text(), !Contains("Evolution"));
  CHECK_THAT(r.to_html(), !Contains("Evolution"));
}

TEST_CASE("the JSON report carries a curve of 100 points for each policy", "[report]") {
  auto j = json::parse(sample_report().to_json());
  REQUIRE(j.at("games").size() == 3);
  for (const auto& game : j.at("games")) {
    const auto& curve = game.at("curve").at("slate");
    CHECK(curve.size() == 100);
    double sum = 0;
    for (double mean : curve)
      sum += 20 * mean;
    CHECK(sum == Approx(game.at("slate").get<double>()));
  }
}

TEST_CASE("two runs of a seed differ in the JSON fields under timings alone", "[report]") {
  auto first = sample_report(), second = sample_report();
  second.seconds = 9;
  second.rounds_per_second = 3;
  second.threads = 1;
  second.peak_rss_bytes = 4;
  second.broadcast_turn_ns_max = 5;
  second.counters.front().value = 8; // as messages travelled
  auto a = json::parse(first.to_json()), b = json::parse(second.to_json());
  CHECK(a != b);
  for (std::string name : a.at("timings")) {
    CHECK(a.erase(name) == 1);
    b.erase(name);
  }
  CHECK(a == b);
}

TEST_CASE("what wasn't played is null in JSON, and broken text doesn't break it", "[report]") {
  auto r = sample_report();
  r.baselines.clear();
  r.held_out.known = false;
  r.main.slate = std::numeric_limits<double>::quiet_NaN();
  r.top[0].title = "\xff\xfe broken";
  auto j = json::parse(r.to_json());
  CHECK(j.at("regret").at("uniform_slate").is_null());
  CHECK(j.at("regret").at("slate").is_null());
  CHECK(j.at("held_out").is_null());
}

TEST_CASE("the page escapes what it shows and needs nothing from outside", "[report]") {
  auto r = sample_report();
  r.deployment = "<script>alert('x')</script>";
  r.attributions = {"A & B \"quoted\" <i>"};
  auto page = r.to_html();
  CHECK(page.find("<script") == page.npos);
  CHECK_THAT(page, Contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"));
  CHECK_THAT(page, Contains("USD Coin &lt;USDC&gt; &amp; friends"));
  CHECK_THAT(page, Contains("A &amp; B &quot;quoted&quot; &lt;i&gt;"));
  CHECK(page.find('\x1b') == page.npos);
  CHECK(page.find("http") == page.npos);
  CHECK(page.find("url(") == page.npos);
}

TEST_CASE("the page draws a curve for each policy and says its regret", "[report]") {
  auto page = sample_report().to_html();
  CHECK(count_of(page, "<svg") == 2);
  CHECK(count_of(page, "<path class=\"curve") == 6);
  for (std::string text : {"4,800.00", "cap_goal", "prefers-color-scheme: dark", "Chain Registry, ©", "31.2 %"})
    CHECK_THAT(page, Contains(text));
  CHECK(page.find("nan") == page.npos);
}

TEST_CASE("the names of curves fit into the chart, however long they are", "[report]") {
  for (std::string name :
       {"ftrl", "sampled_ucb", "epsilon_greedy", "a policy of the host with a name beyond all bounds"}) {
    auto r = sample_report();
    r.main.policy = name;
    const auto page = r.to_html();
    const std::string mark = "<text class=\"name ";
    std::size_t names = 0;
    for (auto at = page.find(mark); at != page.npos; at = page.find(mark, at + 1), ++names) {
      const auto x = std::stod(page.substr(page.find("x=\"", at) + 3));
      const auto begin = page.find('>', at) + 1;
      CAPTURE(name, x);
      CHECK(x > 200); // and leave room for the curves
      CHECK(x + 8 * static_cast<double>(ammo::width_of(page.substr(begin, page.find('<', begin) - begin))) <= 500);
    }
    CHECK(names >= 6);
  }
}

TEST_CASE("the text fits its terminal", "[report]") {
  auto columns = GENERATE(44u, 50u, 60u, 67u, 68u, 80u, 100u, 120u);
  auto r = sample_report();
  r.top[1].title = "検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索検索";
  std::istringstream lines(r.to_text(columns));
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(ammo::width_of(line) <= columns);
  }
}

TEST_CASE("the text says the numbers, and who they belong to", "[report]") {
  auto text = sample_report().to_text(100);
  for (std::string part :
       {"coin", "seed 7", "435 people × 2,000 rounds", "1,434 creations", "thompson", "uniform", "greedy", "4,800.00", "734.49",
        "15.3 %", "7.5 %", "popularity", "20.4 %", "0.31 %", "87 people", "USD Coin <USDC> & friends", "31.2 %",
        "3,456 refused: cap_goal", "1,650.25 spent of 1,434.00", "101,234 rounds/s", "12,345,678 messages", "512 MB", "CC BY 4.0"}) {
    INFO(part);
    CHECK(text.find(part) != text.npos);
  }
}

TEST_CASE("colours come when asked for, and content can't bring its own", "[report]") {
  auto r = sample_report();
  CHECK(r.to_text(80, false).find('\x1b') == std::string::npos);
  CHECK(r.to_text(80, true).find("\x1b[1;32m") != std::string::npos);
  CHECK(r.to_text(80, true).find("\x1b[31m") == std::string::npos);
}

TEST_CASE("an empty report is shown, too", "[report]") {
  ammo::report nothing;
  CHECK(json::parse(nothing.to_json()).at("rounds") == 0);
  CHECK_FALSE(nothing.to_text().empty());
  CHECK_FALSE(nothing.to_html().empty());
}

TEST_CASE("text is measured as a terminal shows it", "[report]") {
  CHECK(ammo::width_of("σ = 0.3") == 7);
  CHECK(ammo::width_of("検索") == 4);
  CHECK(ammo::width_of("e\xCC\x81") == 1);
  CHECK(ammo::cut("Osmosis", 4) == "Osm…");
  CHECK(ammo::cut("検索検索", 4) == "検…");
  CHECK(ammo::harmless("a\x1b[2J\n\xC0\xAF") == "a?[2J???");
  CHECK(ammo::wrapped("one two three", 7, 2) == "one two\n  three\n");
  CHECK(ammo::wrapped("half is 50 % of all", 10, 0) == "half is\n50 % of\nall\n");
}
