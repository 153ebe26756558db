#include "tests/conform/state.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"
#include "actors/user_buddy/push_book.hpp"
#include "actors/user_buddy/user_mind.hpp"
#include "tests/support/counting_policy.hpp"

#include <set>

using namespace ammo;
using namespace ammo::test;

namespace {

/// By turns two preferences.
struct alternating final : counting_policy {
  ranking choose(const slate_view& view) const override {
    const std::vector<float> q(7, ++chosen[view.user] % 2 ? 0.5f : -0.5f);
    auto best = best_slate(view.options, view.snapshots, std::span<const float>(q), view.n);
    best.resize(std::min(best.size(), view.most()));
    return best;
  }
};

/// A person who answers in any order, in parts, twice or never, while creations come, move and go.
struct user_driver {
  static constexpr bool of_a_buddy = true;
  using mind = user_mind;
  using state = user_mind_state;
  static constexpr std::array<std::uint32_t, 2> width{4, 3};

  static std::vector<std::string> configs() {
    return {"default", "thompson", "greedy", "uniform", "epsilon_greedy", "c2ucb", "ftrl", "host",
            "spares", "group", "restart", "discount", "logistic", "choice", "prior", "people"};
  }

  user_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)} {
    config.space = layout::make(7, {{"coin", {0, 4}}, {"edu", {4, 3}}}).value();
    config.seed = 11;
    const auto name = configs()[which];
    if (const auto policy = user_policy_named(name))
      config.policy = *policy;
    if (name == "spares")
      config.spare_candidates = 3;
    if (name == "group")
      config.group_weight = 0.8;
    if (name == "restart" || name == "discount")
      config.drift = user_drift_named(name).value();
    if (name == "logistic" || name == "choice")
      config.belief = user_belief_model_named(name).value();
    if (name == "choice")
      config.drift = user_drift::discount;
    if (name == "people") {
      config.learner = user_learner::people;
      config.exactly = true;
    }
    if (name == "prior")
      config.prior = std::make_shared<const std::vector<ridge_posterior<float>>>(std::vector{
        ridge_posterior<float>(std::vector<float>(10, 1.5f), std::vector<float>(4, 0.2f)), ridge_posterior<float>(3, 2)});
    for (std::uint32_t i = 0; i < 30; ++i)
      add(i % 2);
  }

  mind make() {
    mind m(own_config(), user_id{5});
    for (auto& home : homes)
      m.see(home.publish());
    return m;
  }
  result<mind> restore(const state& s) const { return mind::restore(own_config(), s); }
  /// Minds that are compared share nothing.
  std::shared_ptr<const user_config> own_config() const {
    auto own = std::make_shared<user_config>(config);
    own->embeddings = std::make_shared<embedding_store>();
    if (own->policy == user_policy::host)
      own->host = std::make_shared<alternating>();
    return own;
  }

  void add(std::size_t home) {
    const goal_id g{++goals};
    const std::vector<std::uint32_t> tags{static_cast<std::uint32_t>(raw(g) % 3)};
    if (const auto id = homes[home].add(g, owner_id{raw(g)}, raw(g), random.vector(width[home]), nullptr, tags))
      live[home].push_back({g, *id});
  }

  /// One creation comes, moves or goes.
  void change() {
    const std::size_t home = random.below(2);
    auto& all = live[home];
    auto& one = all[random.below(all.size())];
    if (random.one_in(3))
      return add(home);
    if (all.size() > 8 && random.one_in(2)) {
      (void)homes[home].retire(one.first, one.second);
      one = all.back();
      all.pop_back();
    } else {
      one.second = homes[home].move(one.first, one.second, random.vector(width[home])).value();
    }
  }

  input<mind> draw() {
    switch (random.below(12)) {
    case 0: case 1: case 2: return propose();
    case 3: case 4: case 5: return learn();
    case 6: return compare();
    case 7: case 8:
      change();
      return [versions = std::array{homes[0].publish(), homes[1].publish()}](mind& m, answers& out) {
        for (const auto& v : versions)
          m.see(v);
        out << m.seen(subspace_id{0}) << m.seen(subspace_id{1});
      };
    case 9:
      return [group = shared_consensus{std::make_shared<const consensus>(consensus{{random.vector(4)}, random.real(0, 1)})}](
               mind& m, answers& out) { out << m.hear(subspace_id{0}, group); };
    case 10:
      if (random.one_in(20))
        return [v = random.vector(3), s = static_cast<std::uint32_t>(random.below(3))](mind& m, answers& out) {
          out << m.take_interest(subspace_id{1}, v, 0.5, s);
        };
      return [e = exploration{random.real(0.1, 0.5), random.real(0, 0.2), random.real(0, 4)}, often = random.one_in(10)](
               mind& m, answers& out) {
        if (often)
          m.adopt(e);
        out << m.explores().optimism;
      };
    default:
      return [](mind& m, answers& out) {
        out << m.believe();
        if (const auto w = m.watching(3, 0.1f))
          out << *w;
        for (double x : m.moments(std::vector{flat_prior(4, 0.2), flat_prior(3, 0.25)}))
          out << x;
        out << m.rounds() << m.observations() << m.rounds_kept();
        m.hear_regret(static_cast<double>(m.rounds()));
      };
    }
  }

  input<mind> propose() {
    slate_wish w{.why = random.one_in(4) ? occasion::push : occasion::request,
                 .n = static_cast<std::uint32_t>(1 + random.below(5)),
                 .situation = static_cast<std::uint32_t>(random.below(3)),
                 .now_s = now_s += static_cast<std::int64_t>(random.below(20))};
    if (random.one_in(3)) {
      content_set some{.tags = {static_cast<std::uint32_t>(random.below(3))}, .contents = {random.below(30), random.below(30)}};
      w.eligible = random.one_in(2) ? eligibility::of({}, some).value() : eligibility::of(some, {.goals = {goal_id{4}}}).value();
    }
    if (random.one_in(3))
      w.at_most = {static_cast<std::uint32_t>(1 + random.below(2)), 60};
    return [w, heard = !random.one_in(3), this](mind& m, answers& out) {
      const auto p = m.propose(w);
      out << p.code();
      if (!p)
        return;
      out << *p;
      if (p->wants_grant && heard) {
        std::vector<impression> granted;
        for (std::size_t i = 0; i < p->candidates.size(); i += 2)
          granted.push_back({impression_id{1}, p->candidates[i].creation});
        m.granted(p->round, granted);
      }
      std::vector<creation_id> shown;
      for (const candidate& c : p->candidates)
        shown.push_back(c.creation);
      if (!shown.empty() && (slates.empty() || slates.back().first < p->round))
        slates.emplace_back(p->round, std::move(shown));
    };
  }

  input<mind> learn() {
    reward r{user_id{5}, random.below(40), {}};
    if (!slates.empty()) {
      const auto& [round, shown] = slates[slates.size() - 1 - random.below(std::min<std::size_t>(slates.size(), 12))];
      r.round = round;
      for (creation_id id : shown)
        if (random.one_in(2))
          r.entries.push_back({id, random.real(-1, 1), static_cast<std::uint32_t>(r.entries.size())});
    }
    return [r](mind& m, answers& out) { out << m.learn(r); };
  }

  input<mind> compare() {
    comparison c{.user = user_id{5}};
    if (slates.size() > 1) {
      const auto& [a, of_a] = slates[slates.size() - 1 - random.below(2)];
      const auto& [b, of_b] = slates.back();
      c = {user_id{5}, of_a.front(), of_b.back(), a, b};
    }
    return [c](mind& m, answers& out) { out << m.learn(c); };
  }

  user_config config;
  dice random;
  std::vector<catalogue> homes{catalogue(subspace_id{0}, {0, 4}), catalogue(subspace_id{1}, {4, 3})};
  std::array<std::vector<std::pair<goal_id, creation_id>>, 2> live;
  std::uint64_t goals = 0;
  std::int64_t now_s = 1'700'000'000;
  std::vector<std::pair<std::uint64_t, std::vector<creation_id>>> slates; ///< by round
};

