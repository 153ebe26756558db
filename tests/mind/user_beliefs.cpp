/// What a User Buddy takes rewards for, and that it doesn't matter when they come.
#include "actors/aipp/person.hpp"
#include "tests/support/user_world.hpp"

#include <Eigen/Dense>

#include <algorithm>

using namespace ammo_test;

namespace {

constexpr std::uint32_t dim = 8;
const layout space = layout::make(dim, {{"coin", {0, dim}}}).value();

user_config configured(user_belief_model belief, user_drift drift = user_drift::none) {
  auto c = config_of(dim, {{"coin", {0, dim}}});
  c.belief = belief;
  c.drift = drift;
  c.discount = 0.9;
  c.exactly = true;
  return c;
}

struct learned {
  double regret = 0; ///< total slate regret
  double error = 0;  ///< |m − q| at the end
};

/// Of one person whose responses are of that model.
learned lived(feedback_model model, user_belief_model belief, std::uint64_t seed, int rounds = 300) {
  auto creations = random_catalogue(subspace_id{0}, {0, dim}, 100, seed);
  const auto snapshot = creations.publish();
  splitmix64 g(seed + 1000);
  const auto q = unit_vector(g, dim);
  auto c = config_of(dim, {{"coin", {0, dim}}});
  c.belief = belief;
  c.seed = seed;
  user_mind mind = mind_of(c);
  mind.see(snapshot);
  const people_config people{.model = model, .seed = seed};
  std::vector<scored> best(5);
  top_n(*snapshot, q, 5, best);
  double most = 0, sum = 0;
  for (const auto& s : best)
    most += s.score;
  for (int round = 0; round < rounds; ++round) {
    const auto p = mind.propose(occasion::round, 0, 5).value();
    std::vector<creation_id> shown;
    std::vector<float> u, rewards(p.candidates.size());
    for (const auto& x : p.candidates) {
      shown.push_back(x.creation);
      u.push_back(utility(*snapshot, x.creation, q));
    }
    respond(people, user_id{1}, p.round, shown, u, rewards);
    reward r{p.user, p.round, {}};
    for (std::size_t i = 0; i < shown.size(); ++i)
      r.entries.push_back({shown[i], rewards[i]});
    REQUIRE(mind.learn(r) == errc::ok);
    sum += most - std::accumulate(u.begin(), u.end(), 0.0);
  }
  double square = 0;
  const auto m = mind.believe().mean.values;
  for (std::size_t k = 0; k < dim; ++k)
    square += (double{m[k]} - q[k]) * (double{m[k]} - q[k]);
  return {sum, std::sqrt(square)};
}

/// What the belief saves of the linear one's regret, or error: mean over seeds, and the half-width of its 95 % interval.
std::pair<double, double> saved(feedback_model model, user_belief_model belief, double learned::*what) {
  constexpr int seeds = 40;
  std::vector<double> d;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed)
    d.push_back(lived(model, user_belief_model::linear, seed).*what - lived(model, belief, seed).*what);
  const double mean = std::accumulate(d.begin(), d.end(), 0.0) / seeds;
  double square = 0;
  for (double x : d)
    square += (x - mean) * (x - mean);
  return {mean, 2.023 * std::sqrt(square / (seeds - 1) / seeds)};
}

/// A mind that has proposed 12 rounds of 4, and their rewards, one message a creation.
struct played {
  catalogue creations = random_catalogue(subspace_id{0}, {0, dim}, 60);
  std::shared_ptr<const catalogue_version> snapshot = creations.publish();
  user_mind mind;
  std::vector<reward> rewards;

  explicit played(const user_config& c) : mind(mind_of(c)) {
    mind.see(snapshot);
    splitmix64 g(4);
    for (int round = 0; round < 12; ++round) {
      const auto p = mind.propose(occasion::round, 0, 4).value();
      for (const auto& x : p.candidates)
        rewards.push_back({p.user, p.round, {{x.creation, uniform01(g) < 0.4 ? 1.0f : 0.0f}}});
    }
  }
};

} // namespace

// Regret doesn't tell the two apart (0.2 ± 4.4 of it): a line ranks creations as well as its logistic does.
TEST_CASE("who takes yes and no for what they are comes nearer to q than who takes them for values", "[beliefs]") {
  const auto [mean, half] = saved(feedback_model::logistic, user_belief_model::logistic, &learned::error);
  INFO(mean << " ± " << half);
  CHECK(mean - half > 0);
}

