/// What an ask rules out is never found, and everything else is found as before.
#include "actors/slots/best_allowed.hpp"
#include "actors/space/eligibility.hpp"
#include "actors/space/top_n.hpp"

#include "tests/support/random_catalogue.hpp"

#include <algorithm>
#include <set>

using namespace ammo;

namespace {

/// Creation i has content i, Goal Buddy i / 2, owner i / 8, and the tags 1 (every third), 2 (every fifth) and 100 + i % 7.
std::vector<std::uint32_t> tags_of(std::uint64_t i) {
  std::vector<std::uint32_t> out{100 + static_cast<std::uint32_t>(i % 7)};
  if (i % 3 == 0)
    out.push_back(1);
  if (i % 5 == 0)
    out.push_back(2);
  return out;
}

struct tagged_catalogue {
  catalogue c;
  explicit tagged_catalogue(std::uint64_t count, std::uint32_t width, splitmix64& g) : c(subspace_id{3}, block{7, width}) {
    const auto e = test::directions(count, width, g);
    for (std::uint64_t i = 0; i < count; ++i)
      REQUIRE(c.add(goal_id{i / 2}, owner_id{i / 8}, i, std::span(e).subspan(i * width, width), nullptr, tags_of(i)));
    for (std::uint64_t i = 0; i < count; i += 11)
      REQUIRE(c.retire(goal_id{i / 2}, make_creation_id(subspace_id{3}, static_cast<std::uint32_t>(i), 1)));
  }
};

template <class T>
bool among(const std::vector<T>& list, T x) { return std::ranges::find(list, x) != list.end(); }

/// By definition, from the number that the creation was made with.
bool in(const content_set& set, const creation_info& c) {
  const auto tags = tags_of(c.content);
  const auto has = [&](std::uint32_t tag) { return among(tags, tag); };
  return std::ranges::any_of(set.tags, has) || (!set.all_tags.empty() && std::ranges::all_of(set.all_tags, has)) ||
         among(set.contents, c.content) || among(set.creations, c.id) || among(set.goals, c.goal) || among(set.owners, c.owner);
}

std::vector<scored> by_sorting(const catalogue_version& c, std::span<const float> q, std::size_t n, const content_set& only,
                               const content_set& except) {
  std::vector<scored> all;
  for (std::uint32_t row = 0; row < c.rows(); ++row)
    if (const auto& info = c.info(row); info.id != no_creation && (only.empty() || in(only, info)) && !in(except, info))
      all.push_back({info.id, c.dot(row, q)});
  std::ranges::stable_sort(all, std::greater{}, &scored::score);
  all.resize(std::min(n, all.size()));
  return all;
}

std::vector<std::uint64_t> every(std::uint64_t step, std::uint64_t below, std::uint64_t first = 0) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t i = first; i < below; i += step)
    out.push_back(i);
  return out;
}

struct said {
  content_set only, except;
};