/// A book and the clock that it is asked by: another process's clock says something else.
struct timed_book {
  push_book book;
  time_source::instant now;
  push_book_state save() const { return book.save(now); }
};

/// Wakes that come early or not, pushes, and time that passes.
struct push_driver {
  using mind = timed_book;
  using state = push_book_state;

  static std::vector<std::string> configs() { return {"pushes"}; }
  push_driver(std::size_t, std::uint64_t seed) : random{splitmix64(seed)} {}

  static time_source::instant some_time(std::int64_t hours) { return time_source::instant{} + std::chrono::hours(hours); }
  mind make() const { return {{}, some_time(5)}; }
  result<mind> restore(const state& s) const {
    auto book = push_book::restore(s, some_time(900));
    return book ? result<mind>(mind{*std::move(book), some_time(900)}) : result<mind>(book.error());
  }

  input<mind> draw() {
    switch (random.below(5)) {
    case 0:
      return [by = std::chrono::seconds(random.below(40))](mind& m, answers&) { m.now += by; };
    case 1:
      return [](mind& m, answers& out) { out << m.book.may_push(m.now, 3, std::chrono::minutes(1)); };
    case 2: {
      watch w{.user = user_id{5}, .anchor = {random.vector(3)}, .thresholds = {0.5f}, .versions = {1}, .slate = {}};
      for (int i = 0; i < 5; ++i)
        w.slate.push_back(some());
      return [w, any = !random.one_in(4)](mind& m, answers& out) {
        m.book.registered(any ? std::optional(w) : std::nullopt);
        if (const auto& now = m.book.watched())
          out << *now;
      };
    }
    case 3:
      return [](mind& m, answers& out) {
        for (const wake& w : m.book.take_early())
          out << w;
      };
    default: {
      const wake w{subspace_id{0}, random.below(9), {some(), some()}, {some(), no_creation}};
      return [w](mind& m, answers& out) {
        for (creation_id id : m.book.news_of(w))
          out << id;
        out << m.book.put_off(w);
      };
    }
    }
  }
  creation_id some() { return make_creation_id(subspace_id{0}, static_cast<std::uint32_t>(random.below(8)), 1); }

