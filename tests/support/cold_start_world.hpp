/// Newcomers among real people: the choosers of coin or edu, split into a population that has played for a while and people
/// of whom nobody has heard. The real minds, linear feedback with σ = 0.3, five slots.
#pragma once

#include "actors/population/population_prior.hpp"
#include "actors/base/gaussian.hpp"
#include "actors/user_buddy/ring_sum.hpp"
#include "actors/user_buddy/user_mind.hpp"
#include "subspaces/content.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>
#include <vector>

namespace cold_start {

using namespace ammo;

inline constexpr std::uint32_t slots = 5, early = 20;
inline constexpr std::uint64_t most_people = 600, played = 200, passes = 10, cohort = 16;
inline constexpr double noise = 0.3;

/// What one newcomer met: slate regret of the first `early` rounds, and whether the first slate shows a held-out choice.
struct outcome {
  double regret = 0;
  double hit = 0;
};

class world {
public:
  /// The choosers are dealt anew for each seed; two thirds of them are the population.
  world(content c, std::uint64_t seed) : content_(std::move(c)), seed_(seed) {
    const auto d = content_.dim;
    catalogue all(subspace_id{0}, {0, d});
    for (std::size_t i = 0; i < content_.items.size(); ++i)
      (void)all.add(goal_id{i}, owner_id{i}, i, content_.embedding(i));
    period_ = all.publish();
    config_.space = *layout::make(d, {{"it", {0, d}}});
    config_.noise = noise;
    config_.seed = seed;
    flat_ = std::make_shared<const user_config>(config_);
    std::vector<std::uint32_t> order(content_.choosers.size());
    std::iota(order.begin(), order.end(), 0u);
    splitmix64 g(seed);
    for (std::size_t i = order.size(); i > 1; --i)
      std::swap(order[i - 1], order[g() % i]);
    order.resize(std::min<std::size_t>(order.size(), most_people));
    population_.assign(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(order.size() * 2 / 3));
    newcomers_.assign(order.begin() + static_cast<std::ptrdiff_t>(population_.size()), order.end());
  }

  [[nodiscard]] const std::vector<std::uint32_t>& newcomers() const noexcept { return newcomers_; }
  [[nodiscard]] const std::shared_ptr<const user_config>& flat() const noexcept { return flat_; }
  [[nodiscard]] std::vector<float> q(std::uint32_t who) const { return preference_of(content_, who, 0, seed_); }

  /// What the population's own minds tell, by ring sums, after `played` rounds each.
  [[nodiscard]] std::shared_ptr<const user_config> learned() const {
    std::vector<user_mind> minds;
    for (auto who : population_) {
      minds.emplace_back(flat_, user_id{who}).see(period_);
      (void)play(minds.back(), who, played);
    }
    population_prior prior(content_.dim, {.variance = 1.0 / content_.dim});
    splitmix64 g(seed_);
    for (std::uint64_t pass = 0; pass < passes; ++pass)
      learn_once(prior, minds, g);
    return with(prior.current());
  }
  /// A prior from the population's true q: what no live system knows.
  [[nodiscard]] std::shared_ptr<const user_config> told() const {
    const std::size_t d = content_.dim;
    std::vector<double> sums(moments_size(d));
    for (auto who : population_) {
      const auto v = q(who);
      for (std::size_t i = 0, at = d; i < d; ++i) {
        sums[i] += v[i];
        for (std::size_t j = i; j < d; ++j, ++at)
          sums[at] += double{v[i]} * v[j];
      }
    }
    population_prior prior(content_.dim, {.variance = 1.0 / content_.dim});
    (void)prior.learn(sums, population_.size(), population_.size());
    return with(prior.current());
  }

  /// `stated`: one of the things that they have chosen is what they say they are interested in; or nothing.
  /// `confidence`: as in a host's interest.
  [[nodiscard]] outcome meet(const std::shared_ptr<const user_config>& config, std::uint32_t who, bool stated,
                             double confidence = 0.5) const {
    user_mind m(config, user_id{who});
    m.see(period_);
    if (stated) {
      const auto& chosen = content_.choosers[who].chosen;
      const auto item = chosen[generator(seed_, stream::data, who, 0)() % chosen.size()];
      (void)m.take_interest(subspace_id{0}, content_.embedding(item), confidence);
    }
    return play(m, who, early);
  }

