#include "actors/user_buddy/belief/likelihood.hpp"

#include "actors/base/named.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace ammo {
namespace {

constexpr std::array<std::string_view, 3> names{"linear", "logistic", "choice"};
constexpr int newton_steps = 30;
constexpr double settled = 1e-10;
/// Added to the curvature's diagonal, so that its factor can be divided by.
constexpr double least_curvature = 1e-9;

using vector = std::vector<double>;

/// ln(1 + e^x).
double softplus(double x) noexcept { return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x))); }

/// A square matrix by rows.
struct square {
  explicit square(std::size_t size) : n(size), at(size * size) {}
  double& operator()(std::size_t i, std::size_t j) noexcept { return at[i * n + j]; }
  double operator()(std::size_t i, std::size_t j) const noexcept { return at[i * n + j]; }
  std::size_t n;
  vector at;
};

/// ln p(rewards | u), with its gradient and its negative Hessian.
struct likelihood {
  user_belief_model model;
  const response_scale& scale;
  std::span<const float> rewards;
  double elsewhere;

  [[nodiscard]] double log_at(const vector& u) const {
    double sum = 0;
    if (model == user_belief_model::logistic) {
      for (std::size_t i = 0; i < u.size(); ++i) {
        const double x = (u[i] - scale.threshold) / scale.temperature, r = share(i);
        sum -= r * softplus(-x) + (1 - r) * softplus(x);
      }
      return sum;
    }
    const auto chosen = choice();
    const double most = highest(u);
    return (chosen < u.size() ? u[chosen] : scale.threshold) / scale.temperature - most - std::log(all(u, most));
  }

  void slope(const vector& u, vector& gradient, square& curvature) const {
    const double t = scale.temperature;
    std::ranges::fill(curvature.at, 0.0);
    if (model == user_belief_model::logistic) {
      for (std::size_t i = 0; i < u.size(); ++i) {
        const double p = 1 / (1 + std::exp(-(u[i] - scale.threshold) / t));
        gradient[i] = (share(i) - p) / t;
        curvature(i, i) = p * (1 - p) / (t * t);
      }
      return;
    }
    const auto chosen = choice();
    const double most = highest(u), sum = all(u, most);
    vector p(u.size());
    for (std::size_t i = 0; i < u.size(); ++i)
      p[i] = std::exp(u[i] / t - most) / sum;
    for (std::size_t i = 0; i < u.size(); ++i) {
      gradient[i] = ((i == chosen) - p[i]) / t;
      for (std::size_t j = 0; j < u.size(); ++j)
        curvature(i, j) = ((i == j) * p[i] - p[i] * p[j]) / (t * t);
    }
  }

private:
  [[nodiscard]] double share(std::size_t i) const noexcept { return std::clamp(double{rewards[i]}, 0.0, 1.0); }
  /// Which was chosen; rewards.size() for none of them.
  [[nodiscard]] std::size_t choice() const noexcept {
    const auto most = std::ranges::max_element(rewards);
    return most != rewards.end() && *most > 0.5f ? static_cast<std::size_t>(most - rewards.begin()) : rewards.size();
  }
  [[nodiscard]] double highest(const vector& u) const noexcept {
    double most = std::max(scale.threshold / scale.temperature, elsewhere > 0 ? std::log(elsewhere) : -1e300);
    for (double x : u)
      most = std::max(most, x / scale.temperature);
    return most;
  }
  /// Σ exp(· − most) over the slate, none, and what is elsewhere.
  [[nodiscard]] double all(const vector& u, double most) const noexcept {
    double sum = std::exp(scale.threshold / scale.temperature - most) + elsewhere * std::exp(-most);
    for (double x : u)
      sum += std::exp(x / scale.temperature - most);
    return sum;
  }
};

/// x with Mx = b by elimination with pivots; M and b are used up.
vector solved(square m, vector b) {
  const std::size_t n = m.n;
  for (std::size_t k = 0; k < n; ++k) {
    std::size_t pivot = k;
    for (std::size_t i = k + 1; i < n; ++i)
      if (std::abs(m(i, k)) > std::abs(m(pivot, k)))
        pivot = i;
    for (std::size_t j = 0; j < n; ++j)
      std::swap(m(k, j), m(pivot, j));
    std::swap(b[k], b[pivot]);
    for (std::size_t i = k + 1; i < n; ++i) {
      const double f = m(i, k) / m(k, k);
      for (std::size_t j = k; j < n; ++j)
        m(i, j) -= f * m(k, j);
      b[i] -= f * b[k];
    }
  }
  for (std::size_t k = n; k-- > 0;) {
    for (std::size_t j = k + 1; j < n; ++j)
      b[k] -= m(k, j) * b[j];
    b[k] /= m(k, k);
  }
  return b;
}

