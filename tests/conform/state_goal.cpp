#include "actors/goal_buddy/goal_mind.hpp"
#include "tests/conform/state.hpp"
#include "tests/support/moving_catalogues.hpp"

#include <cstring>

using namespace ammo;
using namespace ammo::test;

namespace {

/// Never asked itself: requests go to whoever holds the mind.
struct no_writer final : text_generator {
  std::uint64_t write(writing_request, answer) override { return 0; }
};

/// A host's policy that remembers how often it was asked, and where it was.
struct counting_policy final : goal_strategy {
  std::uint32_t asked = 0;

  std::optional<goal_move> move(const goal_view& view) override {
    std::vector<float> to(view.e.begin(), view.e.end());
    for (float& x : to)
      x *= ++asked % 3 == 0 ? 0.9f : 0.99f;
    return goal_move{to, {view.e.begin(), view.e.end()}};
  }
  goal_strategy_state save() const override {
    std::vector<std::byte> bytes(sizeof asked);
    std::memcpy(bytes.data(), &asked, sizeof asked);
    return bytes;
  }
  errc restore(const goal_strategy_state& state, std::size_t) override {
    const auto* bytes = std::get_if<std::vector<std::byte>>(&state);
    if (!bytes)
      return errc::bad_state;
    if (bytes->size() != sizeof asked)
      return errc::policy_failed;
    std::memcpy(&asked, bytes->data(), sizeof asked);
    return errc::ok;
  }
};

/// A Goal Buddy that hears broadcasts, verdicts and interests, is given orders, and finds its texts written.
struct goal_driver {
  static constexpr bool of_a_buddy = true;
  using mind = goal_mind;
  using state = goal_mind_state;
  static constexpr std::uint32_t width = 4;

  static std::vector<std::string> configs() { return {"static", "exploiter", "explorer", "host", "writer", "adaptive"}; }