  dice random;
};

} // namespace

TEST_CASE("what a User Buddy's pushes remember is restored, by another clock, too", "[state]") {
  conforms<push_driver>();
}
TEST_CASE("a User Buddy restored is the User Buddy that was saved", "[state]") { conforms<user_driver>(); }

TEST_CASE("a shard's snapshot has a creation that is gone once, however many users refer to it", "[state]") {
  user_driver d(0, 5);
  auto mind = d.make();
  while (mind.save().gone.empty())
    play(d, mind, 20);
  const auto referred = mind.save().gone.size();
  user_shard_state shard;
  shard.users = std::vector(8, user_buddy_saved{mind.save(), {}});
  const auto read = decode_state<user_shard_state>(encode_state(shard));
  REQUIRE(read.code() == errc::ok);
  REQUIRE(read->users.size() == 8);
  std::set<const held_embedding*> held;
  for (const auto& user : read->users)
    for (const auto& gone : user.mind.gone)
      held.insert(gone.get());
  CHECK(held.size() == referred);

  const auto config = d.own_config(); // which all users of the shard share
  std::vector<user_mind> minds;
  for (const auto& user : read->users)
    minds.push_back(user_mind::restore(config, user.mind).value());
  CHECK(config->embeddings->size() == referred);
  minds.clear();
  CHECK(config->embeddings->size() == 0);
}

TEST_CASE("a belief of any width fits into a snapshot", "[state]") {
  user_config wide;
  wide.space = layout::make(300, {{"wide", {0, 300}}}).value();
  const auto config = std::make_shared<const user_config>(wide);
  const auto state = decode_state<user_mind_state>(encode_state(user_mind(config, user_id{1}).save()));
  REQUIRE(state.code() == errc::ok);
  CHECK(user_mind::restore(config, *state).code() == errc::ok);
}
