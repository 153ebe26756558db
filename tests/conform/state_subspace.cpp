#include "actors/subspace/subspace_mind.hpp"
#include "tests/conform/state.hpp"

#include <set>

using namespace ammo;
using namespace ammo::test;

namespace {

/// Goal Buddies that come, offer, move, withdraw and pay, and people who are shown what they made.
struct subspace_driver {
  using mind = subspace_mind;
  using state = subspace_mind_state;
  static constexpr std::uint32_t width = 5, goals = 12;

  static std::vector<std::string> configs() { return {"value", "priced", "pace", "tight"}; }

  subspace_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)} {
    config = {.id = subspace_id{3}, .coordinates = {2, width}, .slot_price_micros = 40};
    config.income_micros = which == 0 ? 0 : 5'000;
    if (which == 1 || which == 2)
      config.sale = which == 1 ? slot_sale::priced : slot_sale::pace;
    if (which == 3) {
      config.capacity = 9;
      config.creations_per_owner = 3;
      config.goals_per_owner = 2;
      config.norm_cap = 1.5f;
      config.near_duplicate = 0.05;
    }
  }

  mind make() const { return mind(config); }
  result<mind> restore(const state& s) const { return mind::restore(config, s); }

  goal_id goal() { return goal_id{1 + random.below(goals)}; }
  creation_id creation() {
    if (ids.empty() || random.one_in(10))
      return make_creation_id(config.id, static_cast<std::uint32_t>(random.below(40)), 1);
    return *std::next(ids.begin(), static_cast<std::ptrdiff_t>(random.below(ids.size())));
  }

  input<mind> draw() {
    switch (random.below(14)) {
    case 12:
      return deal();
    case 0:
    case 1: {
      const auto g = goal();
      return
          [m = join_goal{g, owner_id{raw(g) % 4}, static_cast<std::int64_t>(random.below(3'000'000)), random.one_in(2),
                         "pièce " + std::to_string(raw(g))}](mind& s, answers& out) { out << s.join(m).code(); };
    }
    case 2:
    case 3:
    case 4:
    case 5:
      return offer();
    case 6:
      return [m = creation_withdrawal{goal(), creation(), 0}](mind& s, answers& out) { out << s.withdraw(m); };
    case 7:
      return [](mind& s, answers& out) { out << s.publish(); };
    case 8:
    case 9:
      return period();
    case 10:
      return [g = goal(), v = random.vector(width)](mind& s, answers& out) {
        const auto near = s.nearby(g, v);
        for (const auto& n : *near)
          out << n.distance;
        const auto matching = s.matching(v, 5);
        for (goal_id match : *matching)
          out << match;
      };
    case 11:
      return [g = goal(), remove = random.one_in(4)](mind& s, answers& out) {
        if (remove)
          out << s.remove(g);
        else
          out << s.withdraw({g, no_creation, 0});
      };
    default:
      return [g = goal(), forget = random.one_in(3)](mind& s, answers& out) {
        if (const auto standing = s.standing_of(g))
          out << *standing;
        if (forget)
          out << s.forget(g);
        out << s.accounts().balance(g) << s.accounts().granted() << s.accounts().spent() << s.live();
      };
    }
  }

  input<mind> offer() {
    creation_offer o{.goal = goal(),
                     .key = 0,
                     .replaces = random.one_in(2) ? creation() : no_creation,
                     .content = random.below(100),
                     .e = {random.vector(width)},
                     .grounded = {random.vector(width)}};
    o.key = random.one_in(10) ? random.below(20) : ++keys;
    if (random.one_in(4))
      o.key |= (1 + random.below(2)) << 62;
    return [o, this](mind& s, answers& out) {
      const auto v = s.offer(o);
      if (v.creation != no_creation)
        ids.insert(v.creation);
      out << v;
    };
  }

  /// Strains of a generation; some are meant for another Subspace.
  input<mind> deal() {
    strain_news n{.generation = ++generations, .strains = {}};
    const subspace_id whose = random.one_in(5) ? subspace_id{4} : config.id;
    for (std::uint64_t i = 0; i < 3; ++i)
      n.strains.push_back({.lineage = 3 * n.generation + i, .kind = buddy_kind::goal, .subspace = whose, .genes = {}});
    return [n](mind& s, answers& out) {
      const auto ours = s.deal(n);
      out << ours.code() << (ours && *ours);
      if (const auto* strains = s.strains())
        out << *strains;
    };
  }

  input<mind> period() {
    attention_report r{.period = periods + random.below(2),
                       .rounds = 20 + random.below(20),
                       .rounds_known = 5,
                       .stated = {0, 77},
                       .slate = {0, 99},
                       .exposures = {}};
    std::set<creation_id> shown;
    while (shown.size() < 6)
      shown.insert(random.one_in(2) ? creation()
                                    : make_creation_id(config.id, static_cast<std::uint32_t>(random.below(99)), 1));
    for (creation_id id : shown) {
      exact_sum engagement;
      engagement.add(random.real(-2, 6));
      r.exposures.push_back({id, 1 + random.below(9), wire_of(engagement), {}});
    }
    ++periods;
    return [r](mind& s, answers& out) {
      const auto f = s.merge(r.period, {r, r});
      out << f << s.earn(f);
      if (const auto terms = s.sell(f))
        out << *terms;
      for (const auto& u : s.utilities(f, 0.5))
        out << u.goal << u.utility;
      if (const auto report = s.score_strains(f, 0.5))
        out << *report;
    };
  }

  subspace_config config;
  dice random;
  std::set<creation_id> ids;
  std::uint64_t keys = 0, periods = 1, generations = 0;
};

} // namespace

