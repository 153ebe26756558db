#include "tests/support/hosts.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <vector>

using namespace ammo;
using namespace ammo::testing;

namespace {

options small_host() {
  options o;
  o.name = "small";
  o.subspaces = {{.name = "films", .kind = "host", .width = 2}};
  return o;
}

std::uint64_t value_of(const std::vector<counter_value>& all, const std::string& name) {
  std::uint64_t sum = 0;
  for (const auto& c : all)
    sum += c.name == name ? c.value : 0;
  return sum;
}

} // namespace

TEST_CASE("statistics have every counter by name, as their fields do", "[runtime][counters]") {
  auto rt = runtime::start(small_host()).value();
  REQUIRE(rt->add_user(user_id{1}));
  goal_spec g{.goal = goal_id{1}, .owner = owner_id{1}, .subspace = "films", .grounded = {1, 0}, .policy = "static"};
  REQUIRE(rt->add_goal(g));
  const auto shown = rt->ask(user_id{1}).value();
  REQUIRE(shown.creations.size() == 1);
  REQUIRE(rt->feedback(user_id{1}, shown.creations[0].impression, 1.0));
  REQUIRE_FALSE(rt->feedback(user_id{1}, shown.creations[0].impression, 1.0));
  REQUIRE_FALSE(rt->ask(user_id{2}));

  const auto s = rt->statistics().value();
  CHECK((s.slates == 1 && s.slots_granted == 1 && s.feedback == 1 && s.users == 1 && s.goals == 1 && s.creations == 1));
  for (const auto& row : counter_table())
    if (row.label.empty())
      CHECK(std::ranges::count(s.counters, std::string(row.name), &counter_value::name) == 1);
  CHECK(value_of(s.counters, "slates") == s.slates);
  CHECK(value_of(s.counters, "slots_granted") == s.slots_granted);
  CHECK(value_of(s.counters, "feedback") == s.feedback);
  CHECK(value_of(s.counters, "users") == s.users);
  CHECK(value_of(s.counters, "budget_granted_micros") == static_cast<std::uint64_t>(s.budget_granted_micros));
  CHECK(value_of(s.counters, "refused") == 2);
  CHECK(std::ranges::count(s.counters, counter_value{"refused", {{"code", "feedback_twice"}}, 1}) == 1);
  CHECK(std::ranges::count(s.counters, counter_value{"refused", {{"code", "unknown_user"}}, 1}) == 1);
}

TEST_CASE("a host's log sink hears what happens, and what it throws harms nobody", "[runtime][log]") {
  std::mutex changing;
  std::vector<std::string> heard;
  auto o = small_host();
  o.log = log_sink{[&](const log_record& r) {
                     std::lock_guard lock(changing);
                     heard.push_back(text_of(r));
                     throw std::runtime_error("no");
                   },
                   log_level::debug};
  CHECK(o == small_host());
  {
    auto rt = runtime::start(o).value();
    CHECK_FALSE(rt->ask(user_id{2}));
    CHECK(rt->statistics());
  }
  const auto count = [&](const std::string& start) {
    return std::ranges::count_if(heard, [&](const auto& line) { return line.starts_with(start); });
  };
  CHECK(count("info deployment_started name=small") == 1);
  CHECK(count("debug refused code=unknown_user") == 1);
  CHECK(count("info deployment_stopped name=small") == 1);
}

TEST_CASE("the JSON report has the counters of the main game", "[report][counters]") {
  const auto r = played(real_game("coin", 5, 20));
  const auto all = nlohmann::json::parse(r.to_json());
  std::uint64_t slates = 0, handled = 0;
  for (const auto& c : all.at("counters"))
    if (c.at("name") == "slates")
      slates = c.at("value");
  for (const auto& c : all.at("timing_counters"))
    if (c.at("name") == "handled")
      handled = c.at("value");
  CHECK(slates == 100);
  CHECK(handled > 100);
  CHECK(value_of(r.counters, "slots_granted") == r.slots_granted);
  CHECK(value_of(r.counters, "users") == r.users);
}
