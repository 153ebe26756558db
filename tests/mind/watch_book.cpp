#include "actors/metaspace/watch_book.hpp"
#include "tests/support/user_world.hpp"

#include <limits>
#include <optional>
#include <set>

using namespace ammo;
using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 8, slots = 3;

/// A User Buddy that registers as the body does: when its mean has strayed, and after each look.
struct buddy {
  user_mind mind;
  std::vector<float> q;
  std::optional<watch> watched = {};
};

struct neighbourhood {
  user_config config;
  splitmix64 g{3};
  std::vector<catalogue> creations = {};
  std::vector<std::vector<creation_id>> live = {};
  std::vector<buddy> buddies = {};
  watch_book book{config.space};

  explicit neighbourhood(user_config c, std::size_t users) : config(std::move(c)) {
    config.policy = user_policy::greedy;
    for (std::size_t s = 0; s < config.space.size(); ++s)
      creations.emplace_back(subspace_id{static_cast<std::uint16_t>(s)}, at(s));
    live.resize(config.space.size());
    for (std::size_t u = 0; u < users; ++u)
      buddies.push_back({mind_of(config, u), unit_vector(g, config.space.dim())});
  }
  [[nodiscard]] block at(std::size_t s) const { return config.space.coordinates(subspace_id{static_cast<std::uint16_t>(s)}); }

  void add(std::size_t s) {
    live[s].push_back(creations[s].add(goal_id{1}, owner_id{1}, g(), unit_vector(g, at(s).width)).value());
  }
  void retire(std::size_t s) {
    std::swap(live[s][g() % live[s].size()], live[s].back());
    REQUIRE(creations[s].retire(goal_id{1}, live[s].back()));
    live[s].pop_back();
  }
  void move(std::size_t s) {
    auto& id = live[s][g() % live[s].size()];
    id = creations[s].move(goal_id{1}, id, unit_vector(g, at(s).width)).value();
  }
  void keep_watch(buddy& b, bool always = false) {
    if (!always && b.watched && !b.mind.strayed(*b.watched))
      return;
    b.watched = b.mind.watching(slots, 0.1f);
    if (b.watched)
      REQUIRE(book.put(*b.watched));
  }
  void play(buddy& b) {
    const auto p = b.mind.propose(occasion::round, 0, slots).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates) {
      const std::size_t s = raw(subspace_of(c.creation));
      const auto newest = creations[s].publish();
      r.entries.push_back({c.creation, newest->find(c.creation) ? utility(*newest, c.creation, b.q) : 0});
    }
    REQUIRE(b.mind.learn(r) == errc::ok);
    keep_watch(b);
  }
};

user_config two_blocks() { return config_of(dim, {{"coin", {0, 5}}, {"edu", {3, 5}}}); }

} // namespace

TEST_CASE("nobody is missed, whatever the catalogue and the users do, and most sleep on", "[watch_book]") {
  const bool exactly = GENERATE(false, true);
  const std::uint32_t spares = GENERATE(0u, 9u);
  auto config = two_blocks();
  config.exactly = exactly;
  config.spare_candidates = spares;
  neighbourhood n(config, 60);
  for (std::size_t s = 0; s < 2; ++s)
    for (int i = 0; i < 30; ++i)
      n.add(s);
  std::size_t woken = 0, entered = 0, asked = 0;
  for (int version = 0; version < 60; ++version) {
    const std::size_t s = n.g() % 2;
    std::set<creation_id> before(n.live[s].begin(), n.live[s].end());
    if (version > 0)
      switch (n.g() % 4) {
      case 0: n.retire(s); break;
      case 1: n.move(s); break;
      case 2: n.retire(s); [[fallthrough]];
      default: n.add(s);
      }
    for (std::size_t of : {s, 1 - s}) {
      catalogue_news news{n.creations[of].publish(), {}};
      if (of == s)
        std::ranges::copy_if(n.live[s], std::back_inserter(news.fresh), [&](creation_id id) { return !before.contains(id); });
      const auto call = n.book.see(news);
      const std::set<user_id> called(call.users.begin(), call.users.end());
      CHECK(called.size() == call.users.size());
      for (auto& b : n.buddies) {
        b.mind.see(news.snapshot);
        if (news.fresh.empty() || !b.watched)
          continue;
        const bool enters = b.mind.would_enter(news.fresh, slots), is_called = called.contains(b.mind.user());
        CHECK((is_called || !enters));
        ++asked;
        entered += enters;
        woken += is_called;
        if (is_called)
          n.keep_watch(b, true);
      }
    }
    for (auto& b : n.buddies)
      if (n.g() % 3 == 0)
        n.play(b);
  }
  CHECK(entered > 50);
  CHECK(woken < asked / 2);
}

TEST_CASE("who knows nothing of their person isn't registered", "[watch_book]") {
  neighbourhood n(two_blocks(), 1);
  n.add(0);
  CHECK_FALSE(n.buddies[0].mind.watching(slots, 0.1f)); // no catalogue
  n.buddies[0].mind.see(n.creations[0].publish());
  CHECK_FALSE(n.buddies[0].mind.watching(slots, 0.1f));
  n.play(n.buddies[0]);
  REQUIRE(n.buddies[0].watched);
  CHECK(n.book.size() == 1);
  CHECK_FALSE(n.buddies[0].mind.strayed(*n.buddies[0].watched));
  n.book.remove(user_id{0});
  CHECK(n.book.size() == 0);
}

