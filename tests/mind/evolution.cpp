#include "actors/aipp/aipp_mind.hpp"
#include "actors/evolution/evolution_mind.hpp"
#include "actors/evolution/genes.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/goal_buddy/goal_genes.hpp"
#include "actors/user_buddy/user_genes.hpp"
#include "tests/mind/world.hpp"

#include <cmath>
#include <limits>
#include <numeric>

using namespace ammo;
using namespace ammo::testing;

namespace {

evolution_config users_only(std::uint32_t strains = 10) {
  return {.strains = strains, .user_genes = {gene::noise, gene::optimism}, .goal_genes = {}, .shards = 2};
}

/// What a shard says of strains of which each agent gains as its strain deserves.
strain_report report_of(const evolution_mind& m, std::uint32_t shard, std::uint64_t period, auto gain) {
  strain_report r{period, m.generation(), buddy_kind::user, {}, shard, {}};
  for (const auto& s : m.news().strains) {
    auto& t = r.strains.emplace_back();
    t.agents = t.judged = t.rounds = 4;
    exact_sum sum;
    sum.add(4 * gain(s));
    t.gain = t.reward = wire_of(sum);
  }
  return r;
}

/// The smaller the noise the better.
double quiet(const strain& s) { return -std::log(s.genes[0].value); }

void play(evolution_mind& m, std::uint64_t generations, auto gain) {
  for (std::uint64_t g = 0; g < generations; ++g) {
    for (std::uint32_t shard = 0; shard < 2; ++shard)
      REQUIRE(m.take(report_of(m, shard, m.generation() + 1, gain)) == errc::ok);
    CHECK(m.close() == 0);
  }
}

double mean_noise(const strain_news& m) {
  double sum = 0;
  for (const auto& s : m.strains)
    sum += std::log(s.genes[0].value) / static_cast<double>(m.strains.size());
  return std::exp(sum);
}

strain_news two_strains() {
  return {3, {{1, buddy_kind::user, {}, {{gene::noise, 0.2}}}, {2, buddy_kind::user, {}, {{gene::noise, 0.4}}}}};
}

} // namespace

TEST_CASE("strains that do well take over, and diversity stays above its floor", "[mind][evolution]") {
  auto m = evolution_mind::found(users_only()).value();
  const double at_first = mean_noise(m.news());
  play(m, 40, quiet);
  CHECK(mean_noise(m.news()) < at_first / 2);
  const auto told = m.told();
  REQUIRE(told.kinds.size() == 1);
  const auto& users = told.kinds.front();
  REQUIRE(users.generations.size() == 40);
  for (const auto& g : users.generations) {
    CHECK(g.diversity >= 0.05);
    CHECK(g.complete);
  }
  CHECK(users.generations.back().welfare > users.generations.front().welfare);
  CHECK(users.best != 0);
  REQUIRE(users.strains.size() == 10);
  CHECK(users.diversity == users.generations.back().diversity);
  for (const auto& s : users.strains) {
    CHECK(std::ranges::find(users.lineage, s.lineage, &ancestry::lineage) != users.lineage.end());
    if (s.judged)
      CHECK(s.score <= std::ranges::find(users.strains, users.best, &strain_standing::lineage)->score);
  }
  CHECK(users.lineage.size() == 10 + std::accumulate(users.generations.begin(), users.generations.end(), std::uint64_t{0},
                                                     [](auto sum, const auto& g) { return sum + g.replaced; }));
}

TEST_CASE("a generation of which a shard hasn't told is judged not at all", "[mind][evolution]") {
  auto m = evolution_mind::found(users_only()).value();
  play(m, 5, quiet);
  const auto before = m.news();
  REQUIRE(m.take(report_of(m, 0, 6, [](const strain& s) { return -quiet(s); })) == errc::ok);
  CHECK(m.close() == 1);
  CHECK_FALSE(m.told().kinds.front().generations.back().complete);
  CHECK(m.told().kinds.front().generations.back().replaced == 0);
  CHECK(m.news().strains == before.strains);
}

