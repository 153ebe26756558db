#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/metaspace/watch_book.hpp"
#include "tests/conform/state.hpp"
#include "tests/support/moving_catalogues.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

/// Proposals, catalogues, prices and periods.
struct metaspace_driver {
  using mind = metaspace_mind;
  using state = metaspace_mind_state;

  static std::vector<std::string> configs() { return {"plain", "capped", "priced", "backward"}; }

  metaspace_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)}, catalogues(two_blocks()) {
    if (which == 1)
      caps = {
          .slots = 6, .per_goal = 1, .per_owner = 2, .per_subspace = {2, 0}, .floors = {0, 1}, .near_duplicate = 0.01};
    priced = which == 2;
    rewards = which == 3 ? reward_rule::backward : reward_rule::exposure;
  }

  metaspace_config config() const { return {.caps = caps, .shard = 3, .shards = 8, .rewards = rewards}; }
  mind make() const { return mind(config()); }
  result<mind> restore(const state& s) const { return mind::restore(config(), s); }

  input<mind> draw() {
    switch (random.below(priced ? 9 : 8)) {
    case 0:
      return [c = catalogues.next(random).snapshot](mind& m, answers&) { m.see(c); };
    case 1:
      return close();
    case 8:
      return price();
    default:
      return proposal();
    }
  }

  input<mind> proposal() {
    slate_proposal p{.user = user_id{random.below(50)},
                     .round = ++rounds,
                     .why = occasion::request,
                     .request = rounds,
                     .slots = static_cast<std::uint32_t>(random.below(8)),
                     .candidates = {}};
    for (auto n = random.below(14); n > 0; --n)
      p.candidates.push_back(
          {catalogues.some(random), static_cast<float>(random.real(-1, 1)), {0.5f, propensity_source::exact}});
    return [p](mind& m, answers& out) { out << m.grant(p); };
  }

  input<mind> close() {
    regret_report r{.period = ++periods,
                    .shard = 3,
                    .rounds = 9,
                    .rounds_known = 4,
                    .stated = {0, 5},
                    .slate = {0, 6},
                    .exposures = {}};
    for (int i = 0; i < 8; ++i)
      r.exposures.push_back({catalogues.some(random), 1 + random.below(5), {0, random.g()}, {}});
    std::ranges::sort(r.exposures, {}, &exposure::creation);
    return [r](mind& m, answers& out) {
      for (const auto& report : m.close(r))
        out << report;
      m.refused().take([&](errc code, std::uint32_t n) { out << code << n; });
    };
  }

  input<mind> price() {
    slot_terms t{subspace_id{static_cast<std::uint16_t>(random.below(2))}, random.below(40), {}};
    for (std::uint64_t goal = 1; goal < 7; ++goal)
      if (!random.one_in(3))
        t.goals.push_back({goal_id{goal}, static_cast<float>(random.real(0, 1)),
                           static_cast<float>(random.real(0, 0.3)), random.one_in(6)});
    return [t](mind& m, answers&) { m.price(t); };
  }

  dice random;
  moving_catalogues catalogues;
  slate_caps caps = {};
  reward_rule rewards = reward_rule::exposure;
  bool priced = false;
  std::uint64_t rounds = 0, periods = 0;
};

/// Users that register and go, and catalogues that change under them.
struct watch_driver {
  using mind = watch_book;
  using state = watch_book_state;

  static std::vector<std::string> configs() { return {"few", "many"}; }

  watch_driver(std::size_t which, std::uint64_t seed)
      : random{splitmix64(seed)}, catalogues(two_blocks()), users(which == 0 ? 8 : 600) {}

  mind make() const { return mind(catalogues.space); }
  result<mind> restore(const state& s) const { return mind::restore(catalogues.space, s); }

  input<mind> draw() {
    switch (random.below(6)) {
    case 0:
    case 1: {
      auto news = catalogues.next(random);
      const bool lost = random.one_in(8);
      versions.at(raw(news.snapshot->subspace())) = news.snapshot->version();
      return [news, lost](mind& m, answers& out) {
        if (lost)
          return;
        auto call = m.see(news);
        while (!call.complete())
          m.look_on(call);
        out << call.what;
        for (user_id user : call.users)
          out << user;
      };
    }
    case 2:
      return [user = user_id{random.below(users)}](mind& m, answers& out) {
        m.remove(user);
        out << m.size();
      };
    default:
      return registration();
    }
  }

  input<mind> registration() {
    watch w{.user = user_id{random.below(users)},
            .anchor = {random.vector(7)},
            .slack = static_cast<float>(random.real(0, 0.2)),
            .thresholds = {static_cast<float>(random.real(-0.2, 0.6)), static_cast<float>(random.real(-0.2, 0.6))},
            .versions = versions,
            .slate = {}};
    if (random.one_in(20))
      std::ranges::fill(w.anchor.values, 0.0f);
    for (auto& version : w.versions)
      version -= std::min<std::uint64_t>(version, random.below(3));
    for (auto n = random.below(5); n > 0; --n)
      w.slate.push_back(catalogues.some(random));
    return [w](mind& m, answers& out) {
      const auto missed = m.put(w);
      out << missed.code();
      if (missed)
        for (const wake& each : *missed)
          out << each;
    };
  }

  dice random;
  moving_catalogues catalogues;
  std::uint64_t users;
  std::vector<std::uint64_t> versions{0, 0};
};

} // namespace

TEST_CASE("a MetaSpace shard restored is the shard that was saved", "[state]") { conforms<metaspace_driver>(); }
TEST_CASE("a push index restored wakes whom the saved one would", "[state]") { conforms<watch_driver>(); }
