#include "actors/user_buddy/belief/posterior.hpp"

#include <Eigen/Dense>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace {

template <class Real>
using vector = Eigen::Matrix<Real, Eigen::Dynamic, 1>;
template <class Real>
using rows = Eigen::Matrix<Real, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// m random observations of norm about 1, and their rewards.
template <class Real>
struct observations {
  rows<Real> e;
  vector<Real> r;

  observations(std::size_t m, std::size_t d, unsigned seed) : e(m, d), r(m) {
    std::mt19937 g(seed);
    std::normal_distribution<double> normal;
    for (auto& x : e.reshaped())
      x = static_cast<Real>(normal(g) / std::sqrt(static_cast<double>(d)));
    for (auto& x : r)
      x = static_cast<Real>(normal(g));
  }
};

template <class Real>
std::span<const Real> span_of(const rows<Real>& m) { return {m.data(), static_cast<std::size_t>(m.size())}; }
template <class Real>
std::span<const Real> span_of(const vector<Real>& v) { return {v.data(), static_cast<std::size_t>(v.size())}; }

template <class Real>
vector<Real> mean_of(const ammo::ridge_posterior<Real>& p) {
  vector<Real> m(p.dim());
  p.mean({m.data(), p.dim()});
  return m;
}

/// Everything that the posterior can be asked, bit for bit: the mean, and R⁻¹ column by column.
template <class Real>
std::vector<Real> fingerprint(const ammo::ridge_posterior<Real>& p) {
  const std::size_t d = p.dim();
  std::vector<Real> all(d * (d + 1)), unit(d);
  p.mean(std::span(all).first(d));
  for (std::size_t k = 0; k < d; ++k) {
    std::fill(unit.begin(), unit.end(), Real(0));
    unit[k] = 1;
    p.sample(unit, 1, std::span(all).subspan((k + 1) * d, d));
  }
  return all;
}

} // namespace

TEMPLATE_TEST_CASE("mean and width are those of a dense ridge regression", "[posterior]", float, double) {
  const double tolerance = std::is_same_v<TestType, float> ? 2e-4 : 1e-10;
  const auto d = GENERATE(1u, 2u, 5u, 16u, 17u, 31u, 32u, 96u, 130u);
  const auto m = GENERATE(1u, 3u, 5u, 8u, 21u);
  const TestType lambda = TestType(0.7);
  const observations<TestType> data(m, d, d * 100 + m);
  ammo::ridge_posterior<TestType> p(d, lambda);
  REQUIRE(p.observe(span_of(data.e), span_of(data.r)));

  const Eigen::MatrixXd e = data.e.template cast<double>();
  const Eigen::MatrixXd a = double{lambda} * Eigen::MatrixXd::Identity(d, d) + e.transpose() * e;
  const Eigen::LLT<Eigen::MatrixXd> llt(a);
  const Eigen::VectorXd expected = llt.solve(e.transpose() * data.r.template cast<double>());
  CHECK((mean_of(p).template cast<double>() - expected).cwiseAbs().maxCoeff() < tolerance);
  const observations<TestType> probe(1, d, 7);
  const Eigen::VectorXd x = probe.e.row(0).template cast<double>();
  CHECK(p.width(span_of(probe.e)) == Approx(std::sqrt(x.dot(llt.solve(x)))).epsilon(tolerance));
}

TEMPLATE_TEST_CASE("a slate at once is the same as one observation after the other", "[posterior]", float, double) {
  const std::size_t d = 33, m = 13;
  const observations<TestType> data(m, d, 5);
  ammo::ridge_posterior<TestType> at_once(d, 1), one_by_one(d, 1);
  REQUIRE(at_once.observe(span_of(data.e), span_of(data.r)));
  for (std::size_t i = 0; i < m; ++i)
    REQUIRE(one_by_one.observe(span_of(data.e).subspan(i * d, d), span_of(data.r).subspan(i, 1)));
  const auto a = fingerprint(at_once), b = fingerprint(one_by_one);
  for (std::size_t i = 0; i < a.size(); ++i)
    CHECK(a[i] == Approx(b[i]).margin(std::is_same_v<TestType, float> ? 1e-5 : 1e-13));
}

TEST_CASE("samples have the posterior's mean and covariance", "[posterior]") {
  const std::uint32_t d = 6, draws = 40'000;
  const double scale = 0.3;
  const observations<float> data(9, d, 3);
  ammo::ridge_posterior<float> p(d, 0.5f);
  REQUIRE(p.observe(span_of(data.e), span_of(data.r)));
  std::mt19937 g(1);
  std::normal_distribution<float> normal;
  Eigen::MatrixXd covariance = Eigen::MatrixXd::Zero(d, d);
  Eigen::VectorXd mean = Eigen::VectorXd::Zero(d);
  vector<float> z(d);
  for (std::uint32_t i = 0; i < draws; ++i) {
    for (auto& x : z)
      x = normal(g);
    p.sample({z.data(), d}, static_cast<float>(scale), {z.data(), d});
    const Eigen::VectorXd off = (z - mean_of(p)).cast<double>();
    mean += off / draws;
    covariance += off * off.transpose() / draws;
  }
  const Eigen::MatrixXd e = data.e.cast<double>();
  const Eigen::MatrixXd a = 0.5 * Eigen::MatrixXd::Identity(d, d) + e.transpose() * e;
  const Eigen::MatrixXd expected = scale * scale * a.inverse();
  CHECK(mean.cwiseAbs().maxCoeff() < 0.01);
  CHECK((covariance - expected).cwiseAbs().maxCoeff() < 0.03 * expected.cwiseAbs().maxCoeff());
}

