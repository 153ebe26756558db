#include "actors/evolution/evolution_mind.hpp"
#include "actors/population/population_mind.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/user_buddy/ring_sum.hpp"
#include "tests/conform/state.hpp"

using namespace ammo;
using namespace ammo::test;

namespace {

/// Hubs that report, some not at all, and generations that end.
struct evolution_driver {
  using mind = evolution_mind;
  using state = evolution_mind_state;

  static std::vector<std::string> configs() { return {"users", "goals", "both"}; }

  evolution_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)} {
    config = {.strains = 5, .user_genes = {}, .goal_genes = {}, .shards = 2, .subspaces = 2};
    if (which != 1)
      config.user_genes = {gene::noise, gene::optimism};
    if (which != 0)
      config.goal_genes = {gene::step, gene::patience, gene::curiosity};
    config.patience = 1;
    config.diversity_floor = 0.15;
  }

  mind make() const { return *mind::found(config); }
  result<mind> restore(const state& s) const { return mind::restore(config, s); }

  input<mind> draw() {
    switch (random.below(12)) {
    case 0:
      return [](mind& m, answers& out) { out << m.news(); };
    case 1:
      return [](mind& m, answers& out) { out << m.told(); };
    case 2:
      return [this](mind& m, answers& out) {
        out << m.close() << m.complete() << m.news();
        generation = m.generation();
      };
    default:
      return report();
    }
  }

  input<mind> report() {
    strain_report r{++periods,
                    generation,
                    random.one_in(2) ? buddy_kind::user : buddy_kind::goal,
                    subspace_id{static_cast<std::uint16_t>(random.below(2))},
                    static_cast<std::uint32_t>(random.below(2)),
                    {}};
    for (int i = 0; i < 5; ++i) {
      exact_sum reward, gain;
      reward.add(random.real(0, 5));
      gain.add(random.real(-1, 1));
      r.strains.push_back({4, random.below(4), 9, 20, 7, 9, 3, wire_of(reward), wire_of(gain)});
    }
    return [r](mind& m, answers& out) { out << m.take(r) << m.complete(); };
  }

  dice random;
  evolution_config config;
  std::uint64_t generation = 0, periods = 0;
};

/// Passes over people who are drawn from a normal, some rings lost.
struct population_driver {
  using mind = population_mind;
  using state = population_mind_state;

  static std::vector<std::string> configs() { return {"one_factor", "two_factors", "pooled"}; }

  population_driver(std::size_t which, std::uint64_t seed) : random{splitmix64(seed)} {
    config = {.factors = {{3, {.variance = 0.5}}}, .cohort = 4, .rings = 3, .seed = 9};
    if (which > 0)
      config.factors.push_back({2, {.variance = 0.2}});
    config.pooled = config.in_order = which == 2;
  }

  mind make() const { return mind(config); }
  result<mind> restore(const state& s) const { return mind::restore(config, s); }

  input<mind> draw() {
    switch (random.below(8)) {
    case 0:
      return [this, seed = random.g()](mind& m, answers& out) {
        splitmix64 g(seed);
        auto begun = m.begin([&] { return g(); });
        for (const auto& leg : begun)
          out << leg.to << leg.sum;
        out << m.pass() << m.out();
        legs = std::move(begun);
      };
    case 1:
      return [](mind& m, answers& out) {
        const auto pass = m.close();
        out << pass.lost << pass.senseless << m.people();
        if (pass.news)
          out << *pass.news;
        if (pass.people)
          out << *pass.people;
      };
    case 2:
    case 3:
      return [user = user_id{random.below(30)}](mind& m, answers& out) {
        m.join(user);
        out << m.members();
      };
    case 4:
      return [user = user_id{random.below(60)}](mind& m, answers& out) {
        m.leave(user);
        out << m.members();
      };
    default:
      return come_back();
    }
  }

  /// A ring comes back; now and then one that has been back already.
  input<mind> come_back() {
    prior_sum m{.pass = 1, .ring = 0, .priors = {}, .sums = {}};
    if (!legs.empty()) {
      m = legs[random.below(legs.size())].sum;
      if (config.pooled)
        pooled_summand(m.sums);
      else
        moments_summand(m.sums);
    }
    return [m](mind& p, answers& out) { out << p.take(m) << p.people(); };
  }

  void moments_summand(std::vector<std::uint64_t>& ring) {
    std::vector<double> values;
    for (const auto& f : config.factors)
      summand(f.dim, values);
    REQUIRE(add_summand(ring, values));
  }

  void pooled_summand(std::vector<std::uint64_t>& ring) {
    for (std::size_t f = 0; f < config.factors.size(); ++f) {
      pooled_sums of_ring;
      of_ring.people = config.cohort;
      of_ring.measured = static_cast<std::int64_t>(random.below(config.cohort));
      of_ring.level = static_cast<std::int64_t>(random.below(1000)) - 500;
      of_ring.seen[3] = static_cast<std::int64_t>(random.below(1'000'000));
      add_to_ring(std::span(ring).subspan(f * pooled_numbers).first<pooled_numbers>(), of_ring);
    }
  }

  /// Σ E[q] and Σ E[q qᵀ] of a ring.
  void summand(std::uint32_t dim, std::vector<double>& out) {
    std::vector<double> sums(moments_size(dim));
    for (std::uint32_t person = 0; person < config.cohort; ++person) {
      const auto q = random.vector(dim, 2);
      for (std::size_t i = 0, at = dim; i < dim; ++i) {
        sums[i] += q[i];
        for (std::size_t j = i; j < dim; ++j)
          sums[at++] += double{q[i]} * q[j] + (i == j ? 0.1 : 0);
      }
    }
    out.insert(out.end(), sums.begin(), sums.end());
  }

  dice random;
  population_mind_config config;
  std::vector<population_mind::first_leg> legs; ///< of the last pass
};

} // namespace

TEST_CASE("an evolution restored is the evolution that was saved", "[state]") { conforms<evolution_driver>(); }
TEST_CASE("a Population restored is the Population that was saved", "[state]") { conforms<population_driver>(); }
