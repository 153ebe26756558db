// What always holds of the default learner: units, codings, offsets and the order of feedback don't matter, its state is small.
#include "actors/user_buddy/person/evidence.hpp"
#include "actors/user_buddy/person/person_belief.hpp"
#include "bench/people/play.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <cmath>

using namespace ammo;
using namespace people_bench;

namespace {

struct rows_of final : creation_lookup {
  explicit rows_of(const subspace_of_people& s) : people(s) {}
  void embed(creation_id content, std::span<float> out) const noexcept override {
    std::ranges::copy(people.rows[raw(content)], out.begin());
  }
  const subspace_of_people& people;
};

outcome of(std::uint64_t content, double reward, std::uint32_t slot) { return {creation_id{content}, no_creation, reward, slot}; }

world small(world w, std::uint32_t rounds) {
  w.rounds = rounds;
  w.creations = 100;
  w.dim = 8;
  return w;
}

/// Everything shown to the people of a world, who pool.
std::vector<std::vector<std::uint64_t>> slates(const world& w) {
  const auto s = make_people(w, 7, 6);
  std::vector<std::vector<std::uint64_t>> shown;
  struct recorder final : player {
    recorder(std::unique_ptr<player> p, std::vector<std::vector<std::uint64_t>>& to) : inner(std::move(p)), all(to) {}
    std::vector<std::uint64_t> choose(std::uint32_t r, std::uint32_t at) override { return all.emplace_back(inner->choose(r, at)); }
    void learn(std::uint32_t r, std::uint32_t at, const std::vector<told_reward>& t) override { inner->learn(r, at, t); }
    pooled_sums statistics() const override { return inner->statistics(); }
    void hear(const pooled_sums& c) override { inner->hear(c); }
    std::unique_ptr<player> inner;
    std::vector<std::vector<std::uint64_t>>& all;
  };
  (void)play(s, 6, 8, [&](const subspace_of_people& p, std::size_t who) {
    return std::make_unique<recorder>(make_default(p, who, {}), shown);
  });
  return shown;
}

/// What a person believes after rounds of random slates that are told in `order` (rounds, each told as a whole).
person_belief told_in(const world& w, const std::vector<std::uint32_t>& order) {
  const auto s = make_people(w, 3, 1);
  const rows_of where(s);
  person_options o;
  o.dim = w.dim;
  person_belief mind(o);
  const auto q = preference(s, 0, 0);
  for (std::uint32_t round : order) {
    splitmix64 g = generator(1, stream::policy, 0, round);
    std::vector<outcome> seen;
    for (std::uint32_t k = 0; k < slots; ++k) {
      const auto content = static_cast<std::uint64_t>(uniform01(g) * w.creations);
      double u = 0;
      for (std::size_t i = 0; i < q.size(); ++i)
        u += static_cast<double>(q[i]) * s.rows[content][i];
      seen.push_back(of(content, people_bench::reward(s, 0, round, content, k, u), k));
    }
    mind.learn(round, 0, true, seen, where);
    mind.move_window(where);
  }
  mind.catch_up(where);
  return mind;
}

std::vector<std::uint32_t> in_order(std::uint32_t rounds) {
  std::vector<std::uint32_t> order(rounds);
  for (std::uint32_t r = 0; r < rounds; ++r)
    order[r] = r;
  return order;
}

/// Every round within `reach` rounds of its place.
std::vector<std::uint32_t> jumbled(std::uint32_t rounds, std::uint32_t reach) {
  std::vector<std::pair<double, std::uint32_t>> due;
  splitmix64 g(5);
  for (std::uint32_t r = 0; r < rounds; ++r)
    due.push_back({r + uniform01(g) * reach, r});
  std::ranges::sort(due);
  std::vector<std::uint32_t> order;
  for (const auto& d : due)
    order.push_back(d.second);
  return order;
}

world line() { return small({.name = "line"}, 150); }
world clicks() { return small({.name = "clicks", .answers = response::clicks, .base = 0.1}, 150); }

} // namespace

TEST_CASE("a person's slates are the same whatever power of two their rewards are counted in") {
  for (world w : {line(), small({.name = "revenue", .answers = response::revenue}, 150),
                  small({.name = "purchase", .answers = response::purchase, .base = 0.2}, 150)}) {
    const auto plain = slates(w);
    for (int k : {-20, 3, 30}) {
      w.told_scale = std::ldexp(1.0, k);
      CHECK(slates(w) == plain);
    }
  }
}

