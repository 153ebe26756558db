#include "actors/space/catalogue.hpp"

#include "tests/support/random_catalogue.hpp"

#include <atomic>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

using namespace ammo;

namespace {

constexpr goal_id mine{1}, other{2};
constexpr owner_id owner{9};

catalogue small(std::uint32_t capacity = 1u << 20) { return {subspace_id{5}, block{10, 3}, 1.0f, capacity}; }

std::vector<float> read(const catalogue_version& c, creation_id id) {
  std::vector<float> e(c.coordinates().width);
  c.embedding(row_of(id), e);
  return e;
}

using vec = std::vector<float>;

} // namespace

TEST_CASE("a creation is found, with its coordinates, once its version is published", "[space][catalogue]") {
  auto c = small();
  const auto id = c.add(mine, owner, 77, vec{0.5f, -0.25f, 0.125f}).value();
  CHECK(subspace_of(id) == subspace_id{5});
  REQUIRE(c.find(id));

  const auto version = c.publish();
  CHECK(version->version() == 1);
  CHECK(version->live() == 1);
  CHECK(version->subspace() == subspace_id{5});
  CHECK(version->coordinates() == block{10, 3});
  REQUIRE(version->find(id));
  CHECK(*version->find(id) == creation_info{id, mine, owner, 77});
  CHECK(version->info(row_of(id)) == *version->find(id));
  CHECK(read(*version, id) == vec{0.5f, -0.25f, 0.125f});
  CHECK(version->dot(row_of(id), vec{2, 4, 8}) == 1.0f);
}

TEST_CASE("ids that were never issued are not found", "[space][catalogue]") {
  auto c = small();
  const auto id = c.add(mine, owner, 0, vec{0, 0, 0}).value();
  const auto version = c.publish();
  for (auto wrong : {no_creation, make_creation_id(subspace_id{4}, row_of(id), 1),
                     make_creation_id(subspace_id{5}, 1, 1), make_creation_id(subspace_id{5}, 1u << 20, 1),
                     make_creation_id(subspace_id{5}, row_of(id), 2)}) {
    CHECK(c.find(wrong) == nullptr);
    CHECK(version->find(wrong) == nullptr);
  }
}

TEST_CASE("publishing when nothing has changed gives the same version", "[space][catalogue]") {
  auto c = small();
  const auto empty = c.publish();
  CHECK(empty->version() == 1);
  CHECK(empty->live() == 0);
  CHECK(c.publish() == empty);
  CHECK_FALSE(c.add(mine, owner, 0, vec{0, 0})); // a refusal is no change
  CHECK(c.publish() == empty);
  REQUIRE(c.add(mine, owner, 0, vec{0, 0, 1}));
  CHECK(c.publish()->version() == 2);
}

TEST_CASE("a version never changes, whatever the builder does after it", "[space][catalogue]") {
  auto c = small();
  const auto a = c.add(mine, owner, 1, vec{1, 0, 0}).value();
  const auto b = c.add(mine, owner, 2, vec{0, 1, 0}).value();
  const auto before = c.publish();
  const auto moved = c.move(mine, a, vec{0, 0, 1}).value();
  REQUIRE(c.retire(mine, b));
  const auto fresh = c.add(other, owner, 3, vec{0, 0.5f, 0}).value();
  const auto after = c.publish();

  CHECK(before->live() == 2);
  CHECK(read(*before, a) == vec{1, 0, 0});
  CHECK(read(*before, b) == vec{0, 1, 0});
  CHECK(before->find(b)->content == 2);
  CHECK_FALSE(before->find(moved));

  CHECK(after->live() == 2);
  CHECK_FALSE(after->find(a));
  CHECK_FALSE(after->find(b));
  CHECK(read(*after, moved) == vec{0, 0, 1});
  CHECK(row_of(fresh) == row_of(b)); // the free row is used again, under a new id
  CHECK(fresh != b);
  CHECK(after->find(fresh)->goal == other);
}

TEST_CASE("versions share the panels that have not changed", "[space][catalogue]") {
  auto c = small();
  std::vector<creation_id> ids;
  for (std::uint32_t i = 0; i < 3 * panel_rows; ++i)
    ids.push_back(c.add(mine, owner, i, vec{0, 0, 0}).value());
  const auto first = c.publish();
  REQUIRE(first->panels().size() == 3);
  REQUIRE(c.move(mine, ids[panel_rows + 5], vec{1, 0, 0}));
  const auto second = c.publish();
  CHECK(second->panels()[0] == first->panels()[0]);
  CHECK(second->panels()[1] != first->panels()[1]);
  CHECK(second->panels()[2] == first->panels()[2]);
}

TEST_CASE("a retired row is empty until the lowest free row is used again", "[space][catalogue]") {
  auto c = small();
  std::vector<creation_id> ids;
  for (std::uint32_t i = 0; i < 8; ++i)
    ids.push_back(c.add(mine, owner, i, vec{0, 0, 1}).value());
  REQUIRE(c.retire(mine, ids[6]));
  REQUIRE(c.retire(mine, ids[2]));
  const auto version = c.publish();
  CHECK(version->live() == 6);
  CHECK(version->info(2).id == no_creation);
  CHECK(version->dot(2, vec{1, 1, 1}) == -std::numeric_limits<float>::infinity());
  CHECK(read(*version, ids[2]) == vec{0, 0, 0});
  CHECK(row_of(c.add(mine, owner, 0, vec{0, 0, 1}).value()) == 2);
  CHECK(row_of(c.add(mine, owner, 0, vec{0, 0, 1}).value()) == 6);
  CHECK(row_of(c.add(mine, owner, 0, vec{0, 0, 1}).value()) == 8);
}