/// Lower triangular B with BBᵀ = M + least_curvature·I.
square factored(const square& m) {
  square b(m.n);
  for (std::size_t i = 0; i < m.n; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double rest = m(i, j) + (i == j ? least_curvature : 0);
      for (std::size_t k = 0; k < j; ++k)
        rest -= b(i, k) * b(j, k);
      b(i, j) = i == j ? std::sqrt(std::max(rest, least_curvature)) : rest / b(j, j);
    }
  return b;
}

/// σ²EA⁻¹Eᵀ.
square covariance_of(const ridge_posterior<float>& p, std::span<const float> e, double noise) {
  const std::size_t d = p.dim(), k = e.size() / d;
  std::vector<double> w(e.begin(), e.end()); // R⁻ᵀe, row by row
  for (std::size_t i = 0; i < k; ++i)
    p.whiten(std::span(w).subspan(i * d, d));
  square v(k);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t c = 0; c < d; ++c)
        sum += w[i * d + c] * w[j * d + c];
      v(i, j) = v(j, i) = noise * noise * sum;
    }
  return v;
}

vector plus(const vector& u0, const square& v, const vector& a) {
  vector u = u0;
  for (std::size_t i = 0; i < v.n; ++i)
    for (std::size_t j = 0; j < v.n; ++j)
      u[i] += v(i, j) * a[j];
  return u;
}

/// The mode of −½(u − u₀)ᵀV⁻¹(u − u₀) + ℓ(u), as u = u₀ + Va.
vector mode_of(const likelihood& l, const vector& u0, const square& v) {
  const std::size_t k = u0.size();
  vector a(k), gradient(k);
  square curvature(k);
  const auto objective = [&](const vector& at, const vector& u) { // to be lowered
    double quadratic = 0;
    for (std::size_t i = 0; i < k; ++i)
      quadratic += at[i] * (u[i] - u0[i]);
    return quadratic / 2 - l.log_at(u);
  };
  vector u = u0;
  double now = objective(a, u);
  for (int step = 0; step < newton_steps; ++step) {
    l.slope(u, gradient, curvature);
    square jacobian(k); // I + HV
    vector to(k);
    double far = 0;
    for (std::size_t i = 0; i < k; ++i) {
      for (std::size_t j = 0; j < k; ++j) {
        double sum = i == j;
        for (std::size_t c = 0; c < k; ++c)
          sum += curvature(i, c) * v(c, j);
        jacobian(i, j) = sum;
      }
      to[i] = gradient[i] - a[i];
      far = std::max(far, std::abs(to[i]));
    }
    if (far < settled)
      break;
    to = solved(std::move(jacobian), std::move(to));
    bool lower = false;
    for (double length = 1; length > 1e-6 && !lower; length /= 2) {
      vector there = a;
      for (std::size_t i = 0; i < k; ++i)
        there[i] += length * to[i];
      vector u_there = plus(u0, v, there);
      if (const double value = objective(there, u_there); value < now) {
        lower = true;
        now = value;
        a = std::move(there);
        u = std::move(u_there);
      }
    }
    if (!lower)
      break;
  }
  return u;
}

} // namespace

std::string_view name_of(user_belief_model m) noexcept { return name_in(names, m); }

result<user_belief_model> user_belief_model_named(std::string_view name) {
  return named_in<user_belief_model>(names, "belief", name);
}

bool learn_responses(user_belief_model model, const response_scale& scale, double noise, const round_of_responses& round,
                     ridge_posterior<float>& posterior) {
  const std::size_t d = posterior.dim(), k = round.rewards.size();
  if (!ridge_posterior<float>::acceptable(round.e) || !ridge_posterior<float>::acceptable(round.rewards))
    return false;
  if (k == 0)
    return true;
  std::vector<float> mean(d);
  posterior.mean(mean);
  vector u0(k);
  for (std::size_t i = 0; i < k; ++i)
    for (std::size_t c = 0; c < d; ++c)
      u0[i] += double{round.e[i * d + c]} * mean[c];
  const likelihood l{model, scale, round.rewards, round.elsewhere};
  const vector u = mode_of(l, u0, covariance_of(posterior, round.e, noise));

  vector gradient(k);
  square curvature(k);
  l.slope(u, gradient, curvature);
  const square b = factored(curvature);
  // ℓ(q) ≈ −½ |Bᵀ(Eq − u) − B⁻¹g|²: k observations of q with unit noise, and σ times that with the posterior's.
  vector surplus = gradient; // B⁻¹g
  for (std::size_t i = 0; i < k; ++i) {
    for (std::size_t j = 0; j < i; ++j)
      surplus[i] -= b(i, j) * surplus[j];
    surplus[i] /= b(i, i);
  }
  std::vector<float> rows(k * d), values(k);
  for (std::size_t j = 0; j < k; ++j) {
    double value = surplus[j];
    for (std::size_t i = j; i < k; ++i) {
      value += b(i, j) * u[i];
      for (std::size_t c = 0; c < d; ++c)
        rows[j * d + c] += static_cast<float>(noise * b(i, j) * round.e[i * d + c]);
    }
    values[j] = static_cast<float>(noise * value);
  }
  return posterior.observe(rows, values);
}

} // namespace ammo
