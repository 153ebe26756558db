#include "actors/user_buddy/slate/ftrl_memory.hpp"
#include "tests/support/user_world.hpp"

#include <algorithm>
#include <array>
#include <map>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 4, n = 3, creations = 12;
constexpr std::uint32_t many = 60; ///< of which sampled_ucb's shortlist holds 16
constexpr float noise = 1;

/// A person's mind frozen in one belief: every round is another draw of the same policy.
struct frozen {
  user_config config;
  std::shared_ptr<const catalogue_version> live;
  std::unique_ptr<belief_model> believed;
  ftrl_memory memory;

  explicit frozen(user_policy policy, std::uint32_t draws = 0)
    : config(config_of(dim, {{"coin", {0, dim}}}, policy)),
      live(random_catalogue(subspace_id{0}, {0, dim}, policy == user_policy::sampled_ucb ? many : creations).publish()) {
    config.noise = noise;
    config.propensity_draws = draws;
    memory.renew({&live, 1});
    ridge_posterior<float> belief{dim, dim * noise * noise};
    splitmix64 g(5);
    for (int i = 0; i < 8; ++i) {
      const auto e = unit_vector(g, dim);
      const float r = e[0] - 0.5f * e[1];
      REQUIRE(belief.observe(e, {&r, 1}));
    }
    believed = believing(std::move(belief));
  }
  ranking choose(std::uint64_t round, chances* told) {
    const slate_view view{.space = config.space, .options = config, .believed = *believed, .explores = config.explores(),
                          .noise = noise, .user = user_id{1}, .round = round, .slots = n, .n = n, .snapshots = {&live, 1},
                          .memory = &memory, .told = told};
    return policy_of(config.policy).choose(view);
  }
};

/// The mean over rounds of 1 / propensity where a creation was shown, and 0 elsewhere: 1 where propensities are right.
std::map<creation_id, double> mean_weights(frozen& mind, int rounds, propensity_source source) {
  std::map<creation_id, double> sum;
  for (std::uint32_t row = 0; row < mind.live->live(); ++row)
    sum[mind.live->info(row).id] = 0;
  for (int t = 1; t <= rounds; ++t) {
    chances told;
    const ranking slate = mind.choose(newcomer_rounds + static_cast<std::uint64_t>(t), &told);
    REQUIRE(told.size() == slate.size());
    for (const chance& c : told) {
      REQUIRE(c.of.source == source);
      REQUIRE(c.of.sound());
      sum[c.creation] += 1.0 / c.of.value / rounds;
    }
  }
  return sum;
}

/// What a mind proposes after so many rounds of truthful rewards.
slate_proposal after(user_config config, int rounds) {
  config.noise = 0.3;
  const auto live = random_catalogue(subspace_id{0}, {0, dim}, creations).publish();
  auto mind = mind_of(config);
  mind.see(live);
  const std::array<float, dim> q{0.9f, 0.3f, -0.3f, 0.1f};
  for (int t = 0; t < rounds; ++t) {
    const auto p = mind.propose(occasion::round, 0, n).value();
    reward r{p.user, p.round, {}};
    for (const candidate& c : p.candidates)
      r.entries.push_back({c.creation, utility(*live, c.creation, q)});
    REQUIRE(mind.learn(r) == errc::ok);
  }
  return mind.propose(occasion::round, 0, n).value();
}

bool all_are(const slate_proposal& p, propensity expected) {
  return !p.candidates.empty() &&
         std::ranges::all_of(p.candidates, [&](const candidate& c) { return c.propensity == expected; });
}

} // namespace

