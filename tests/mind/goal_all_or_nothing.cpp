/// A Goal Buddy's mind that finds no memory, at whatever point of whatever it is told: nothing of that has happened, and told again it does what one
/// does that never failed. A host's policy remembers what it likes: its own memory is left out.
#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/protocol/state_codec.hpp"
#include "tests/support/allocations.hpp"
#include "tests/support/moving_catalogues.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

using namespace ammo;
using namespace ammo::test;

namespace {

constexpr goal_id me{3};
constexpr std::uint32_t width = 4;
const std::vector<float> truth{0.5f, -0.25f, 0, 0.125f};

struct unused final : text_generator {
  std::uint64_t write(writing_request, answer) override { return 0; }
};

/// What a host's policy answers next lies ready: it takes no memory when it is asked.
struct ready_answer {
  std::optional<goal_move> move;
  bool throws = false;
};

struct ready_policy final : goal_strategy {
  explicit ready_policy(std::shared_ptr<ready_answer> a) : answer(std::move(a)) {}
  std::optional<goal_move> move(const goal_view&) override {
    ++asked;
    if (answer->throws)
      throw asked;
    return std::move(answer->move);
  }
  goal_strategy_state save() const override { return std::vector<std::byte>{std::byte{asked}}; }
  errc restore(const goal_strategy_state& state, std::size_t) override {
    const auto* bytes = std::get_if<std::vector<std::byte>>(&state);
    if (!bytes || bytes->size() != 1)
      return errc::policy_failed;
    asked = static_cast<std::uint8_t>(bytes->front());
    return errc::ok;
  }
  std::shared_ptr<ready_answer> answer;
  std::uint8_t asked = 0;
};

/// What a mind says to what it is told.
struct reaction {
  std::optional<goal_answer> answer;
  errc code = errc::ok;
  bool agreed = false;
  friend bool operator==(const reaction&, const reaction&) = default;
};
using message = std::function<reaction(goal_mind&)>;

/// Two minds that are told the same: one finds no memory at each point, the other always does.
struct two_minds {
  std::shared_ptr<ready_answer> ready = std::make_shared<ready_answer>();
  goal_config config;
  std::vector<fact> facts;
  dice random;
  moving_catalogues catalogues{two_blocks()};
  std::shared_ptr<const catalogue_version> live;
  goal_mind mind, twin;
  std::uint64_t told = 0, moves = 0;
  std::uint64_t failures = 0, offers = 0, requests = 0, returns = 0;

  two_minds(goal_policy policy, bool writes, std::uint64_t seed)
    : config{.policy = policy, .lambda = 0.2, .step = 0.2, .patience = 2, .seed = seed, .curiosity = 0.2,
             .host = [answer = ready](goal_id) { return std::make_unique<ready_policy>(answer); },
             .generator = writes ? std::make_shared<unused>() : nullptr, .income_micros = 500},
      facts(writes ? std::vector<fact>{{"chain", "Cosmos Hub"}, {"title", "ATOM, which secures the hub"}} : std::vector<fact>{}),
      random{splitmix64(seed)}, mind(fresh()), twin(fresh()) {
    tell([](goal_mind& m) { return reaction{m.first()}; });
  }

  [[nodiscard]] goal_mind fresh() const { return {config, me, owner_id{1}, 17, truth, facts}; }
  [[nodiscard]] frame saved(const goal_mind& m) const {
    auto state = m.save();
    if (config.policy == goal_policy::host)
      state.strategy = {};
    return encode_state(state);
  }

  /// A host's policy wants to go on, or home, or what can't be, or throws.
  void prepare(const goal_mind& m) {
    auto to = m.e();
    for (float& x : to)
      x *= told % 4 == 0 ? 0.8f : 0.98f;
    if (told % 9 == 0)
      to.pop_back();
    *ready = {told % 5 == 0 ? std::nullopt : std::optional(goal_move{told % 3 == 0 ? truth : std::move(to), truth}), told % 7 == 0};
  }

  void tell(const message& what) {
    ++told;
    const frame before = saved(mind);
    reaction got;
    for (std::size_t pieces = 0;; ++pieces) {
      prepare(mind);
      fail_allocation_after(pieces);
      try {
        got = what(mind);
        if (spare_allocations())
          break;
        FAIL("message " << told << " went on without memory, after " << pieces << " pieces");
      } catch (const std::bad_alloc&) {
        ++failures;
        if (saved(mind) != before)
          FAIL("message " << told << " has half happened, after " << pieces << " pieces");
      }
    }
    prepare(twin);
    if (!(what(twin) == got) || saved(twin) != saved(mind))
      FAIL("message " << told << " did something else than without failures");
    offers += got.answer && std::holds_alternative<creation_offer>(*got.answer);
    requests += got.answer && std::holds_alternative<writing_request>(*got.answer);
  }

  void play(int messages) {
    for (int i = 0; i < messages; ++i) {
      const auto now = mind.save();
      if ((config.policy != goal_policy::fixed && !mind.wants_catalogue()) || (now.creation == no_creation && now.under_way == 0))
        begin_anew();
      if (random.one_in(40)) {
        mind = *goal_mind::restore(config, mind.save());
        twin = *goal_mind::restore(config, twin.save());
      }
      tell(next());
    }
  }

