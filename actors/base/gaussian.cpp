#include "actors/base/gaussian.hpp"

#include <boost/random/normal_distribution.hpp>

namespace ammo {

void standard_normal(splitmix64& g, std::span<float> out) noexcept {
  boost::random::normal_distribution<double> normal;
  for (float& x : out)
    x = static_cast<float>(normal(g));
}

} // namespace ammo