TEST_CASE("who takes a choice for a choice regrets less than who takes it for values", "[beliefs]") {
  const auto [mean, half] = saved(feedback_model::choice, user_belief_model::choice, &learned::regret);
  INFO(mean << " ± " << half);
  CHECK(mean - half > 0);
}

TEST_CASE("rounds of yes and no come close to the logistic regression of them all", "[beliefs]") {
  constexpr std::size_t d = 4, n = 400;
  const response_scale scale{0.2, 0.25};
  const double noise = 0.3, variance = 0.25;
  splitmix64 g(3);
  const auto q = unit_vector(g, d);
  Eigen::MatrixXd x(n, d);
  Eigen::VectorXd y(n);
  ridge_posterior<float> p(d, static_cast<float>(noise * noise / variance));
  for (std::size_t i = 0; i < n; i += 4) {
    std::vector<float> e, r;
    for (std::size_t k = i; k < i + 4; ++k) {
      const auto one = unit_vector(g, d);
      const double u = std::inner_product(one.begin(), one.end(), q.begin(), 0.0);
      r.push_back(uniform01(g) < 1 / (1 + std::exp(-(u - scale.threshold) / scale.temperature)) ? 1.0f : 0.0f);
      e.insert(e.end(), one.begin(), one.end());
      for (std::size_t c = 0; c < d; ++c)
        x(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(c)) = one[c];
      y(static_cast<Eigen::Index>(k)) = r.back();
    }
    REQUIRE(learn_responses(user_belief_model::logistic, scale, noise, {e, r}, p));
  }
  // The mode of the true posterior by Newton's method, and its curvature.
  Eigen::VectorXd m = Eigen::VectorXd::Zero(d);
  Eigen::MatrixXd h;
  for (int step = 0; step < 50; ++step) {
    const Eigen::VectorXd s = (((x * m).array() - scale.threshold) / scale.temperature).matrix();
    const Eigen::VectorXd probability = (1 / (1 + (-s.array()).exp())).matrix();
    const Eigen::VectorXd gradient = x.transpose() * (y - probability) / scale.temperature - m / variance;
    const Eigen::VectorXd w = (probability.array() * (1 - probability.array())).matrix() / (scale.temperature * scale.temperature);
    h = x.transpose() * w.asDiagonal() * x + Eigen::MatrixXd::Identity(d, d) / variance;
    m += h.ldlt().solve(gradient);
  }
  const Eigen::MatrixXd covariance = h.inverse();
  std::vector<float> mean(d);
  p.mean(mean);
  for (std::size_t c = 0; c < d; ++c) {
    const double sd = std::sqrt(covariance(static_cast<Eigen::Index>(c), static_cast<Eigen::Index>(c)));
    std::vector<float> axis(d);
    axis[c] = 1;
    CHECK(std::abs(mean[c] - m(static_cast<Eigen::Index>(c))) < 0.5 * sd); // one pass, never looking back
    CHECK(noise * p.width(axis) == Approx(sd).epsilon(0.15));
  }
}

TEST_CASE("one round's mode is exact", "[beliefs]") {
  // A prior N(0, v) on one coordinate and one yes: the mode solves m / v = (1 − p(m)) / t.
  const response_scale scale{0.3, 0.1};
  const double noise = 0.3, variance = 1;
  ridge_posterior<float> p(1, static_cast<float>(noise * noise / variance));
  const std::vector<float> e{1}, yes{1};
  REQUIRE(learn_responses(user_belief_model::logistic, scale, noise, {e, yes}, p));
  std::vector<float> mean(1);
  p.mean(mean);
  const double s = (mean[0] - scale.threshold) / scale.temperature;
  CHECK(mean[0] / variance == Approx((1 - 1 / (1 + std::exp(-s))) / scale.temperature).epsilon(1e-3));
  // Chosen against none is the same question.
  ridge_posterior<float> chosen(1, static_cast<float>(noise * noise / variance));
  REQUIRE(learn_responses(user_belief_model::choice, scale, noise, {e, yes}, chosen));
  std::vector<float> same(1);
  chosen.mean(same);
  CHECK(same[0] == Approx(mean[0]).epsilon(1e-4));
}

TEST_CASE("a choice says nothing of what all have in common with none", "[beliefs]") {
  // Two creations, one chosen: the difference between them is learned more than their sum.
  ridge_posterior<float> p(2, 1);
  const std::vector<float> e{1, 0, 0, 1}, first{1, 0};
  REQUIRE(learn_responses(user_belief_model::choice, {-5, 0.5}, 1, {e, first}, p));
  const std::vector<float> difference{1, -1}, sum{1, 1};
  CHECK(p.width(difference) < 0.9f * p.width(sum));
}

