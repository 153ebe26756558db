/// What the attack learns of single people from exposures as they are, and from exposures as they are published.
#include "actors/subspace/published_exposures.hpp"

#include "actors/protocol/exposures.hpp"
#include "bench/attack/audience.hpp"
#include "bench/attack/still_world.hpp"
#include "tests/support/source_path.hpp"

#include <catch2/catch.hpp>

using namespace ammo;

namespace {

const content& coins() {
  static const auto c = load_content("coin", ammo::test::source_path("subspaces"), {}).value();
  return c;
}

constexpr rounding as_it_is{.crowd = 0}, as_published{};

regret_feedback heard_of(const still_world& world, const catalogue_version& live, const rounding& r) {
  auto f = world.play(1);
  f.exposures = published(f.exposures, r);
  std::vector<float> e(f.demand.values.size());
  f.demand.values.assign(e.size(), 0);
  double impressions = 0;
  for (const exposure& x : f.exposures)
    impressions += static_cast<double>(x.impressions);
  for (const exposure& x : f.exposures) {
    live.embedding(row_of(x.creation), e);
    ball::add(f.demand.values, e, sum_of(x.engagement).value() / impressions);
  }
  return f;
}

/// Single people whose taste the attack knows: it has told one person apart, knows the score that he gives the last of his slate,
/// and believes a preference within 45° of his.
std::size_t known_people(const rounding& r) {
  still_world world(coins(), 0);
  audience people;
  const goal_config config{.policy = goal_policy::host};
  splitmix64 g{1};
  std::vector<float> at = world.facts();
  for (int turn = 0; turn < 40; ++turn) {
    world.move(at);
    const auto live = world.publish();
    const auto heard = heard_of(world, *live, r);
    const goal_view view{.config = config, .grounded = world.facts(), .e = at, .creation = world.id(), .heard = heard, .interests = {}, .creations = live.get()};
    people.hear(view, g);
    auto to = people.open() ? people.towards_unknown(view, g) : std::vector<float>{};
    if (to.empty()) { // to where nobody is shown it, then somewhere else
      to = people.open() ? ball::direction(g, at.size()) : view.wanted();
      ball::rescale(to, people.open() ? 1 : -1);
    }
    at = std::move(to);
  }
  std::size_t known = 0;
  for (const likely_taste& p : people.people()) {
    if (p.share * still_world::people > 1.5)
      continue;
    for (std::size_t j = 0; j < still_world::people; ++j) {
      const auto& q = world.q()[j];
      const double cosine = ball::dot(p.q->mean(), q) / std::max(1e-9, ball::norm(p.q->mean()) * ball::norm(q));
      if (std::abs(p.least - double{world.least()[j]}) < 1e-5 && cosine > 0.7) {
        ++known;
        break;
      }
    }
  }
  return known;
}

} // namespace

TEST_CASE("the attack knows single people's tastes by exposures as they are, and nobody's by published ones", "[attack]") {
  CHECK(known_people(as_it_is) >= 10);
  CHECK(known_people(as_published) == 0);
}

TEST_CASE("one person's choice changes what is published rarely, and exposures as they are always", "[attack]") {
  still_world world(coins(), 0);
  const auto live = world.publish();
  const auto all = world.play(1).exposures;
  const auto count_changes = [&](const rounding& r) {
    std::size_t changed = 0;
    for (std::size_t i = 0; i < all.size(); ++i) { // one of those who see a creation sees the next one instead
      auto other = all;
      exact_sum less = sum_of(all[i].engagement), more = sum_of(all[(i + 1) % all.size()].engagement);
      less.add(-mean_reward(all[i]));
      more.add(mean_reward(all[i]));
      --other[i].impressions;
      other[i].engagement = wire_of(less);
      ++other[(i + 1) % all.size()].impressions;
      other[(i + 1) % all.size()].engagement = wire_of(more);
      std::erase_if(other, [](const exposure& x) { return x.impressions == 0; });
      changed += published(all, r) != published(other, r);
    }
    return static_cast<double>(changed) / static_cast<double>(all.size());
  };
  CHECK(count_changes(as_it_is) == 1);
  CHECK(count_changes(as_published) < 0.25);
}