TEST_CASE("a move is named, and a registration that comes late is answered at once", "[watch_book]") {
  watch_book book(config_of(2, {{"only", {0, 2}}}).space);
  catalogue c(subspace_id{0}, {0, 2});
  const auto first = c.add(goal_id{1}, owner_id{1}, 1, std::vector<float>{1, 0}).value();
  CHECK(book.see({c.publish(), {first}}).users.empty());
  watch w{user_id{7}, {{1, 0}}, 0, {0.9f}, {1}, {first}};
  CHECK(book.put(w).value().empty());

  const auto moved = c.move(goal_id{1}, first, std::vector<float>{0, 1}).value();
  const auto call = book.see({c.publish(), {moved}}); // out of reach, but the slate has lost what held it up
  CHECK(call.users == std::vector{user_id{7}});
  CHECK(call.what.fresh == std::vector{moved});
  CHECK(call.what.replaced == std::vector{first});

  const auto good = c.add(goal_id{2}, owner_id{2}, 2, std::vector<float>{0.95f, 0}).value();
  const auto bad = c.add(goal_id{3}, owner_id{3}, 3, std::vector<float>{0.5f, 0}).value();
  CHECK(book.see({c.publish(), {good, bad}}).users.size() == 1);
  w.versions = {2};
  w.slate = {moved};
  const auto late = book.put(w).value();
  REQUIRE(late.size() == 1);
  CHECK(late[0].fresh == std::vector{good});
  CHECK(late[0].version == 3);
  w.versions = {3};
  CHECK(book.put(w).value().empty());
  const auto stale = c.publish();
  CHECK(book.see({stale, {good}}).users.empty()); // no newer than the one held
}

TEST_CASE("much that is fresh is looked at in turns, and nobody is missed or called twice", "[watch_book]") {
  constexpr std::uint64_t people = 3'000;
  constexpr std::size_t fresh = 200;
  const auto space = config_of(16, {{"only", {0, 16}}}).space;
  watch_book book(space), one_by_one(space);
  splitmix64 g{5};
  for (std::uint64_t u = 0; u < people; ++u) {
    const watch w{user_id{u}, {unit_vector(g, 16)}, 0.05f, {0.5f}, {0}, {}};
    REQUIRE(book.put(w));
    REQUIRE(one_by_one.put(w));
  }
  catalogue c(subspace_id{0}, {0, 16});
  catalogue_news all;
  std::set<user_id> expected;
  for (std::size_t i = 0; i < fresh; ++i) {
    all.fresh.push_back(c.add(goal_id{i}, owner_id{i}, i, unit_vector(g, 16)).value());
    const auto call = one_by_one.see({c.publish(), {all.fresh.back()}});
    CHECK(call.complete());
    expected.insert(call.users.begin(), call.users.end());
  }
  all.snapshot = c.publish();
  auto call = book.see(all);
  CHECK_FALSE(call.complete());
  book.remove(*expected.begin()); // who leaves meanwhile is called or not
  int turns = 1;
  for (; !call.complete(); ++turns)
    book.look_on(call);
  CHECK(turns > 3);
  CHECK(call.what.fresh == all.fresh);
  expected.insert(call.users.begin(), call.users.end());
  CHECK(expected.size() <= call.users.size() + 1);
  CHECK(std::ranges::is_sorted(call.users));
  CHECK(std::ranges::adjacent_find(call.users) == call.users.end());
  CHECK(call.users.size() > people / 10);
  CHECK(call.users.size() < people);
}

TEST_CASE("a registration that can't be is refused, and changes nothing", "[watch_book][bad-input]") {
  watch_book book(config_of(2, {{"only", {0, 2}}}).space);
  const watch fine{user_id{1}, {{1, 0}}, 0.1f, {0.5f}, {0}, {}};
  const auto refused = [&](auto change) {
    watch w = fine;
    change(w);
    const auto code = book.put(w).code();
    CHECK(book.size() == 0);
    return code;
  };
  CHECK(refused([](watch& w) { w.anchor.values.push_back(0); }) == errc::wrong_dimension);
  CHECK(refused([](watch& w) { w.thresholds.clear(); }) == errc::wrong_dimension);
  CHECK(refused([](watch& w) { w.versions.push_back(1); }) == errc::wrong_dimension);
  CHECK(refused([](watch& w) { w.slack = -1; }) == errc::not_finite);
  CHECK(refused([](watch& w) { w.thresholds[0] = std::numeric_limits<float>::quiet_NaN(); }) == errc::not_finite);
  CHECK(refused([](watch& w) { w.anchor.values[0] = std::numeric_limits<float>::infinity(); }) == errc::not_finite);
  CHECK(refused([](watch& w) { w.slate.resize(1000); }) == errc::too_many_slots);
  CHECK(book.put(fine));
  CHECK(book.size() == 1);
}