TEST_CASE("a row's next creation has the next generation; 0 is skipped when they wrap", "[space][catalogue]") {
  auto c = small();
  const auto id = c.add(mine, owner, 0, vec{0, 0, 0}).value();
  CHECK(generation_of(id) == 1);
  CHECK(generation_of(c.move(mine, id, vec{0, 0, 0}).value()) == 2);
  CHECK(next_generation((1u << 24) - 2) == (1u << 24) - 1);
  CHECK(next_generation((1u << 24) - 1) == 1);
}

TEST_CASE("what a catalogue refuses, it refuses by name and without a change", "[space][catalogue]") {
  auto c = small(2);
  const auto id = c.add(mine, owner, 0, vec{0, 1, 0}).value();
  const auto published = c.publish();
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinite = std::numeric_limits<float>::infinity();
  CHECK(c.add(mine, owner, 0, vec{0, 1}).code() == errc::wrong_dimension);
  CHECK(c.add(mine, owner, 0, vec{0, nan, 0}).code() == errc::not_finite);
  CHECK(c.add(mine, owner, 0, vec{0, -infinite, 0}).code() == errc::not_finite);
  CHECK(c.add(mine, owner, 0, vec{0, 1.001f, 0}).code() == errc::norm_over_cap);
  CHECK(c.add(mine, owner, 0, vec{3e38f, 3e38f, 0}).code() == errc::norm_over_cap);
  CHECK(c.move(mine, id, vec{0, 2, 0}).code() == errc::norm_over_cap);
  CHECK(c.move(other, id, vec{0, 0, 0}).code() == errc::not_owner);
  CHECK(c.move(mine, no_creation, vec{0, 0, 0}).code() == errc::unknown_creation);
  CHECK(c.retire(other, id).code() == errc::not_owner);
  CHECK(c.retire(mine, make_creation_id(subspace_id{5}, 0, 9)).code() == errc::unknown_creation);
  CHECK(c.check(vec{0, 1.001f, 0}).code() == errc::norm_over_cap);
  CHECK(c.check(vec{0, 1.00005f, 0})); // rounding at the sender is forgiven
  CHECK(c.publish() == published);

  REQUIRE(c.add(mine, owner, 0, vec{0, 0, 0}));
  CHECK(c.add(mine, owner, 0, vec{0, 0, 0}).code() == errc::catalogue_full);
  CHECK(c.check(vec{0, 0, 0}).code() == errc::catalogue_full);
  CHECK(c.move(mine, id, vec{0, 0, 0})); // a full catalogue still moves
  CHECK(c.live() == 2);
}

TEST_CASE("a long random life: the version is always what a plain map says", "[space][catalogue]") {
  splitmix64 g(11);
  auto c = small();
  std::vector<std::pair<creation_id, vec>> truth;
  std::set<creation_id> issued;
  for (int turn = 0; turn < 4000; ++turn) {
    const vec e = test::directions(1, 3, g);
    const auto which = truth.empty() ? 0 : g() % truth.size();
    const auto dice = g() % 4;
    if (truth.empty() || dice < 2) {
      truth.emplace_back(c.add(mine, owner, 0, e).value(), e);
      CHECK(issued.insert(truth.back().first).second);
    } else if (dice == 2) {
      truth[which] = {c.move(mine, truth[which].first, e).value(), e};
      CHECK(issued.insert(truth[which].first).second);
    } else {
      REQUIRE(c.retire(mine, truth[which].first));
      truth.erase(truth.begin() + static_cast<std::ptrdiff_t>(which));
    }
    if (turn % 100 == 0) {
      const auto version = c.publish();
      REQUIRE(version->live() == truth.size());
      for (const auto& [id, at] : truth) {
        REQUIRE(version->find(id));
        REQUIRE(read(*version, id) == at);
      }
    }
  }
}

TEST_CASE("readers on other threads see whole versions while the builder works on", "[space][catalogue]") {
  auto c = small();
  for (std::uint32_t i = 0; i < panel_rows + 8; ++i)
    REQUIRE(c.add(mine, owner, i, vec{0, 0, 0}));
  std::mutex lock;
  auto newest = c.publish();
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  auto read_on = [&] {
    for (std::uint64_t last = 0; !done;) {
      std::shared_ptr<const catalogue_version> version;
      {
        std::lock_guard guard(lock);
        version = newest;
      }
      // Version t holds the same coordinate in all of its rows: (t - 1) / 8192.
      const float expected = static_cast<float>(version->version() - 1) / 8192;
      for (std::uint32_t row : {0u, 7u, panel_rows + 7})
        wrong += version->dot(row, vec{1, 0, 0}) != expected || version->find(version->info(row).id) == nullptr;
      wrong += version->version() < last;
      last = version->version();
    }
  };
  std::thread one(read_on), two(read_on);
  for (int t = 1; t <= 200; ++t) {
    const auto before = c.publish(); // unchanged: the newest
    for (std::uint32_t row = 0; row < panel_rows + 8; ++row)
      REQUIRE(c.move(mine, before->info(row).id, vec{static_cast<float>(t) / 8192, 0, 0}));
    auto next = c.publish();
    std::lock_guard guard(lock);
    newest = std::move(next);
  }
  done = true;
  one.join();
  two.join();
  CHECK(wrong == 0);
}
