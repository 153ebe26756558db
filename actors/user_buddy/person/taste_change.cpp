/// Has a person's taste changed? What was learned before a change is let go.
#include "actors/user_buddy/person/person_belief.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <utility>

namespace ammo {

namespace {

/// Fewest rounds that may speak for a change.
constexpr std::uint32_t shortest = 4;

/// The last 4, 8, 16, 32 rounds are looked at, each the less often the longer they are: so that looking costs a fraction of learning.
bool looks_back(std::uint32_t rounds, std::uint32_t length) noexcept {
  return length >= shortest && length < rounds && std::has_single_bit(length) && rounds % (length / shortest) == 0;
}
std::uint32_t longest_look_back(std::uint32_t rounds) noexcept {
  std::uint32_t longest = 0;
  for (std::uint32_t length = shortest; length <= strand::remembered; length *= 2)
    if (looks_back(rounds, length))
      longest = length;
  return longest;
}

} // namespace

void person_belief::look_for_change(strand& s, std::size_t at, bool alone, const creation_lookup& where) const {
  std::array<std::size_t, strand::remembered> back{};
  std::size_t known = 0; // rounds of this strand, the newest first
  const auto longest = longest_look_back(s.rounds);
  for (std::size_t i = at + 1; i-- > 0 && known < longest;)
    if ((!alone || rounds_[i].situation == rounds_[at].situation) && rounds_[i].has_rewards())
      back[known++] = i;
  if (known < shortest)
    return;
  const double sigma = s.noise(), weight = s.kind == reward_kind::two_valued ? 1 : 1 / (sigma * sigma);
  const double wild = std::max(s.wild, 1.0);
  // How much better somebody who had begun so many rounds ago foresaw them, and the same without the round that speaks most
  // for it: a single reward is no change, however far out.
  const auto gain = [&](const strand& fresh, std::uint32_t rounds) {
    const auto score = [weight](const strand::foresight& f) { return f.volume - f.misfit * weight / 2; };
    double sum = 0, most = 0;
    for (std::uint32_t k = 0; k < rounds; ++k) {
      const double g = score(fresh.recent(k)) - score(s.recent(k));
      sum += g;
      most = std::max(most, g);
    }
    return std::pair{sum, sum - most};
  };
  const auto begun = [&](std::uint32_t rounds) {
    strand fresh = afresh(s, alone ? rounds_[at].situation : 0);
    for (std::uint32_t r = rounds; r-- > 0;)
      fresh.learn(observe(rounds_[back[r]].outcomes, where), scale_, prior());
    return fresh;
  };
  double expected = 0, surprise = 0;
  for (std::uint32_t k = 0; k < known; ++k) {
    const auto& f = s.recent(k);
    if (s.kind == reward_kind::two_valued) {
      expected += 2 * f.count; // so that 2 · expected is the variance of 2 ln p
      surprise -= 2 * f.volume;
    } else {
      expected += f.count;
      surprise += f.misfit * weight - f.count;
    }
    const std::uint32_t length = k + 1;
    if (!looks_back(s.rounds, length) || surprise <= 2 * std::sqrt(2 * expected * wild)) // no worse foreseen than they should be
      continue;
    strand best = begun(length);
    auto [most, surely] = gain(best, length);
    if (surely <= options_.change_threshold * std::sqrt(wild))
      continue;
    const std::uint32_t step = std::max(length / 8, 1u);
    for (std::uint32_t later = length - step; later > 0 && later < length; later -= step) { // it may have been since
      strand fresh = begun(later);
      if (const double g = gain(fresh, later).first; g > most) {
        most = g;
        best = std::move(fresh);
      }
    }
    ++best.restarts;
    s = std::move(best);
    return;
  }
}

} // namespace ammo