  /// The first slate that `score` would show: does it hit?
  template <class Score>
  [[nodiscard]] std::vector<std::uint32_t> best_items(Score score) const {
    std::vector<std::uint32_t> items(content_.items.size());
    std::iota(items.begin(), items.end(), 0u);
    std::ranges::stable_sort(items, std::greater{}, score);
    items.resize(slots);
    return items;
  }
  [[nodiscard]] bool hits(std::span<const std::uint32_t> slate, std::uint32_t who) const {
    const auto& held_out = content_.choosers[who].held_out;
    return std::ranges::any_of(slate, [&](auto i) { return std::ranges::binary_search(held_out, i); });
  }
  /// What the population has chosen most.
  [[nodiscard]] std::vector<std::uint32_t> popular() const {
    std::vector<std::uint32_t> counts(content_.items.size());
    for (auto who : population_)
      for (auto item : content_.choosers[who].chosen)
        ++counts[item];
    return best_items([&](auto i) { return counts[i]; });
  }
  /// One slate for everyone, chosen knowing the newcomers' held-out choices: greedy cover of them. (1 − 1/e of the best.)
  [[nodiscard]] std::vector<std::uint32_t> best_constant() const {
    std::vector<std::uint32_t> slate, uncovered = newcomers_;
    while (slate.size() < slots) {
      std::vector<std::uint32_t> counts(content_.items.size());
      for (auto who : uncovered)
        for (auto item : content_.choosers[who].held_out)
          ++counts[item];
      slate.push_back(best_items([&](auto i) { return counts[i]; }).front());
      std::erase_if(uncovered, [&](auto who) { return hits(std::span(slate).last(1), who); });
    }
    return slate;
  }
  [[nodiscard]] std::vector<std::uint32_t> best_for(std::uint32_t who) const {
    const auto v = q(who);
    return best_items([&](auto i) { return period_->dot(i, v); });
  }

private:
  [[nodiscard]] std::shared_ptr<const user_config> with(const gaussian_prior& prior) const {
    auto config = config_;
    config.prior = std::make_shared<const std::vector<ridge_posterior<float>>>(std::vector{*belief_from(prior, noise)});
    return std::make_shared<const user_config>(std::move(config));
  }

  void learn_once(population_prior& prior, const std::vector<user_mind>& minds, splitmix64& g) const {
    const auto rings = draw_rings(minds.size(), cohort, minds.size(), g);
    std::vector<double> sums(moments_size(content_.dim));
    for (std::size_t first = 0; first < rings.size(); first += cohort) {
      std::vector<std::uint64_t> mask(sums.size());
      std::ranges::generate(mask, std::ref(g));
      auto sum = mask;
      for (std::size_t i = first; i < first + cohort; ++i)
        (void)add_summand(sum, minds[rings[i]].moments(std::span(&prior.current(), 1)));
      std::ranges::transform(sums, unmasked(sum, mask), sums.begin(), std::plus{});
    }
    (void)prior.learn(sums, rings.size(), minds.size());
  }

  outcome play(user_mind& m, std::uint32_t who, std::uint64_t rounds) const {
    const auto v = q(who);
    std::vector<scored> best(slots);
    best.resize(top_n(*period_, v, slots, best));
    double most = 0;
    for (const scored& s : best)
      most += s.score;
    outcome out;
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const auto p = m.propose(occasion::round, 0, slots);
      auto g = generator(seed_, stream::noise, who, round);
      reward r{p->user, p->round, {}};
      out.regret += most;
      for (const candidate& c : p->candidates) {
        const float value = period_->dot(row_of(c.creation), v);
        float z[1];
        standard_normal(g, z);
        r.entries.push_back({c.creation, value + static_cast<float>(noise) * z[0]});
        out.regret -= value;
        const std::uint32_t item = row_of(c.creation);
        if (round == 0 && hits(std::span(&item, 1), who))
          out.hit = 1;
      }
      (void)m.learn(r);
    }
    return out;
  }

  content content_;
  std::uint64_t seed_;
  std::shared_ptr<const catalogue_version> period_;
  user_config config_;
  std::shared_ptr<const user_config> flat_;
  std::vector<std::uint32_t> population_, newcomers_;
};

} // namespace cold_start
