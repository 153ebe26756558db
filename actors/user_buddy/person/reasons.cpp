// Where a person_belief has from what it expects of a creation.
#include "actors/user_buddy/person/person_belief.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

namespace ammo {
namespace {

/// What was learned of one creation.
struct told_of {
  std::uint64_t rewards = 0;
  double sum = 0, part = 0;
};

} // namespace

double person_belief::expected(double value) const noexcept {
  const double unit = std::ldexp(1.0, scale_.exponent);
  switch (scale_.kind) {
  case reward_kind::linear: return unit * (scale_.zero + value);
  case reward_kind::heavy: return unit * std::expm1(std::min(value, 60.0));
  case reward_kind::two_valued: break;
  }
  const double low = std::min(counts_.first, counts_.second), high = std::max(counts_.first, counts_.second);
  return counts_.different < 2 ? counts_.first : low + (high - low) / (1 + std::exp(-sign() * value));
}

belief_reasons person_belief::reasons(std::uint32_t situation, std::span<const float> e, const creation_lookup& where) const {
  const strand& s = believed(situation);
  const std::size_t d = dim();
  std::vector<float> theta(d), x(d, 1.0f);
  s.belief.mean(theta);
  std::ranges::copy(e, x.begin() + 1);

  // The rewards that the strand has learned from, and the mean place of what they are of.
  std::vector<std::pair<const learned_round*, observations>> learned;
  std::vector<double> centre(d, 0.0);
  double rewards = 0;
  std::uint32_t left = s.rounds; // what came before them was let go, as the person's taste changed
  const bool alone = splits() && now_->separate.contains(situation);
  for (auto r = rounds_.rbegin(); r != rounds_.rend() && left > 0; ++r) {
    if (!r->has_rewards() || (alone && r->situation != situation))
      continue;
    --left;
    const auto& o = learned.emplace_back(&*r, observe(r->outcomes, where)).second;
    rewards += static_cast<double>(o.size());
    for (std::size_t at = 0; at < o.x.size(); ++at)
      centre[at % d] += o.x[at];
  }
  for (double& c : centre)
    c = rewards > 0 ? c / rewards : 0;
  centre[0] = 1;

  const double value = std::inner_product(x.begin(), x.end(), theta.begin(), 0.0);
  const double usual = std::inner_product(centre.begin(), centre.end(), theta.begin(), 0.0);
  const double half = two_sided_95 * s.noise() * s.belief.width(x);
  belief_reasons out{.expected = expected(value), .low = expected(value - half), .high = expected(value + half), .usual = expected(usual), .rewards = counts_.rewards};
  if (out.low > out.high)
    std::swap(out.low, out.high);

  for (std::size_t k = 0; k < d; ++k) // how it differs from what is usual: the intercept makes no difference
    x[k] -= static_cast<float>(centre[k]);
  const std::vector<double> pull = s.belief.pull(x);
  std::map<creation_id, told_of> by_creation;
  for (const auto& [round, o] : learned) {
    const auto parts = s.parts(pull, o, usual);
    auto part = parts.begin();
    for (const outcome& seen : round->outcomes)
      if (seen.than == no_creation) {
        auto& told = by_creation[seen.creation];
        ++told.rewards;
        told.sum += seen.reward;
        told.part += *part++;
      }
  }

  // A value of a strand as reward: in a straight line from what is usual to what is expected, so that the parts add up.
  constexpr double near = 1e-4;
  const double apart = value - usual;
  const double worth = std::abs(apart) > near ? (out.expected - out.usual) / apart : (expected(usual + near) - expected(usual - near)) / (2 * near);
  out.from_group = worth * s.part_of_centre(pull);
  for (const auto& [creation, told] : by_creation) {
    out.largest.push_back({.creation = creation, .goal = {}, .item = {}, .rewards = told.rewards, .mean = told.sum / static_cast<double>(told.rewards), .contribution = worth * told.part});
    out.from_rewards += out.largest.back().contribution;
  }
  std::ranges::stable_sort(out.largest, std::greater{}, [](const reason& r) { return std::abs(r.contribution); });
  return out;
}

} // namespace ammo