TEST_CASE("without truncation the founders play on", "[mind][evolution]") {
  auto config = users_only();
  config.truncation = 0;
  auto m = evolution_mind::found(config).value();
  const auto founders = m.news();
  play(m, 10, quiet);
  CHECK(m.news().strains == founders.strains);
  CHECK(m.news().generation == 10);
  CHECK(evolution_mind::found(users_only()).value().news() == founders); // the same seed, the same founders
}

TEST_CASE("a report that can't be is refused by name, and changes nothing", "[mind][evolution][bad-input]") {
  auto m = evolution_mind::found(users_only()).value();
  auto good = report_of(m, 1, 7, quiet);
  REQUIRE(m.take(good) == errc::ok);
  CHECK(m.take(good) == errc::stale_epoch); // heard before
  good.period = 8;
  auto other = good;
  other.generation = 4;
  CHECK(m.take(other) == errc::stale_epoch);
  other = good;
  other.shard = 2;
  CHECK(m.take(other) == errc::bad_value);
  other = good;
  other.strains.pop_back();
  CHECK(m.take(other) == errc::wrong_dimension);
  other = good;
  other.kind = buddy_kind::goal;
  CHECK(m.take(other) == errc::empty_population);
  CHECK(m.take(good) == errc::ok);
  CHECK(evolution_mind::found({.strains = 1, .user_genes = {gene::noise}}).code() == errc::bad_value);
  CHECK(evolution_mind::found({.strains = 0, .user_genes = {gene::noise}}).code() == errc::empty_population);
  CHECK(evolution_mind::found({}).code() == errc::empty_population);
}

TEST_CASE("strains that can't be are refused by name", "[mind][evolution][bad-input]") {
  CHECK(check(two_strains()) == errc::ok);
  CHECK(check(strain_news{}) == errc::empty_population);
  for (const auto& [value, code] : {std::pair{0.029, errc::gene_out_of_range}, {3.1, errc::gene_out_of_range},
                                    {std::nan(""), errc::not_finite}, {HUGE_VAL, errc::not_finite}}) {
    auto m = two_strains();
    m.strains[1].genes[0].value = value;
    CHECK(check(m) == code);
  }
  auto twins = two_strains();
  twins.strains[1].lineage = 1;
  CHECK(check(twins) == errc::duplicate_lineage);
  twins.strains[1].kind = buddy_kind::goal; // another population
  CHECK(check(twins) == errc::ok);
}

TEST_CASE("how Goal Buddies write evolves where they do, within its range", "[mind][evolution]") {
  const auto has = [](const std::vector<gene>& all, gene g) { return std::ranges::find(all, g) != all.end(); };
  for (auto p : {goal_policy::exploiter, goal_policy::explorer, goal_policy::adaptive, goal_policy::host})
    for (auto g : {gene::reach, gene::length}) {
      CHECK(has(genes_of(p, true), g));
      CHECK_FALSE(has(genes_of(p, false), g));
    }
  CHECK(genes_of(goal_policy::fixed, true).empty());

  strain s{1, buddy_kind::goal, {}, {{gene::reach, 0.25}, {gene::length, 0.75}}};
  CHECK(check(s) == errc::ok);
  CHECK(played(s, goal_habits{}).style == writing_style{0.25, 0.75});
  for (auto g : {gene::reach, gene::length})
    for (const auto& [value, code] : {std::pair{1.01, errc::gene_out_of_range}, {0.0, errc::gene_out_of_range},
                                      {-0.5, errc::gene_out_of_range}, {std::nan(""), errc::not_finite}}) {
      s.genes = {{g, value}};
      CHECK(check(s) == code);
    }
}

