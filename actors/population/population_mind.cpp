#include "actors/population/population_mind.hpp"

#include "actors/base/random.hpp"
#include "actors/base/saved.hpp"
#include "actors/protocol/state/population_state.hpp"
#include "actors/user_buddy/ring_sum.hpp"

#include <algorithm>
#include <cassert>
#include <functional>
#include <utility>

namespace ammo {

population_mind::population_mind(population_mind_config config) : config_(std::move(config)) {
  std::size_t size = 0;
  for (const auto& [dim, strength] : config_.factors) {
    priors_.emplace_back(dim, strength);
    size += moments_size(dim);
  }
  sums_.resize(size);
}

std::vector<std::size_t> population_mind::begin(std::size_t members) {
  auto g = generator(config_.seed, stream::population, 0, ++pass_);
  auto order = draw_rings(members, config_.cohort, config_.rings, g);
  if (!order.empty()) {
    people_ = 0;
    std::ranges::fill(sums_, 0.0);
  }
  return order;
}

void population_mind::take(std::span<const double> sums) {
  assert(sums.size() == sums_.size());
  std::ranges::transform(sums_, sums, sums_.begin(), std::plus{});
  people_ += config_.cohort;
}

std::uint64_t population_mind::close(std::size_t members) {
  if (people_ == 0)
    return 0;
  std::uint64_t senseless = 0;
  std::span<const double> rest = sums_;
  const std::uint64_t all = std::max<std::uint64_t>(people_, members);
  for (auto& p : priors_) {
    const auto size = moments_size(p.current().mean.size());
    senseless += !p.learn(rest.first(size), people_, all);
    rest = rest.subspan(size);
  }
  return senseless;
}

std::vector<gaussian_prior> population_mind::current() const {
  std::vector<gaussian_prior> out;
  for (const auto& p : priors_)
    out.push_back(p.current());
  return out;
}

population_mind_state population_mind::save() const {
  population_mind_state out{pass_, {}, sums_, people_};
  for (const auto& p : priors_)
    out.priors.push_back(p.save());
  return out;
}

result<population_mind> population_mind::restore(population_mind_config config, const population_mind_state& s) {
  population_mind out(std::move(config));
  if (s.priors.size() != out.priors_.size() || s.sums.size() != out.sums_.size())
    return bad_state("a Population of another layout");
  for (std::size_t i = 0; i < s.priors.size(); ++i) {
    auto prior = population_prior::restore(out.config_.factors[i].dim, out.config_.factors[i].strength, s.priors[i]);
    if (!prior)
      return prior.error();
    out.priors_[i] = *std::move(prior);
  }
  out.pass_ = s.pass;
  out.sums_ = s.sums;
  out.people_ = s.people;
  return out;
}

} // namespace ammo