TEST_CASE("a Subspace restored is the Subspace that was saved", "[state]") { conforms<subspace_driver>(); }

TEST_CASE("a Subspace's state is held to its configuration", "[state]") {
  const subspace_config config{.id = subspace_id{1}, .coordinates = {0, 2}};
  subspace_mind mind(config);
  REQUIRE(mind.join({goal_id{1}, owner_id{5}, 1'000'000, false, ""}).code() == errc::ok);
  REQUIRE(mind.offer({.goal = goal_id{1}, .key = 1, .e = {{0.5f, 0}}, .grounded = {{0.5f, 0}}}).code == errc::ok);
  const auto good = mind.save();
  REQUIRE(subspace_mind::restore(config, good).code() == errc::ok);
  const auto refused = [&](auto change) {
    auto s = good;
    change(s);
    return subspace_mind::restore(config, s).code() == errc::bad_state;
  };
  auto other = config;
  other.coordinates.width = 3;
  CHECK(subspace_mind::restore(other, good).code() == errc::bad_state);
  other = config;
  other.id = subspace_id{2};
  CHECK(subspace_mind::restore(other, good).code() == errc::bad_state);
  other = config;
  other.norm_cap = 0.25f;
  CHECK(subspace_mind::restore(other, good).code() == errc::bad_state);
  CHECK(refused([](auto& s) { s.ledger.accounts[0].spent = 1'000'001; }));
  CHECK(refused([](auto& s) { s.ledger.accounts[0].open = {{7, 999'500}}; }));
  CHECK(refused([](auto& s) { s.ledger.accounts.clear(); }));
  CHECK(refused([](auto& s) { s.members.clear(); }));
  CHECK(refused([](auto& s) { s.members[0].owner = owner_id{6}; }));
  CHECK(refused([](auto& s) { s.members.push_back(s.members[0]); }));
  CHECK(refused([](auto& s) { s.catalogue.generations = {2}; }));
  CHECK(refused([](auto& s) { s.catalogue.panels = {nullptr}; }));
  CHECK(refused([](auto& s) { s.catalogue.changed = false; }));
  CHECK(refused([](auto& s) { s.market.buyers.push_back({goal_id{1}, {5, 0, 1}, 0, 0, false}); }));
}
