// The best slates of simulated people, by their true q, and what their slates miss of these.
#include "actors/aipp/aipp_mind.hpp"
#include "actors/slots/best_allowed.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

namespace ammo {
namespace {

/// What each is worth beyond that.
std::vector<float> above(std::span<const float> values, double worth) {
  std::vector<float> out(values.begin(), values.end());
  for (float& x : out)
    x -= static_cast<float>(worth);
  return out;
}

constexpr float nothing = -std::numeric_limits<float>::infinity();

/// Puts a score in its place in a descending list; the smallest falls out.
void insert(std::span<float> best, float score) noexcept {
  auto at = best.size();
  for (; at > 0 && best[at - 1] < score; --at)
    if (at < best.size())
      best[at] = best[at - 1];
  if (at < best.size())
    best[at] = score;
}

} // namespace

std::span<float> aipp_mind::q(std::uint32_t p) noexcept { return {rows_.data() + p * stride_, config_.space.dim()}; }

std::span<float> aipp_mind::best(std::uint32_t p) noexcept {
  return {rows_.data() + p * stride_ + config_.space.dim(), config_.slots};
}

void aipp_mind::count_best() {
  std::size_t live = 0;
  for (const auto& c : snapshots_)
    live += c ? c->live() : 0;
  best_count_ = static_cast<std::uint32_t>(std::min<std::size_t>(config_.slots, live));
}

void aipp_mind::refresh(std::uint32_t chunk) {
  const auto first = chunk * batch;
  const auto count = std::min(batch, static_cast<std::uint32_t>(users_.size()) - first);
  for (std::uint32_t p = first; p < first + count; ++p)
    std::ranges::fill(best(p), nothing);
  if (capped_)
    for (std::uint32_t p = first; p < first + count; ++p)
      std::ranges::copy(best_allowed(config_.caps, snapshots_, q(p), config_.slots, config_.exactly, static_cast<float>(config_.empty_slot_worth)),
                        best(p).begin());
  else
    for (const auto& c : snapshots_)
      if (c && c->live() > 0)
        merge_best(first, count, *c);
  best_of_[chunk] = version_;
}

void aipp_mind::merge_best(std::uint32_t first, std::uint32_t count, const catalogue_version& c) {
  const auto [offset, width] = c.coordinates();
  const auto n = config_.slots;
  block_q_.resize(std::size_t{count} * width);
  found_.resize(std::size_t{count} * n);
  for (std::uint32_t u = 0; u < count; ++u)
    std::ranges::copy(q(first + u).subspan(offset, width), block_q_.begin() + std::ptrdiff_t{u} * width);
  top_n_batch(c, block_q_, n, found_);
  for (std::uint32_t u = 0; u < count; ++u)
    for (std::uint32_t i = 0; i < n && found_[u * n + i].creation != no_creation; ++i)
      insert(best(first + u), found_[u * n + i].score);
}

void aipp_mind::miss(std::uint32_t p, std::span<const float> utility) {
  auto round = played_[p]++;
  if (round >= regret_.size())
    regret_.resize(round + 1);
  auto most = best(p).first(best_count_);
  while (capped_ && !most.empty() && most.back() == nothing)
    most = most.first(most.size() - 1);
  auto r = regret_of(most, utility, config_.exactly);
  if (config_.empty_slot_worth != 0 && !config_.exactly)
    r.slate = regret_of(above(most, config_.empty_slot_worth), above(utility, config_.empty_slot_worth)).slate;
  regret_[round].stated.add(r.stated);
  regret_[round].slate.add(r.slate);
  ++slates_known_;
}

} // namespace ammo
