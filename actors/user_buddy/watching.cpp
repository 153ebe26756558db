#include "actors/user_buddy/user_mind.hpp"

#include "actors/space/length.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace ammo {
namespace {

/// What a dot product here and the same one among directions may differ by, relative to the vectors' norms.
constexpr float rounding = 1e-5f;

float norm_of(std::span<const float> v) noexcept { return static_cast<float>(length_of(v)); }

} // namespace

std::uint64_t user_mind::seen(subspace_id s) const noexcept {
  const catalogue_version* held = catalogues_.newest(s);
  return held ? held->version() : 0;
}

float user_mind::least(subspace_id s) const {
  return config_->exactly ? std::numeric_limits<float>::lowest()
                          : level_as_value(belief_->level(config_->space.factor_of(s), config_->empty_slot_worth));
}

/// The value that n of these (best first) keep while q moves by `slack`: each loses at most |e|·slack.
float user_mind::held_up(std::span<const scored> slate, std::size_t n, float slack, float least) const {
  if (slate.size() < n)
    return least;
  float longest = 0;
  std::vector<float> e;
  for (const scored& s : slate.first(n)) {
    const catalogue_version& c = *catalogues_.live_in(s.creation);
    e.resize(c.coordinates().width);
    c.embedding(row_of(s.creation), e);
    longest = std::max(longest, norm_of(e));
  }
  return std::max(slate[n - 1].score - longest * slack, least);
}

std::optional<watch> user_mind::watching(std::uint32_t n, float share) const {
  const coordinates q = mean();
  const float norm = norm_of(span_of(q));
  n = std::min(n, max_slots);
  if (norm == 0 || catalogues_.newest().empty() || n == 0)
    return {};
  watch w{.user = user_, .anchor = {{q.begin(), q.end()}}, .slack = share * norm, .thresholds = {}, .versions = {}, .slate = {}};
  const ranking slate = best(span_of(q), n);
  const bool each_its_own = config_->spare_candidates > 0;
  for (std::size_t i = 0; i < config_->space.size(); ++i) {
    const subspace_id at{static_cast<std::uint16_t>(i)};
    ranking rivals;
    std::ranges::copy_if(slate, std::back_inserter(rivals),
                         [&](const scored& s) { return !each_its_own || subspace_of(s.creation) == at; });
    w.thresholds.push_back(held_up(span_of(rivals), n, w.slack, least(at)) - rounding * norm);
    w.versions.push_back(seen(at));
  }
  for (const scored& s : slate)
    w.slate.push_back(s.creation);
  return w;
}

bool user_mind::strayed(const watch& w) const {
  const coordinates q = mean();
  double square = 0;
  for (std::size_t k = 0; k < q.size(); ++k)
    square += (double{q[k]} - w.anchor.values[k]) * (double{q[k]} - w.anchor.values[k]);
  return square > double{w.slack} * w.slack;
}

} // namespace ammo