TEST_CASE("late, shuffled and repeated feedback leaves the belief that it leaves in order, once", "[beliefs]") {
  const auto [belief, drift] = GENERATE(table<user_belief_model, user_drift>({
    {user_belief_model::linear, user_drift::none},
    {user_belief_model::linear, user_drift::restart},
    {user_belief_model::linear, user_drift::discount},
    {user_belief_model::logistic, user_drift::none},
    {user_belief_model::logistic, user_drift::discount},
    {user_belief_model::choice, user_drift::none},
  }));
  INFO(name_of(belief) << ", " << name_of(drift));
  const played w(configured(belief, drift));
  user_mind in_order = w.mind;
  for (std::size_t i = 0; i < w.rewards.size(); i += 4) { // a round at a time
    reward r{w.rewards[i].user, w.rewards[i].round, {}};
    for (std::size_t k = i; k < i + 4; ++k)
      r.entries.push_back(w.rewards[k].entries[0]);
    REQUIRE(in_order.learn(r) == errc::ok);
  }
  const auto expected = in_order.believe();
  splitmix64 g(8);
  for (int trial = 0; trial < 10; ++trial) {
    auto rewards = w.rewards;
    std::shuffle(rewards.begin(), rewards.end(), g);
    user_mind shuffled = w.mind;
    for (const auto& r : rewards) {
      REQUIRE(shuffled.learn(r) == errc::ok);
      if (uniform01(g) < 0.3)
        REQUIRE(shuffled.learn(r) == errc::feedback_twice);
    }
    const auto now = shuffled.believe();
    REQUIRE(now.observations == expected.observations);
    if (belief == user_belief_model::linear && drift == user_drift::none) {
      for (std::size_t k = 0; k < dim; ++k)
        REQUIRE(now.mean.values[k] == Approx(expected.mean.values[k]).margin(1e-5));
    } else {
      REQUIRE(now == expected); // bit by bit
      user_mind same = in_order;
      REQUIRE(shuffled.propose(occasion::round, 0, 4).value() == same.propose(occasion::round, 0, 4).value());
    }
  }
}

TEST_CASE("with each round's feedback at once the history stays short", "[beliefs]") {
  auto creations = random_catalogue(subspace_id{0}, {0, dim}, 60);
  user_mind mind = mind_of(configured(user_belief_model::logistic));
  mind.see(creations.publish());
  for (int round = 0; round < 100; ++round) {
    const auto p = mind.propose(occasion::round, 0, 4).value();
    REQUIRE(mind.learn(reward_of(p, static_cast<float>(round % 2))) == errc::ok);
    CHECK(mind.rounds_kept() <= 2);
  }
}

TEST_CASE("a preference between two is learned, once, within a subspace and across", "[beliefs]") {
  const bool across = GENERATE(false, true);
  auto c = across ? config_of(2 * dim, {{"coin", {0, dim}}, {"job", {dim, dim}}}) : configured(user_belief_model::linear);
  c.exactly = true;
  auto coins = random_catalogue(subspace_id{0}, {0, dim}, 10), jobs = random_catalogue(subspace_id{1}, {dim, dim}, 10, 12);
  user_mind mind = mind_of(c);
  const auto first = coins.publish(), second = jobs.publish();
  mind.see(first);
  if (across)
    mind.see(second);
  const auto p = mind.propose(occasion::round, 0, across ? 20 : 8).value();
  creation_id better = p.candidates[0].creation, worse = no_creation;
  for (const auto& x : p.candidates)
    if (x.creation != better && (subspace_of(x.creation) != subspace_of(better)) == across)
      worse = x.creation;
  REQUIRE(worse != no_creation);
  const auto believed = [&](creation_id id) {
    const auto m = mind.believe().mean.values;
    return utility(subspace_of(id) == subspace_id{0} ? *first : *second, id, m);
  };
  const auto before = believed(better) - believed(worse);
  CHECK(mind.learn(comparison{p.user, better, better, p.round, p.round}) == errc::bad_value);
  CHECK(mind.learn(comparison{p.user, better, worse, p.round + 1, p.round}) == errc::feedback_not_shown);
  REQUIRE(mind.learn(comparison{p.user, better, worse, p.round, p.round}) == errc::ok);
  CHECK(believed(better) - believed(worse) > before + 0.05);
  CHECK(mind.learn(comparison{p.user, better, worse, p.round, p.round}) == errc::feedback_twice);
  CHECK(mind.learn(reward{p.user, p.round, {{worse, 1}}}) == errc::feedback_twice);
}