TEST_CASE("each policy's propensities are the frequencies with which it shows", "[propensities]") {
  for (const auto policy : {user_policy::uniform, user_policy::epsilon_greedy, user_policy::ftrl}) {
    INFO(name_of(policy));
    frozen mind(policy);
    mind.config.epsilon = 0.3;
    for (const auto& [creation, weight] : mean_weights(mind, 20'000, propensity_source::exact))
      CHECK(weight == Approx(1).margin(0.1)); // at least 4 standard errors: the rarest has p = 0.075
  }
}

TEST_CASE("redraws are right in expectation, but for a share (1 − p)^M", "[propensities]") {
  const auto policy = GENERATE(user_policy::thompson, user_policy::sampled_ucb);
  INFO(name_of(policy));
  constexpr int rounds = 2'000;
  frozen mind(policy, 300);
  mind.config.exactly = true;
  std::map<creation_id, double> frequency;
  for (int t = 1; t <= 4 * rounds; ++t)
    for (const scored& s : mind.choose(static_cast<std::uint64_t>(rounds + t), nullptr))
      frequency[s.creation] += 1.0 / (4 * rounds);
  CHECK(std::ranges::count_if(frequency, [](const auto& f) { return f.second > 0.02 && f.second < 0.9; }) > 3);
  for (const auto& [creation, weight] : mean_weights(mind, rounds, propensity_source::resampled))
    if (const double p = frequency[creation]; p > 0.02) {
      INFO("p = " << p);
      CHECK(weight == Approx(1).margin(4 * std::sqrt((2 - p) / p / rounds)));
    }

  mind.config.propensity_draws = 3;
  for (const auto& [creation, weight] : mean_weights(mind, rounds, propensity_source::resampled))
    if (const double p = frequency[creation]; p > 0.02)
      CHECK(weight == Approx(1 - std::pow(1 - p, 3)).margin(0.06 + 0.05 * p));
}

TEST_CASE("to ask how likely a slate was doesn't change it", "[propensities]") {
  for (const auto policy : {user_policy::thompson, user_policy::sampled_ucb, user_policy::greedy, user_policy::uniform,
                            user_policy::epsilon_greedy, user_policy::c2ucb}) {
    frozen asked(policy, 20), unasked(policy);
    asked.config.epsilon = unasked.config.epsilon = 0.5;
    for (std::uint64_t round = 1; round < 200; ++round) {
      chances told;
      CHECK(asked.choose(round, &told) == unasked.choose(round, nullptr));
    }
  }
}

TEST_CASE("a mind that logs its redraws shows and learns what one without does", "[propensities]") {
  const auto policy = GENERATE(user_policy::thompson, user_policy::sampled_ucb);
  auto config = config_of(dim, {{"coin", {0, dim}}}, policy);
  auto silent = mind_of(config);
  config.propensity_draws = 20;
  auto telling = mind_of(config);
  const auto live = random_catalogue(subspace_id{0}, {0, dim}, many).publish();
  silent.see(live);
  telling.see(live);
  const std::array<float, dim> q{0.9f, 0.3f, -0.3f, 0.1f};
  for (int t = 0; t < 100; ++t) {
    const auto p = silent.propose(occasion::round, 0, n).value(), told = telling.propose(occasion::round, 0, n).value();
    REQUIRE(p.candidates.size() == told.candidates.size());
    reward r{p.user, p.round, {}};
    for (std::size_t i = 0; i < p.candidates.size(); ++i) {
      const candidate &without = p.candidates[i], &with = told.candidates[i];
      REQUIRE((with.creation == without.creation && with.value == without.value));
      if (p.round > newcomer_rounds || policy == user_policy::thompson) {
        CHECK(without.propensity == propensity{});
        CHECK(with.propensity.source == propensity_source::resampled);
      }
      r.entries.push_back({with.creation, utility(*live, with.creation, q)});
    }
    REQUIRE((silent.learn(r) == errc::ok && telling.learn(r) == errc::ok));
  }
  CHECK(silent.believe().mean == telling.believe().mean);
}

TEST_CASE("propensities come with a proposal, in closed form where there is one", "[propensities]") {
  auto config = config_of(dim, {{"coin", {0, dim}}}, user_policy::uniform);
  CHECK(all_are(after(config, 0), {float{n} / creations, propensity_source::exact}));
  for (const auto policy : {user_policy::greedy, user_policy::c2ucb}) {
    config.policy = policy;
    CHECK(all_are(after(config, 0), {})); // all are equal: the first slate is by chance
    CHECK(all_are(after(config, 30), {1, propensity_source::exact}));
  }
  config.policy = user_policy::epsilon_greedy;
  config.epsilon = 0;
  CHECK(all_are(after(config, 30), {1, propensity_source::exact}));
  config.epsilon = 1;
  CHECK(all_are(after(config, 30), {float{n} / creations, propensity_source::exact}));
  config.epsilon = 0.2;
  CHECK(all_are(after(config, 0), {}));
  config.policy = user_policy::ftrl;
  CHECK(all_are(after(config, 0), {float{n} / creations, propensity_source::exact}));
  for (const auto policy : {user_policy::thompson, user_policy::sampled_ucb}) {
    config.policy = policy;
    config.propensity_draws = 0;
    CHECK(all_are(after(config, newcomer_rounds), {}));
    config.propensity_draws = 50;
    for (const candidate& c : after(config, newcomer_rounds).candidates) {
      CHECK(c.propensity.source == propensity_source::resampled);
      CHECK(c.propensity.value >= 1.0f / 50);
    }
  }
}

TEST_CASE("nobody knows how likely a slate was that others have a say in", "[propensities]") {
  const auto policy = GENERATE(user_policy::uniform, user_policy::thompson, user_policy::sampled_ucb, user_policy::ftrl);
  auto config = config_of(dim, {{"coin", {0, dim}}}, policy);
  config.propensity_draws = 10;
  SECTION("caps, which want spares") { config.spare_candidates = 4; }
  SECTION("diversity") {
    config.diversity = 0.5;
    if (config.policy == user_policy::ftrl)
      return;
  }
  CHECK(all_are(after(config, 3), {}));
}

TEST_CASE("a host's policy says how likely it chose, and is refused when that is no probability", "[propensities]") {
  struct confident final : slate_policy {
    float likely = 0;
    ranking choose(const slate_view& view) const override {
      const creation_id id = view.snapshots[0]->info(2).id;
      if (view.told)
        view.told->push_back({id, {likely, propensity_source::exact}});
      return {{id, 1}};
    }
  };
  const auto policy = std::make_shared<confident>();
  auto config = config_of(dim, {{"coin", {0, dim}}}, user_policy::host);
  config.host = policy;
  auto mind = mind_of(config);
  mind.see(random_catalogue(subspace_id{0}, {0, dim}, creations).publish());
  errc fault = errc::internal;
  policy->likely = 0.25f;
  CHECK(all_are(mind.propose(occasion::round, 0, n, &fault).value(), {0.25f, propensity_source::exact}));
  CHECK(fault == errc::ok);
  for (float wrong : {-0.5f, 1.5f, std::numeric_limits<float>::quiet_NaN()}) {
    policy->likely = wrong;
    CHECK(all_are(mind.propose(occasion::round, 0, n, &fault).value(), {}));
    CHECK(fault == errc::bad_propensity);
  }
}

TEST_CASE("to a newcomer sampled UCB shows what C2UCB would", "[propensities]") {
  frozen sampled(user_policy::sampled_ucb), exact(user_policy::c2ucb);
  exact.live = sampled.live;
  std::size_t others = 0;
  for (std::uint64_t round = 1; round <= 2 * newcomer_rounds; ++round) {
    const bool same = sampled.choose(round, nullptr) == exact.choose(round, nullptr);
    if (round <= newcomer_rounds)
      CHECK(same);
    others += !same;
  }
  CHECK(others > 0);
}
