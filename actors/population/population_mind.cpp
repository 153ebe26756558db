#include "actors/population/population_mind.hpp"

#include "actors/base/random.hpp"
#include "actors/base/saved.hpp"
#include "actors/protocol/state/population_state.hpp"
#include "actors/user_buddy/ring_sum.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace ammo {

namespace {

/// Those of a factor.
std::span<const std::uint64_t, pooled_numbers> numbers_of(std::size_t factor, std::span<const std::uint64_t> all) {
  return all.subspan(factor * pooled_numbers).first<pooled_numbers>();
}

} // namespace

population_mind::population_mind(population_mind_config config) : config_(std::move(config)) {
  if (config_.pooled) {
    pooled_.resize(config_.factors.size());
    numbers_ = pooled_.size() * pooled_numbers;
    return;
  }
  for (const auto& [dim, strength] : config_.factors) {
    priors_.emplace_back(dim, strength);
    numbers_ += moments_size(dim);
  }
  sums_.resize(numbers_);
}

void population_mind::join(user_id user) {
  if (places_.try_emplace(user, members_.size()).second)
    members_.push_back(user);
}

void population_mind::leave(user_id user) {
  const auto node = places_.extract(user);
  if (!node)
    return;
  if (const auto place = node.mapped(); place + 1 < members_.size()) {
    members_[place] = members_.back();
    places_[members_[place]] = place;
  }
  members_.pop_back();
}

std::vector<population_mind::first_leg> population_mind::begin(const std::function<std::uint64_t()>& random) {
  auto g = generator(config_.seed, stream::population, 0, pass_ + 1);
  if (config_.in_order) {
    std::ranges::sort(members_);
    for (std::size_t i = 0; i < members_.size(); ++i)
      places_[members_[i]] = i;
  }
  const auto order = draw_rings(members_.size(), config_.cohort, config_.rings, g);
  decltype(masks_) masks;
  std::vector<first_leg> out;
  const auto priors = current();
  const std::size_t k = config_.cohort;
  for (std::size_t first = 0; first < order.size(); first += k) {
    const auto ring = static_cast<std::uint32_t>(first / k);
    auto& mask = masks[ring];
    mask.resize(numbers_);
    std::ranges::generate(mask, random);
    auto& leg = out.emplace_back(first_leg{members_[order[first + k - 1]], {pass_ + 1, ring, priors, mask, {}}});
    for (std::size_t i = first; i + 1 < first + k; ++i)
      leg.sum.next.push_back(members_[order[i]]);
  }
  masks_ = std::move(masks);
  if (out.empty())
    return out; // not a pass: the first one comes soon after enough people have
  ++pass_;
  people_ = 0;
  std::ranges::fill(sums_, 0.0);
  std::ranges::fill(pooled_, pooled_sums{});
  return out;
}

errc population_mind::take(const prior_sum& m) {
  const auto mask = masks_.find(m.ring);
  if (m.pass != pass_ || mask == masks_.end() || m.sums.size() != numbers_)
    return errc::stale_epoch;
  if (config_.pooled)
    for (std::size_t f = 0; f < pooled_.size(); ++f)
      pooled_[f] += taken_from_ring(numbers_of(f, m.sums), numbers_of(f, mask->second));
  else
    std::ranges::transform(sums_, unmasked(m.sums, mask->second), sums_.begin(), std::plus{});
  people_ += config_.cohort;
  masks_.erase(mask);
  return errc::ok;
}

population_mind::ending population_mind::close() {
  ending out{.lost = masks_.size(), .senseless = 0, .news = {}, .people = {}};
  masks_.clear();
  if (people_ == 0)
    return out;
  if (config_.pooled) {
    out.people = people_news{pass_, pooled_};
    return out;
  }
  std::span<const double> rest = sums_;
  const std::uint64_t all = std::max<std::uint64_t>(people_, members_.size());
  for (auto& p : priors_) {
    const auto size = moments_size(p.current().mean.size());
    out.senseless += !p.learn(rest.first(size), people_, all);
    rest = rest.subspan(size);
  }
  out.news = prior_news{pass_, people_, current()};
  return out;
}

std::vector<gaussian_prior> population_mind::current() const {
  std::vector<gaussian_prior> out;
  for (const auto& p : priors_)
    out.push_back(p.current());
  return out;
}

population_mind_state population_mind::save() const {
  population_mind_state out{pass_, {}, sums_, people_, members_, {}, pooled_};
  for (const auto& p : priors_)
    out.priors.push_back(p.save());
  for (const auto& [ring, mask] : masks_)
    out.rings.push_back({ring, mask});
  return out;
}

result<population_mind> population_mind::restore(population_mind_config config, const population_mind_state& s) {
  population_mind out(std::move(config));
  if (s.priors.size() != out.priors_.size() || s.sums.size() != out.sums_.size() || s.pooled.size() != out.pooled_.size())
    return bad_state("a Population of another layout");
  for (std::size_t i = 0; i < s.priors.size(); ++i) {
    auto prior = population_prior::restore(out.config_.factors[i].dim, out.config_.factors[i].strength, s.priors[i]);
    if (!prior)
      return prior.error();
    out.priors_[i] = *std::move(prior);
  }
  out.pass_ = s.pass;
  out.sums_ = s.sums;
  out.pooled_ = s.pooled;
  out.people_ = s.people;
  for (const user_id user : s.members)
    out.join(user);
  if (out.members_.size() != s.members.size() || !ascends(s.rings, &ring_state::ring))
    return bad_state("the members of a Population");
  for (const ring_state& r : s.rings) {
    if (r.mask.size() != out.numbers_)
      return bad_state("a ring of another layout");
    out.masks_.emplace(r.ring, r.mask);
  }
  return out;
}

} // namespace ammo