TEST_CASE("strains are dealt anew in each generation, to about as many agents each", "[mind][evolution]") {
  std::array<int, 5> agents{};
  int moved = 0;
  for (std::uint64_t a = 0; a < 5'000; ++a) {
    ++agents[dealt_to(a, 8, 5)];
    moved += dealt_to(a, 8, 5) != dealt_to(a, 9, 5);
  }
  for (int n : agents)
    CHECK((n > 850 && n < 1'150));
  CHECK((moved > 3'800 && moved < 4'200));
  const auto m = two_strains();
  CHECK(dealt(m, buddy_kind::user, {}, 5) == &m.strains[dealt_to(5, 3, 2)]);
  CHECK(dealt(m, buddy_kind::goal, {}, 5) == nullptr);
  CHECK(played(m.strains[0], exploration{}).noise == 0.2);
  CHECK(played(m.strains[0], exploration{}).optimism == exploration{}.optimism);
}

TEST_CASE("an agent is compared with its own past, in any order of agents", "[mind][evolution]") {
  fitness_book book, reversed;
  const auto period = [](fitness_book& b, const std::vector<std::pair<std::uint64_t, float>>& rewards) {
    for (const auto& [agent, reward] : rewards)
      b.slate(agent, std::vector<float>{reward, reward / 2});
    return b.close();
  };
  book.deal(0, 1);
  reversed.deal(0, 1);
  const auto first = period(book, {{1, 0.8f}, {2, 0.4f}});
  CHECK(first == period(reversed, {{2, 0.4f}, {1, 0.8f}}));
  REQUIRE(first.size() == 1);
  CHECK((first[0].agents == 2 && first[0].judged == 0 && first[0].rounds == 2 && first[0].impressions == 4));
  CHECK(sum_of(first[0].reward).value() == Approx(1.8));
  book.deal(1, 1);
  const auto second = period(book, {{1, 1.0f}, {3, -0.5f}});
  CHECK((second[0].judged == 1 && second[0].agents == 2 && second[0].satisfied == 2));
  CHECK(sum_of(second[0].gain).value() == Approx(1.5 - 1.2));
  CHECK(period(book, {})[0].agents == 0);
}

TEST_CASE("rewards by strain add up to engagement by creation", "[mind][evolution]") {
  aipp_config config{.space = coin_layout(2), .people = {}};
  config.slots = 2;
  aipp_mind m{config};
  const auto c = period_of({{goal_id{1}, owner_id{1}, {1, 0}}, {goal_id{2}, owner_id{1}, {0, 1}}});
  m.see(c);
  CHECK_FALSE(m.strains(1));
  REQUIRE(m.deal(two_strains()) == errc::ok);
  for (std::uint64_t u = 0; u < 20; ++u)
    REQUIRE(m.add(user_id{u}, person{{0.3f, 0.05f * static_cast<float>(u)}, {}}));
  m.begin({1, 3});
  std::uint64_t counter = 1;
  for (std::uint64_t round = 1; round <= 3; ++round)
    for (std::uint64_t u = 0; u < 20; ++u) {
      slate_granted g{.user = user_id{u}, .round = round, .why = occasion::round, .impressions = {}};
      for (std::uint32_t i = 0; i < 2; ++i)
        g.impressions.push_back({make_impression_id(0, counter++), at(*c, i), {}});
      m.granted(g);
    }
  const auto strains = m.strains(1);
  REQUIRE(strains);
  exact_sum by_strain, by_creation;
  std::uint64_t rounds = 0, impressions = 0;
  for (const auto& t : strains->strains) {
    by_strain.add(sum_of(t.reward));
    rounds += t.rounds;
    impressions += t.impressions;
  }
  for (const auto& x : m.close().report.exposures)
    by_creation.add(sum_of(x.engagement));
  CHECK(by_strain.value() == Approx(by_creation.value()).margin(1e-6));
  CHECK((rounds == 60 && impressions == 120));
  CHECK((strains->generation == 3 && strains->strains.size() == 2));
}
