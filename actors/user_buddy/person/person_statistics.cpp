// What one person adds to the sums over people.
#include "actors/user_buddy/person/person_belief.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {
namespace {

std::int64_t fixed(double v) noexcept { return static_cast<std::int64_t>(std::llround(v / pooled_unit)); }

} // namespace

/// Of a line: how noisy this person's rewards are, and what they alone say of the expected reward of a creation at 0, whatever was
/// believed of it before. Adds nothing where one is beyond what a sum holds.
void person_belief::tell_level(pooled_sums& p, const strand& s) const {
  const double sigma = s.noise(), log_noise = std::log2(sigma);
  const strand::look own = s.own_level();
  const double level = own.mean + scale_.zero / sigma, weight = own.precision / (1 + own.precision);
  if (!(std::abs(log_noise + scale_.exponent) <= most_log_noise) || !(std::abs(level) <= most_level))
    return;
  p.measured = 1;
  p.log_noise = fixed(log_noise) + scale_.exponent * fixed(1); // so that units don't matter, to the bit
  p.log_noise2 = p.log_noise * p.log_noise;
  p.level_weight = fixed(weight);
  p.level = fixed(weight * level);
  p.level2 = fixed(weight * level * level);
}

pooled_sums person_belief::statistics() const {
  pooled_sums p;
  p.people = 1;
  const auto kind = static_cast<std::size_t>(counts_.kind());
  if (counts_.different >= 2 || counts_.rewards >= 64)
    p.votes[kind] = 1;
  if (counts_.different == 2)
    p.second_is_higher = counts_.second > counts_.first ? 1 : -1;
  const strand* most = &now_->shared; // that which speaks for this person
  if (splits())
    for (const auto& [situation, own] : now_->separate)
      if (most == &now_->shared || own.observed > most->observed)
        most = &own;
  const strand& s = *most;
  const auto used = static_cast<std::size_t>(scale_.kind);
  if (s.observed >= 20 && counts_.rewards >= 20) {
    const double l = std::clamp(std::log(s.told_lambda()), -12.0, 12.0);
    p.tuned[used] = 1;
    p.log_lambda[used] = fixed(l);
    p.log_lambda2[used] = fixed(l * l);
    if (scale_.kind == reward_kind::two_valued) {
      std::vector<float> m(dim());
      s.belief.mean(m);
      const double base = std::clamp(static_cast<double>(m[0]), -10.0, 10.0);
      p.bases = 1;
      p.base = fixed(base);
      p.base2 = fixed(base * base);
    }
    if (scale_.kind == reward_kind::linear)
      tell_level(p, s);
  }
  if (now_->split > 4)
    p.splits = 1;
  else if (now_->split < -4)
    p.joins = 1;
  double n = 0, all = 0;
  for (std::size_t k = 0; k < most_positions; ++k) {
    n += by_slot_->shown[k];
    all += by_slot_->seen[k];
  }
  if (all > 0)
    for (std::size_t k = 0; k < most_positions; ++k) {
      const double unit = n / all, part = std::min(1.0, 4096 / n);
      p.shown[k] = std::llround(by_slot_->shown[k] * part);
      p.seen[k] = fixed(by_slot_->seen[k] * unit * part);
      p.seen2[k] = fixed(by_slot_->seen2[k] * unit * unit * part);
    }
  return p;
}

} // namespace ammo
