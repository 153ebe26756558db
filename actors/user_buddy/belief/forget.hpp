/// Forgetting: what was observed weighs less, the prior does not. Pure.
#pragma once

#include "actors/user_buddy/belief/posterior.hpp"

namespace ammo {

/// Multiplies the weight of what was observed by gamma, and of a prior of precision `lambda` a coordinate not: what it loses
/// is observed again. 0 < gamma ≤ 1 (asserted). O(d³).
template <class Real>
void forget(ridge_posterior<Real>& p, Real gamma, Real lambda);

extern template void forget(ridge_posterior<float>&, float, float);
extern template void forget(ridge_posterior<double>&, double, double);

} // namespace ammo