const std::vector<said> asks{
  {{}, {.tags = {1}}},
  {{.tags = {1}}, {}},
  {{.tags = {1, 102}}, {.tags = {2}}},
  {{.all_tags = {1, 2}}, {}},
  {{}, {.all_tags = {1, 2}}},
  {{.tags = {9}}, {}}, // that nothing has
  {{}, {.tags = {9}}},
  {{}, {.contents = every(2, 2'000)}},
  {{.contents = every(97, 2'000, 5)}, {}},
  {{.contents = every(2, 2'000)}, {.tags = {1}, .contents = every(4, 2'000)}},
  {{.tags = {1}, .contents = {1, 2}}, {.goals = {goal_id{0}, goal_id{9}}}},
  {{.goals = {goal_id{4}}}, {}},
  {{.owners = {owner_id{1}, owner_id{2}}}, {.creations = {make_creation_id(subspace_id{3}, 9, 1)}}},
  {{.creations = {make_creation_id(subspace_id{3}, 9, 1), make_creation_id(subspace_id{3}, 9, 2), creation_id{77}}}, {}},
};

} // namespace

TEST_CASE("top-N of what is eligible is exact, whatever is ruled out", "[space][eligibility]") {
  splitmix64 g(1);
  for (std::uint32_t width : {1, 25, 32})
    for (std::uint64_t count : {40, 300, 1500}) {
      const tagged_catalogue t(count, width, g);
      const auto c = catalogue(t.c).publish();
      for (const auto& [only, except] : asks)
        for (std::size_t n : {1, 5, 64}) {
          const auto who = eligibility::of(only, except).value();
          const auto q = test::directions(1, width, g);
          std::vector<scored> found(n);
          found.resize(top_n(*c, q, n, found, who.get()));
          REQUIRE(found == by_sorting(*c, q, n, only, except));
        }
    }
}

TEST_CASE("rows are counted and looked up as they are found", "[space][eligibility]") {
  splitmix64 g(2);
  const tagged_catalogue t(1000, 4, g);
  const auto c = catalogue(t.c).publish();
  const std::vector<float> q{1, 0, 0, 0};
  for (const auto& [only, except] : asks) {
    const auto who = eligibility::of(only, except).value();
    const auto all = by_sorting(*c, q, c->live(), only, except);
    CHECK(who->count(*c) == all.size());
    std::size_t found = 0;
    for (std::uint32_t row = 0; row < c->rows(); ++row)
      if (const auto id = c->info(row).id; id != no_creation) {
        found += may_show(who.get(), *c, id);
        CHECK(may_show(who.get(), *c, id) == (std::ranges::find(all, id, &scored::creation) != all.end()));
      }
    CHECK(found == all.size());
    CHECK_FALSE(may_show(who.get(), *c, make_creation_id(subspace_id{3}, 0, 1))); // retired
  }
}

TEST_CASE("a share under caps is filled of what is eligible", "[space][eligibility]") {
  splitmix64 g(3);
  const tagged_catalogue t(1000, 4, g);
  const auto c = catalogue(t.c).publish();
  const auto who = eligibility::of({.tags = {1}}, {}).value();
  const auto q = test::directions(1, 4, g);
  const auto share = allowed_share({.per_owner = 1}, *c, q, 64, true, who.get());
  std::set<std::uint64_t> owners;
  for (const scored& s : share) {
    CHECK(c->find(s.creation)->content % 3 == 0);
    CHECK(owners.insert(raw(c->find(s.creation)->owner)).second);
  }
  CHECK(share.size() == 64);
}

TEST_CASE("nothing said is nothing ruled out; too long a list is refused", "[space][eligibility]") {
  CHECK(eligibility::of({}, {}).value() == nullptr);
  CHECK(eligibility::of({.tags = {1}}, {}).value() != nullptr);
  const std::vector<std::uint64_t> most(most_listed, 5), more(most_listed + 1, 5);
  CHECK(eligibility::of({}, {.contents = most}));
  CHECK(eligibility::of({}, {.contents = more}).code() == errc::bad_value);
  CHECK(eligibility::of({.contents = more}, {}).code() == errc::bad_value);
}

TEST_CASE("tags go with a creation that moves, and not with its row", "[space][eligibility][catalogue]") {
  catalogue c(subspace_id{0}, block{0, 1});
  const std::vector<float> e{0.5f}, f{0.25f};
  const std::vector<std::uint32_t> two{7, 3}, one{9}, many(most_tags + 1, 1);
  const auto id = c.add(goal_id{1}, owner_id{1}, 1, e, nullptr, two).value();
  const auto before = c.publish();
  const auto moved = c.move(goal_id{1}, id, f).value();
  CHECK(c.publish()->panels()[0]->tags.of(0) == std::vector<std::uint32_t>{3, 7});
  const auto again = c.move(goal_id{1}, moved, f, nullptr, one).value();
  CHECK(c.publish()->panels()[0]->tags.of(0) == one);
  REQUIRE(c.retire(goal_id{1}, again));
  CHECK(c.publish()->panels()[0]->tags.empty());
  CHECK(before->panels()[0]->tags.of(0) == std::vector<std::uint32_t>{3, 7}); // a version stays as it was
  CHECK(c.add(goal_id{1}, owner_id{1}, 1, e, nullptr, many).code() == errc::bad_value);
  CHECK(c.live() == 0);
}
