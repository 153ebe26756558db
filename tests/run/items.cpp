/// What a slot of a slate shows: title, body and link, from the host, from a kind's content, or written.
#include "ammo/runtime.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>

using namespace ammo;

namespace {

constexpr user_id ann{1};

options one(std::string kind = "host", std::uint32_t width = 2) {
  options o;
  o.slots = 3;
  o.threads = 2;
  o.wire_check = true; // items go through their msgpack form, too
  o.user.exactly = true;
  o.goal.policy = "static";
  o.subspaces.push_back({.name = "shelf", .kind = std::move(kind), .width = width});
  return o;
}

std::shared_ptr<const item> made(std::string title, std::string body = {}) {
  return std::make_shared<const item>(item{std::move(title), std::move(body), "https://shelf.example/"});
}

const shown_creation& of(const slate& s, std::uint64_t goal) {
  for (const auto& c : s.creations)
    if (c.goal == goal_id{goal})
      return c;
  FAIL("not shown");
  return s.creations.front();
}

} // namespace

TEST_CASE("a slate and a push say what each slot shows", "[runtime]") {
  std::promise<slate> first;
  auto started = runtime::start(one());
  REQUIRE(started);
  auto& rt = **started;
  rt.on_push([&, told = false](const slate& s) mutable {
    if (!std::exchange(told, true))
      first.set_value(s);
  });
  REQUIRE(rt.add_user(ann));
  REQUIRE(rt.add_goal({.goal = goal_id{1}, .subspace = "shelf", .grounded = {0.5f, 0}, .item = made("One", "first")}));
  REQUIRE(rt.add_goal({.goal = goal_id{2},
                       .subspace = "shelf",
                       .grounded = {0, 0.5f},
                       .facts = {{"title", "Two"}, {"link", "https://two.example/"}}}));
  REQUIRE(rt.add_goal({.goal = goal_id{3}, .subspace = "shelf", .grounded = {-0.5f, 0}}));
  const auto s = rt.ask(ann);
  REQUIRE(s);
  REQUIRE(s->creations.size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i)
    CHECK((s->creations[i].slot == i && s->creations[i].subspace == subspace_id{}));
  REQUIRE(of(*s, 1).item);
  CHECK(*of(*s, 1).item == item{"One", "first", "https://shelf.example/"});
  REQUIRE(of(*s, 2).item);
  CHECK(*of(*s, 2).item == item{"Two", "", "https://two.example/"});
  CHECK_FALSE(of(*s, 3).item);

  const auto moved =
    rt.create({.goal = goal_id{1}, .e = {0.6f, 0}, .replaces = of(*s, 1).creation}); // what it shows stays
  REQUIRE(moved);
  const auto changed =
    rt.create({.goal = goal_id{3}, .e = {-0.4f, 0}, .replaces = of(*s, 3).creation, .item = made("Three")});
  REQUIRE(changed);
  for (int i = 0; i < 20; ++i) {
    const auto again = rt.ask(ann);
    REQUIRE(again);
    for (const auto& c : again->creations)
      REQUIRE(rt.feedback(ann, c.impression, c.goal == goal_id{1} ? 0.9 : -0.5));
    CHECK(of(*again, 1).item->title == "One");
    CHECK(of(*again, 3).item->title == "Three");
  }
  REQUIRE(rt.create({.goal = goal_id{1}, .e = {0.95f, 0}, .item = made("Better")}));
  auto pushed = first.get_future();
  REQUIRE(pushed.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  const auto p = pushed.get();
  CHECK(p.pushed);
  bool better = false;
  for (const auto& c : p.creations)
    better = better || (c.item && c.item->title == "Better");
  CHECK(better);
}

TEST_CASE("an item that can't be shown is refused by name", "[runtime]") {
  auto started = runtime::start(one());
  REQUIRE(started);
  auto& rt = **started;
  const auto added = [&](item i) {
    return rt
      .add_goal({.goal = goal_id{1},
                 .subspace = "shelf",
                 .grounded = {1, 0},
                 .item = std::make_shared<const item>(std::move(i))})
      .code();
  };
  CHECK(added({"", "no title", ""}) == errc::bad_text);
  CHECK(added({"\xC0\xAF", "", ""}) == errc::bad_text);
  CHECK(added({"a", "b\x1b[2J", ""}) == errc::text_control);
  CHECK(added({"a", std::string(5'000, 'b'), ""}) == errc::text_too_long);
  CHECK(added({"a", "", "javascript:alert(1)"}) == errc::bad_link);
  CHECK(added({"a", "", ""}) == errc::ok);
}

TEST_CASE("the items of a kind's content are rendered as it says", "[runtime]") {
  auto o = one("tea", 0);
  subspace_kind tea;
  tea.name = "tea";
  tea.width = {.least = 2, .usual = 2, .most = 2};
  tea.read = [](const std::string&) -> result<read_content> {
    read_content out;
    out.items = {{.key = "a", .title = "Assam", .facts = {{"title", "Assam"}, {"taste", "malty"}}, .columns = {1, 0}},
                 {.key = "s", .title = "Sencha", .columns = {0, 1}}};
    return out;
  };
  tea.writing = {{{"It tastes {taste}.", 1}}, "Brew it"};
  REQUIRE(o.kinds.add(tea));
  auto started = runtime::start(o);
  REQUIRE(started);
  REQUIRE((*started)->add_user(ann));
  const auto s = (*started)->ask(ann);
  REQUIRE(s);
  REQUIRE(s->creations.size() == 2);
  for (const auto& c : s->creations) {
    REQUIRE(c.item);
    CHECK(*c.item == (c.content == 0 ? item{"Assam", "It tastes malty.\n", ""} : item{"Sencha", "", ""}));
  }
}