TEST_CASE("clicks coded -1 and 1, or in any other two numbers of the same order, give the same slates") {
  world w = clicks();
  const auto plain = slates(w);
  w.told_scale = 2;
  w.told_offset = -1;
  CHECK(slates(w) == plain);
  w.told_scale = 1e12;
  w.told_offset = 17;
  CHECK(slates(w) == plain);
}

TEST_CASE("rewards that come within 64 rounds leave the belief that they leave in order, bit by bit") {
  for (const world& w : {line(), clicks(), small({.name = "stars", .answers = response::stars}, 150)}) {
    const auto straight = told_in(w, in_order(150)), other = told_in(w, jumbled(150, 64));
    CHECK(straight.believed(0) == other.believed(0));
  }
}

TEST_CASE("a part of a round that comes later is learned with it") {
  const world w = line();
  const auto s = make_people(w, 3, 1);
  const rows_of where(s);
  person_options o;
  o.dim = w.dim;
  person_belief whole(o), parts(o);
  const std::vector<outcome> first{of(1, 0.5, 0), of(2, -0.25, 1), of(3, 0.1, 2)}, second{of(4, 0.3, 0), of(5, 0.7, 1)};
  whole.learn(1, 0, true, first, where);
  whole.learn(2, 0, true, second, where);
  parts.learn(1, 0, true, std::span(first).first(2), where);
  parts.learn(2, 0, true, second, where);
  parts.learn(1, 0, true, std::span(first).last(1), where);
  whole.catch_up(where);
  parts.catch_up(where);
  std::vector<float> a(whole.dim()), b(parts.dim());
  whole.believed(0).belief.mean(a);
  parts.believed(0).belief.mean(b);
  for (std::size_t k = 1; k < a.size(); ++k)
    CHECK(a[k] == Approx(b[k]).margin(1e-3));
}

TEST_CASE("rewards of 1e15 are learned as any others") {
  world w = line();
  w.rounds = 200;
  const auto s = make_people(w, 1, 6);
  const auto plain = play(s, 6, 8, [](const auto& p, std::size_t who) { return make_default(p, who, {}); });
  w.told_scale = 0x1p48;
  const auto t = make_people(w, 1, 6);
  const auto large = play(t, 6, 8, [](const auto& p, std::size_t who) { return make_default(p, who, {}); });
  CHECK(plain.regret == large.regret);
}

TEST_CASE("what a person is believed to be, with all that it needs, fits in 3.3 KB at 32 coordinates") {
  const std::size_t triangle = kernels::state_size(33) * sizeof(float);
  CHECK(triangle + sizeof(strand) + sizeof(reward_counts) + sizeof(reward_scale) <= 3300);
}

TEST_CASE("pooled sums are the same in any order, and no person's share is unbounded") {
  const auto a = told_in(line(), in_order(60)).statistics(), b = told_in(clicks(), in_order(60)).statistics();
  auto ab = a, ba = b;
  ab += b;
  ba += a;
  CHECK(ab == ba);
  world wild = line();
  wild.told_scale = 1e12;
  const auto w = told_in(wild, in_order(60)).statistics();
  const auto limit = static_cast<std::int64_t>(144 / pooled_unit);
  for (std::size_t k = 0; k < reward_kinds; ++k) {
    CHECK(std::abs(w.log_lambda[k]) <= limit);
    CHECK(std::abs(w.log_lambda2[k]) <= limit);
    CHECK(w.votes[k] <= 1);
  }
  CHECK(w.people == 1);
}

TEST_CASE("a ring sum of people is their sum, whatever its mask") {
  const auto a = told_in(line(), in_order(60)).statistics(), b = told_in(clicks(), in_order(60)).statistics();
  std::array<std::uint64_t, pooled_numbers> mask{}, ring{};
  splitmix64 g(4);
  std::ranges::generate(mask, g);
  ring = mask;
  add_to_ring(ring, a);
  add_to_ring(ring, b);
  auto sum = a;
  sum += b;
  CHECK(taken_from_ring(ring, mask) == sum);
}