TEST_CASE("float32 stays with float64 over 100,000 observations", "[posterior]") {
  const std::uint32_t d = 32, m = 5;
  ammo::ridge_posterior<float> single(d, 1);
  ammo::ridge_posterior<double> precise(d, 1);
  for (unsigned slate = 0; slate < 20'000; ++slate) {
    const observations<float> data(m, d, slate);
    const rows<double> e = data.e.cast<double>();
    const vector<double> r = data.r.cast<double>();
    REQUIRE(single.observe(span_of(data.e), span_of(data.r)));
    REQUIRE(precise.observe(span_of(e), span_of(r)));
  }
  const observations<float> probe(1, d, 1);
  const rows<double> x = probe.e.cast<double>();
  const double width = precise.width(span_of(x));
  CHECK(single.width(span_of(probe.e)) == Approx(width).epsilon(1e-3));
  CHECK((mean_of(single).cast<double>() - mean_of(precise)).cwiseAbs().maxCoeff() < 0.05 * width);
}

TEMPLATE_TEST_CASE("what isn't finite or is absurdly large is refused, and no bit changes", "[posterior]", float,
                   double) {
  const std::size_t d = 19, m = 11;
  observations<TestType> data(m, d, 2);
  ammo::ridge_posterior<TestType> p(d, 1);
  REQUIRE(p.observe(span_of(data.e), span_of(data.r)));
  const auto before = fingerprint(p);
  const auto bad = GENERATE(std::numeric_limits<TestType>::quiet_NaN(), std::numeric_limits<TestType>::infinity(),
                            -std::numeric_limits<TestType>::infinity(), TestType(1e30));
  auto broken = data;
  SECTION("in the last coordinate") { broken.e(m - 1, d - 1) = bad; }
  SECTION("in the first coordinate") { broken.e(0, 0) = bad; }
  SECTION("in a reward") { broken.r(m - 1) = bad; }
  CHECK_FALSE(p.observe(span_of(broken.e), span_of(broken.r)));
  CHECK(fingerprint(p) == before);
}

TEST_CASE("the largest acceptable values keep the posterior finite", "[posterior]") {
  const std::uint32_t d = 20;
  ammo::ridge_posterior<float> p(d, 1e-9f);
  const rows<float> e = rows<float>::Constant(8, d, 1e9f);
  const vector<float> r = vector<float>::Constant(8, -1e9f);
  for (int i = 0; i < 100; ++i)
    REQUIRE(p.observe(span_of(e), span_of(r)));
  const auto all = fingerprint(p);
  CHECK(std::all_of(all.begin(), all.end(), [](float v) { return std::isfinite(v); }));
}

TEST_CASE("discounting weighs the past and the prior down", "[posterior]") {
  const std::uint32_t d = 12;
  const double gamma = 0.9;
  const observations<double> past(7, d, 1), now(4, d, 2);
  ammo::ridge_posterior<double> p(d, 2);
  REQUIRE(p.observe(span_of(past.e), span_of(past.r)));
  p.discount(gamma);
  REQUIRE(p.observe(span_of(now.e), span_of(now.r)));
  const Eigen::MatrixXd a = gamma * (2 * Eigen::MatrixXd::Identity(d, d) + past.e.transpose() * past.e) +
                            now.e.transpose() * now.e;
  const Eigen::VectorXd b = gamma * past.e.transpose() * past.r + now.e.transpose() * now.r;
  CHECK((mean_of(p) - a.llt().solve(b)).cwiseAbs().maxCoeff() < 1e-12);
}

TEST_CASE("a posterior that forgets for ever can still learn", "[posterior]") {
  const std::uint32_t d = 8;
  const observations<float> data(5, d, 1);
  ammo::ridge_posterior<float> p(d, 1);
  for (int i = 0; i < 5'000; ++i)
    p.discount(0.9f);
  REQUIRE(p.observe(span_of(data.e), span_of(data.r)));
  const auto all = fingerprint(p);
  CHECK(std::all_of(all.begin(), all.end(), [](float v) { return std::isfinite(v); }));
  CHECK((data.e * mean_of(p) - data.r).cwiseAbs().maxCoeff() < 1e-3f);
}

TEST_CASE("a copy is a posterior of its own", "[posterior]") {
  const std::uint32_t d = 9;
  const observations<float> data(3, d, 1);
  ammo::ridge_posterior<float> p(d, 1);
  const ammo::ridge_posterior<float> copy(p);
  const auto before = fingerprint(copy);
  REQUIRE(p.observe(span_of(data.e), span_of(data.r)));
  CHECK(fingerprint(copy) == before);
  CHECK(fingerprint(p) != before);
}
