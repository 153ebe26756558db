#include "actors/subspace/published_exposures.hpp"

#include "actors/base/random.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {
namespace {

constexpr double engagement_step = 1.0 / 8, merit_step = 1.0 / 32; ///< of an impression's mean

double rounded(double x, double step, double offset) { return std::floor(x / step + offset) * step; }

/// `impressions` times the mean of the sum over `counted` impressions, rounded.
fixed_sum rounded_sum(const fixed_sum& sum, std::uint64_t counted, std::uint64_t impressions, double step, double offset) {
  exact_sum out;
  out.add(rounded(sum_of(sum).value() / static_cast<double>(counted), step, offset) * static_cast<double>(impressions));
  return wire_of(out);
}

} // namespace

std::vector<exposure> published(std::span<const exposure> exact, const rounding& r) {
  if (r.crowd == 0)
    return {exact.begin(), exact.end()};
  const auto grain = std::max<std::uint64_t>(1, r.crowd * r.slates_a_person);
  std::vector<exposure> out;
  for (const exposure& x : exact) {
    if (x.impressions < grain)
      continue;
    auto random = generator(r.seed, stream::data, raw(x.creation), 0);
    const double offset = uniform01(random), of_engagement = uniform01(random), of_merit = uniform01(random);
    const double grains = std::floor(static_cast<double>(x.impressions) / static_cast<double>(grain) + offset);
    const auto impressions = static_cast<std::uint64_t>(grains) * grain;
    out.push_back({x.creation, impressions, rounded_sum(x.engagement, x.impressions, impressions, engagement_step, of_engagement),
                   rounded_sum(x.merit, x.impressions, impressions, merit_step, of_merit)});
  }
  return out;
}

} // namespace ammo
