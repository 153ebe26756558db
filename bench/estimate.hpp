/// A mean over seeds, and how sure it is.
#pragma once

#include <boost/math/distributions/students_t.hpp>

#include <cmath>
#include <numeric>
#include <vector>

namespace ammo::bench {

/// A mean and half of its 95 % interval (Student's t).
struct estimate {
  double mean = 0, half = 0;
};

/// Half is infinite for fewer than two numbers.
[[nodiscard]] inline estimate estimate_of(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  if (x.size() < 2)
    return {mean, INFINITY};
  double squares = 0;
  for (double v : x)
    squares += (v - mean) * (v - mean);
  const double t = boost::math::quantile(boost::math::students_t(n - 1), 0.975);
  return {mean, t * std::sqrt(squares / (n - 1) / n)};
}

/// Of the differences to another's numbers, seed by seed. As many of both.
[[nodiscard]] inline estimate paired(std::vector<double> x, const std::vector<double>& other) {
  for (std::size_t i = 0; i < x.size(); ++i)
    x[i] -= other[i];
  return estimate_of(x);
}

} // namespace ammo::bench
