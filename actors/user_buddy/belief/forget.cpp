#include "actors/user_buddy/belief/forget.hpp"

#include <boost/container/small_vector.hpp>

#include <cassert>
#include <cmath>

namespace ammo {

template <class Real>
void forget(ridge_posterior<Real>& p, Real gamma, Real lambda) {
  assert(gamma > 0 && gamma <= 1);
  p.discount(gamma);
  const Real missing = std::sqrt((1 - gamma) * lambda);
  boost::container::small_vector<Real, 64> unit(p.dim(), Real(0));
  const Real nothing = 0;
  for (Real& coordinate : unit) {
    coordinate = missing;
    [[maybe_unused]] const bool finite = p.observe({unit.data(), unit.size()}, {&nothing, 1});
    coordinate = 0;
  }
}

template void forget(ridge_posterior<float>&, float, float);
template void forget(ridge_posterior<double>&, double, double);

} // namespace ammo