TEST_CASE("what people's rewards are like is where somebody new begins") {
  world w = line();
  w.offset = 3;
  w.told_scale = 8;
  auto sums = told_in(w, in_order(120)).statistics();
  REQUIRE(sums.measured == 1);
  for (int i = 0; i < 3; ++i)
    sums += pooled_sums(sums); // 8 like that one
  const common_belief known = common_of(sums);
  const strand_prior& prior = known.priors[static_cast<std::size_t>(reward_kind::linear)];
  CHECK(prior.level == Approx(10).epsilon(0.1)); // 3 over 0.3
  CHECK(prior.log_noise == Approx(std::log2(8 * 0.3)).margin(0.2));
  const strand fresh(w.dim + 1, {.kind = reward_kind::linear, .exponent = 5, .zero = 0.5}, prior, true);
  std::vector<float> m(fresh.dim());
  fresh.belief.mean(m);
  CHECK((m[0] + 0.5) * 32 == Approx(24).epsilon(0.1));
  CHECK(fresh.noise() * 32 == Approx(2.4).epsilon(0.1));
}

TEST_CASE("numbers that can't be sums over people are refused") {
  const auto good = told_in(line(), in_order(60)).statistics();
  REQUIRE(are_over_people(good));
  const auto refused = [&](auto change) {
    pooled_sums bad = good;
    change(bad);
    return !are_over_people(bad);
  };
  CHECK(refused([](pooled_sums& s) { s.people = -1; }));
  CHECK(refused([](pooled_sums& s) { s.measured = 2; }));
  CHECK(refused([](pooled_sums& s) { s.level = std::int64_t{1} << 60; }));
  CHECK(refused([](pooled_sums& s) { s.log_noise2 = -1; }));
  CHECK(refused([](pooled_sums& s) { s.tuned[1] = std::int64_t{1} << 62; }));
  CHECK(refused([](pooled_sums& s) { s.seen[2] = -4; }));
  CHECK(refused([](pooled_sums& s) { s.second_is_higher = 3; }));
}

TEST_CASE("what was learned is as likely under another prior as a posterior that began with it says") {
  constexpr std::size_t d = 7;
  splitmix64 g(11);
  const auto number = [&] { return static_cast<float>(2 * uniform01(g) - 1); };
  std::vector<float> x(40 * d), y(40);
  std::ranges::generate(x, number);
  std::ranges::generate(y, number);
  std::vector<float> centre(d - 1);
  std::ranges::generate(centre, number);
  const auto begun = [&](const tried_prior& p) {
    std::vector<double> precision(d, p.slope), move(d, 0.0);
    precision[0] = p.intercept;
    move[0] = p.intercept * p.level;
    for (std::size_t k = 1; k < d; ++k)
      move[k] = p.slope * centre[k - 1];
    root_posterior r(precision);
    r.shift(move);
    (void)r.absorb(x, y);
    return r;
  };
  const tried_prior now{.slope = 2, .intercept = 0.5, .level = 0.3};
  std::vector<double> a, b;
  begun(now).normal_form(a, b);
  const prior_evidence evidence(a, b, now, centre);
  for (const tried_prior& other : {now, tried_prior{0.1, 3, -1}, tried_prior{50, 1e-3, 0}}) {
    const auto told = evidence.under(other);
    const root_posterior r = begun(other);
    REQUIRE(told);
    CHECK(told->explained == Approx(r.explained()).epsilon(1e-5));
    CHECK(told->log_volume == Approx(r.log_volume()).epsilon(1e-5));
  }
}

TEST_CASE("a leading intercept is a coordinate like another, wherever the others begin", "[people]") {
  constexpr std::size_t lanes = root_posterior::side_by_side;
  splitmix64 g(5);
  const auto number = [&] { return static_cast<float>(uniform01(g)) - 0.5f; };
  for (const std::uint32_t d : {2u, 8u, 9u, 17u, 33u, 70u})
    for (const std::uint32_t first : {1u, std::min(4u, d - 1)}) {
      root_posterior r(std::vector<double>(d, 2.0));
      std::vector<float> x(12 * d), y(12), e((d - first) * lanes), whole(d * lanes, 0.0f);
      std::ranges::generate(x, number);
      std::ranges::generate(y, number);
      std::ranges::generate(e, number);
      (void)r.absorb(x, y);
      std::fill_n(whole.begin(), lanes, 1.0f);
      std::ranges::copy(e, whole.begin() + static_cast<std::ptrdiff_t>(first * lanes));
      std::array<float, lanes> means{}, widths{}, same_means{}, same_widths{};
      r.confidence(e, first, means, widths, true);
      r.confidence(whole, 0, same_means, same_widths);
      CHECK(means == same_means);
      CHECK(widths == same_widths);
    }
}