  /// Its creation was taken from it, or its first one was refused. Anew, it comes back to one of before, or offers the first.
  void begin_anew() {
    mind = fresh();
    twin = fresh();
    if (random.one_in(3))
      return tell([](goal_mind& m) { return reaction{m.first()}; });
    ++returns;
    see_another();
    creation_verdict standing{{}, {live->info(0).id, 0, 2'000'000}, me, 40};
    for (std::uint32_t row = 0; standing.creation == no_creation; ++row)
      standing.creation = live->info(row).id;
    tell([standing](goal_mind& m) { return reaction{{}, {}, m.told(standing)}; });
    CHECK(mind.creation() == standing.creation);
  }

  void see_another() {
    do
      live = catalogues.next(random).snapshot;
    while (raw(live->subspace()) != 0 || live->live() == 0);
    tell([c = live](goal_mind& m) { return m.see(c), reaction{}; });
  }

  message next() {
    const auto now = mind.save();
    if (!random.one_in(3) && (now.under_way != 0 || now.writing.request != 0))
      return now.under_way != 0 ? verdict() : written();
    switch (random.below(12)) {
    case 0: see_another(); return [](goal_mind& m) { return reaction{{}, m.refused()}; };
    case 1: return [n = interest_notice{subspace_id{0}, {random.vector(random.one_in(9) ? 3 : width)}}](goal_mind& m) { return m.hear(n), reaction{}; };
    case 2: return [n = session_feedback{me, {random.vector(width)}, random.real(-1, 1)}](goal_mind& m) { return m.hear(n), reaction{}; };
    case 3: return habits();
    case 4: return order();
    case 5: return written();
    case 6: return verdict();
    case 7: return standing();
    default: return broadcast();
    }
  }

  message habits() {
    return [s = random.real(0.05, 0.3), p = static_cast<std::uint32_t>(1 + random.below(3)), style = writing_style{random.real(0, 1), 0.5}](goal_mind& m) {
      m.adopt({s, p, 0.2, style});
      return reaction{};
    };
  }

  message broadcast() {
    regret_feedback f{.subspace = subspace_id{0},
                      .period = told,
                      .rounds = random.one_in(9) ? 0u : 10u,
                      .demand = {random.vector(width)},
                      .exposures = {},
                      .group = {}};
    const auto shown = [&](creation_id id) {
      exact_sum liked;
      liked.add(random.real(-1, 4));
      f.exposures.push_back({id, 1 + random.below(9), wire_of(liked), {}});
    };
    if (mind.creation() != no_creation && !random.one_in(5))
      shown(mind.creation());
    for (std::uint32_t row = 0; live && row < live->rows(); ++row)
      if (const auto id = live->info(row).id; id != no_creation && id != mind.creation() && random.one_in(2))
        shown(id);
    std::ranges::sort(f.exposures, {}, &exposure::creation);
    if (random.one_in(2))
      f.group.now = std::make_shared<const consensus>(consensus{f.demand, random.real(0, 1)});
    return [f](goal_mind& m) { return reaction{m.hear(f)}; };
  }

  message verdict() {
    creation_verdict v;
    v.goal = random.one_in(20) ? goal_id{4} : me;
    v.key = mind.save().under_way;
    v.code = random.one_in(20) ? errc::unknown_creation : random.one_in(9) ? errc::actor_failed : random.one_in(6) ? errc::budget_exceeded : errc::ok;
    v.creation = make_creation_id(subspace_id{0}, 7, static_cast<std::uint32_t>(++moves));
    v.cost_micros = static_cast<std::int64_t>(1'000 + random.below(20'000));
    v.balance_micros = static_cast<std::int64_t>(random.below(4'000'000));
    return [v](goal_mind& m) { return reaction{{}, {}, m.told(v)}; };
  }

  message standing() {
    const auto state = mind.save();
    creation_verdict v{{}, {state.creation, 0, 3'000'000}, me, state.next_key - (random.one_in(4) ? 0 : 1)};
    return [v](goal_mind& m) { return reaction{{}, {}, m.goes_on(v)}; };
  }

  message order() {
    writing_request r{.goal = me, .request = 0, .text = "cheap staking, and what else there is to be had", .direction = {random.vector(width)},
                      .facts = {}, .grounded = {}, .seed = random.g(), .nearby = {}, .said = {"what is staking, and what does it cost?"}};
    r.order = random.one_in(2) ? writing_order::publish : writing_order::draft;
    return [r](goal_mind& m) {
      auto made = m.order(r);
      return made ? reaction{*std::move(made)} : reaction{{}, made.code()};
    };
  }

  message written() {
    written_news n;
    n.goal = me;
    n.request = random.one_in(12) ? 0 : mind.save().writing.request;
    n.code = random.one_in(6) ? errc::generator_failed : errc::ok;
    n.text = {"Stake ATOM, " + std::to_string(random.below(100)) + " to begin with", "It is safe, and it pays for itself.", "",
              "https://a.example/atom", "Read more"};
    n.e = {random.one_in(6) ? truth : random.vector(random.one_in(12) ? 2 : width)};
    return [n](goal_mind& m) { return reaction{m.written(n)}; };
  }
};

} // namespace

TEST_CASE("a Goal Buddy that finds no memory is as it was, and goes on as if it had found it", "[mind][goal]") {
  const auto policy = GENERATE(goal_policy::fixed, goal_policy::exploiter, goal_policy::explorer, goal_policy::adaptive, goal_policy::host);
  const bool writes = GENERATE(false, true);
  INFO(name_of(policy) << (writes ? ", with a generator" : ""));
  two_minds both(policy, writes, 5);
  both.play(1'000);
  const bool stays = policy == goal_policy::fixed;
  CHECK(both.failures > (stays ? 30 : 300));
  CHECK((both.offers > 20) == (writes || !stays));
  CHECK((both.requests > 20) == writes);
  CHECK((both.returns > 0) == !stays);
}