  goal_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)}, catalogues(two_blocks()) {
    constexpr std::array policies{goal_policy::fixed, goal_policy::exploiter, goal_policy::explorer, goal_policy::host,
                                  goal_policy::exploiter, goal_policy::adaptive};
    config.policy = policies[which];
    config.patience = 2;
    config.income_micros = 500;
    if (which == 3)
      config.host = [](goal_id) { return std::make_unique<counting_policy>(); };
    if (which == 4) {
      config.generator = std::make_shared<no_writer>();
      facts = {{"chain", "Cosmos Hub"}, {"title", "ATOM"}};
    }
  }

  mind make() { return mind(config, goal_id{3}, owner_id{1}, 17, {0.5f, -0.25f, 0, 0.125f}, facts); }
  result<mind> restore(const state& s) const { return mind::restore(config, s); }

  void answered(const goal_answer& a, answers& out) {
    out << a.index();
    std::visit([&](const auto& m) { out << m; }, a);
    if (const auto* offer = std::get_if<creation_offer>(&a))
      key = offer->key;
    if (const auto* request = std::get_if<writing_request>(&a))
      asked = request->request;
  }

  input<mind> draw() {
    if (inputs++ == 0)
      return [this](mind& m, answers& out) { answered(m.first(), out); };
    switch (random.below(16)) {
    case 0: {
      const auto c = catalogues.next(random).snapshot;
      if (raw(c->subspace()) == 0)
        others = c;
      return [c](mind& m, answers&) {
        if (raw(c->subspace()) == 0)
          m.see(c);
      };
    }
    case 1:
      return [n = interest_notice{subspace_id{0}, {random.vector(random.one_in(9) ? 3 : width)}}](mind& m, answers&) {
        m.hear(n);
      };
    case 2:
      return [s = random.real(0.05, 0.3), p = static_cast<std::uint32_t>(1 + random.below(3))](mind& m, answers& out) {
        auto habits = m.habits();
        habits.step = s;
        habits.patience = p;
        m.adopt(habits);
        out << m.habits().step;
      };
    case 3:
      return order();
    case 4:
    case 5:
      return written();
    case 6:
    case 7:
    case 8:
    case 9:
      return verdict();
    default:
      return broadcast();
    }
  }

  input<mind> broadcast() {
    regret_feedback f{.subspace = subspace_id{0},
                      .period = ++periods,
                      .rounds = 10,
                      .demand = {random.vector(width)},
                      .exposures = {},
                      .group = {}};
    exact_sum engagement;
    engagement.add(random.real(-1, 4));
    if (mine != no_creation && !random.one_in(5))
      f.exposures.push_back({mine, random.below(10), wire_of(engagement), {}});
    add_others(f);
    return [this, f](mind& m, answers& out) {
      answered(m.hear(f), out);
      out << m.refused() << m.balance_micros() << m.creation();
      out << interest_notice{{}, {m.e()}};
    };
  }

  /// What others are seen, and what everybody likes: by the period alone, so that no other input changes.
  void add_others(regret_feedback& f) const {
    splitmix64 g(f.period);
    for (std::uint32_t row = 0; others && row < others->rows(); ++row)
      if (const auto id = others->info(row).id; id != no_creation && id != mine && g() % 2 == 0) {
        exact_sum liked;
        liked.add(uniform01(g));
        f.exposures.push_back({id, 1 + g() % 9, wire_of(liked), {}});
      }
    std::ranges::sort(f.exposures, {}, &exposure::creation);
    if (g() % 2 == 0)
      f.group.now = std::make_shared<const consensus>(consensus{f.demand, uniform01(g)});
  }

  input<mind> verdict() {
    creation_verdict v;
    v.goal = goal_id{3};
    v.key = key;
    v.code = random.one_in(6) ? errc::budget_exceeded : errc::ok;
    v.creation = make_creation_id(subspace_id{0}, 7, static_cast<std::uint32_t>(++moves));
    v.cost_micros = static_cast<std::int64_t>(1'000 + random.below(20'000));
    v.balance_micros = static_cast<std::int64_t>(random.below(4'000'000));
    if (v.code == errc::ok)
      mine = v.creation;
    return [v](mind& m, answers& out) { out << m.told(v) << m.balance_micros() << m.creation(); };
  }

  input<mind> order() {
    writing_request r{.goal = goal_id{3},
                      .request = 0,
                      .text = "cheap staking",
                      .direction = {random.vector(width)},
                      .facts = {},
                      .grounded = {},
                      .seed = random.g(),
                      .nearby = {}, .said = {}};
    r.order = random.one_in(2) ? writing_order::publish : writing_order::draft;
    return [this, r](mind& m, answers& out) {
      const auto made = m.order(r);
      out << made.code();
      if (made)
        answered(goal_answer(*made), out);
    };
  }

  input<mind> written() {
    written_news n;
    n.goal = goal_id{3};
    n.request = asked;
    n.code = random.one_in(6) ? errc::generator_failed : errc::ok;
    n.text = {"Stake ATOM " + std::to_string(random.below(100)), "Safe.", "", "", ""};
    n.e = {random.vector(random.one_in(12) ? 2 : width)};
    return [this, n](mind& m, answers& out) {
      if (const auto a = m.written(n))
        answered(*a, out);
      out << m.refused();
      written_news shown;
      shown.text = m.text();
      out << shown;
    };
  }

  dice random;
  moving_catalogues catalogues;
  goal_config config;
  std::vector<fact> facts;
  std::uint64_t inputs = 0, key = 1, asked = 0, periods = 0, moves = 0;
  creation_id mine = no_creation;
  std::shared_ptr<const catalogue_version> others;
};

} // namespace

TEST_CASE("a Goal Buddy restored is the Goal Buddy that was saved", "[state]") { conforms<goal_driver>(); }

TEST_CASE("a host's policy that can't go on is refused by name", "[state]") {
  goal_driver d(3, 1);
  auto saved = d.make().save();
  saved.strategy = std::vector<std::byte>(3);
  CHECK(d.restore(saved).code() == errc::policy_failed);
  saved.strategy = climbing_state{};
  CHECK(d.restore(saved).code() == errc::bad_state);
  saved.strategy = std::monostate{};
  CHECK_FALSE(d.restore(saved)->wants_catalogue());
}
