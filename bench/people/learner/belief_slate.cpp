#include "bench/people/learner/belief_slate.hpp"

#include "actors/base/gaussian.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ammo {

namespace {

constexpr std::uint32_t newcomer = 32;
constexpr double tie = 1e-5;

/// Values of `lanes` creations side by side; `x` has the intercept's ones before them. How high the intercept is matters to
/// none, but how much of a creation's value is known does: only both together tell that.
template <class Offer>
void value(const root_posterior& p, std::span<const float> x, float sign, float scale, Offer offer) {
  std::array<float, lanes> means, widths;
  p.confidence(x, 0, means, widths);
  for (std::size_t i = 0; i < lanes; ++i)
    offer(i, sign * means[i] + scale * widths[i]);
}

} // namespace

slate_choice choose_slate(const person_belief& person, std::uint32_t situation, const catalogue_version& c, std::size_t n,
                          double optimism, splitmix64& g) {
  const strand& s = person.believed(situation);
  const auto sign = static_cast<float>(person.sign());
  const double sigma = s.noise();
  const auto scale = static_cast<float>(optimism * sigma);
  const double jitter = tie * std::max(optimism * sigma, 1e-9);
  const std::size_t width = c.coordinates().width;
  std::vector<float> x((width + 1) * lanes, 1.0f);
  std::vector<scored> valued;
  const auto offer = [&](creation_id id, float v) {
    valued.push_back({id, v + static_cast<float>(jitter * uniform01(g))});
  };
  if (s.rounds < newcomer) {
    valued.reserve(c.rows());
    for (const auto& p : c.panels())
      for (std::size_t row = 0; row < panel_rows; row += lanes) {
        std::copy_n(p->values() + row * width, lanes * width, x.begin() + lanes);
        value(s.belief, x, sign, scale, [&](std::size_t i, float v) {
          if (p->info[row + i].id != no_creation)
            offer(p->info[row + i].id, v);
        });
      }
  } else {
    std::vector<float> q(s.dim());
    standard_normal(g, q);
    s.belief.sample(q, static_cast<float>(sigma), q);
    for (float& v : q)
      v *= sign;
    std::vector<scored> list((3 * n + lanes - 1) / lanes * lanes);
    list.resize(top_n(c, std::span<const float>(q).subspan(1), list.size(), list));
    std::vector<float> e(width);
    for (std::size_t first = 0; first < list.size(); first += lanes) {
      const std::size_t some = std::min<std::size_t>(lanes, list.size() - first);
      for (std::size_t i = 0; i < some; ++i) {
        c.embedding(row_of(list[first + i].creation), e);
        for (std::size_t k = 0; k < width; ++k)
          x[(k + 1) * lanes + i] = e[k];
      }
      value(s.belief, x, sign, scale, [&](std::size_t i, float v) {
        if (i < some)
          offer(list[first + i].creation, v);
      });
    }
  }
  const std::size_t shown = std::min(n, valued.size());
  std::ranges::partial_sort(valued, valued.begin() + static_cast<std::ptrdiff_t>(shown), std::ranges::greater{}, &scored::score);
  valued.resize(shown);
  slate_choice chosen{std::move(valued), false};
  chosen.shuffled = !person.looks_matter() || uniform01(g) < 1.0 / 16;
  if (chosen.shuffled)
    for (std::size_t i = chosen.creations.size(); i > 1; --i)
      std::swap(chosen.creations[i - 1], chosen.creations[static_cast<std::size_t>(uniform01(g) * static_cast<double>(i))]);
  return chosen;
}

} // namespace ammo
