#include "actors/goal_buddy/goal_buddy_actor.hpp"
#include "actors/subspace/subspace_actor.hpp"
#include "tests/actor/fixture.hpp"

#include <mutex>

using namespace ammo;
using namespace ammo::test;

namespace {

/// Notes what it is asked, and answers with a title.
struct scribe final : text_generator {
  std::mutex changing;
  std::vector<writing_request> heard;
  std::uint64_t write(writing_request r, answer done) override {
    auto n = answer_to(r);
    n.text.title = "written";
    n.e = r.grounded;
    {
      std::lock_guard lock(changing);
      heard.push_back(std::move(r));
    }
    done(std::move(n));
    return 0;
  }
  std::size_t asked() {
    std::lock_guard lock(changing);
    return heard.size();
  }
};

std::shared_ptr<goal_buddy_setup> author(fixture& f, const std::shared_ptr<scribe>& by, goal_id goal) {
  goal_config config;
  config.generator = by;
  admit_goal welcome;
  welcome.goal = goal;
  welcome.grounded.values = {1, 0};
  welcome.facts = {{"title", "Atom"}};
  return std::make_shared<goal_buddy_setup>(goal_buddy_setup{.ctx = f.ctx, .host = {}, .config = config, .welcome = welcome});
}

} // namespace

TEST_CASE("a Goal Buddy asks what is close by before it has anything written", "[actor][writing]") {
  fixture f;
  auto by = std::make_shared<scribe>();
  f.put(goal(1), f.system.spawn(goal_buddy, author(f, by, goal_id{1})));
  f.listen(subspace_0, the_host);
  writing_request ask;
  ask.request = 9;
  ask.text = "staking";
  f.send(the_host, goal(1), ask);
  std::uint64_t number = 0;
  f.receive([&](const nearby_request& m) {
    CHECK((m.goal == goal_id{1} && m.place.values == std::vector<float>{1, 0}));
    number = m.request;
  });
  CHECK(by->asked() == 0);
  f.send(subspace_0, goal(1), nearby_creations{number + 1, {{"nobody asked", 0}}});
  f.send(subspace_0, goal(1), nearby_creations{number, std::vector<neighbour>(1'000, {"Rival\x1b[2J", 0.25})});
  f.receive([](const written_news& m) { CHECK((m.request == 9 && m.code == errc::ok && m.text.title == "written")); });
  REQUIRE(by->asked() == 1);
  CHECK(by->heard[0].text == "staking");
  CHECK(by->heard[0].nearby == std::vector<neighbour>(most_neighbours, {"Rival [2J", 0.25}));
  CHECK(f.ctx->count.refused(errc::bad_value) == 1);
  f.send(subspace_0, goal(1), nearby_creations{number, {}}); // that question has had its answer
  f.send(the_host, goal(1), ask);
  f.receive([](const nearby_request&) {});
  CHECK(f.ctx->count.refused(errc::bad_value) == 2);
  CHECK(by->asked() == 1);
}

TEST_CASE("a Subspace answers whoever asks what is close by, whatever they ask", "[actor][writing][bad-input]") {
  fixture f;
  auto setup = std::make_shared<subspace_setup>();
  setup->ctx = f.ctx;
  setup->config = {.id = subspace_id{0}, .coordinates = {0, 2}};
  f.put(subspace_0, f.system.spawn(subspace, setup));
  f.listen(goal(1));
  for (const auto& place : {std::vector<float>{1, 0}, std::vector<float>{1}, std::vector<float>{1, NAN}}) {
    f.send(goal(1), subspace_0, nearby_request{goal_id{1}, 5, {place}});
    f.receive([](const nearby_creations& m) { CHECK((m.request == 5 && m.nearby.empty())); });
  }
  CHECK(f.ctx->count.refused(errc::wrong_dimension) == 1);
  CHECK(f.ctx->count.refused(errc::not_finite) == 1);
}
