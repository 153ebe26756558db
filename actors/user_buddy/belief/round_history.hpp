/// What has been learned of the last rounds, so that a belief that depends on their order can be put right when something
/// comes late. Pure.
#pragma once

#include "actors/user_buddy/belief/belief.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace ammo {

/// Bit by bit the same belief in whatever order rounds come. Holds the belief before the oldest round of which feedback may
/// still come, and every observation since. Memory: a second belief, and 24 bytes an observation of rounds from the oldest
/// incomplete one on. `Models` is one of factor_models.hpp.
template <class Models>
class round_history {
public:
  explicit round_history(Models base, std::vector<kept_round> rounds = {})
    : base_(std::move(base)), rounds_(std::move(rounds)) {}

  /// Takes a round into `now`: at once where it is the newest, else all is learned anew from the base.
  /// False, and both in an unknown state, where a posterior refuses; the same where it throws.
  [[nodiscard]] bool take(const belief_options& options, const observed_round& r, const creation_lookup& where, Models& now) {
    const bool newest = rounds_.empty() || r.round > rounds_.back().round;
    auto at = std::ranges::lower_bound(rounds_, r.round, {}, &kept_round::round);
    if (at == rounds_.end() || at->round != r.round)
      at = rounds_.insert(at, {r.round, {}});
    at->all.insert(at->all.end(), r.all.begin(), r.all.end());
    const auto place = [&](const observation& o) {
      return std::tuple(options.space.factor_of(subspace_of(o.creation)), raw(o.creation), raw(o.than));
    };
    std::ranges::stable_sort(at->all, {}, place);
    return newest ? now.learn(options, at->round, at->all, where) : replay(options, where, now);
  }

  /// No more feedback comes of rounds before this one: they are learned for good.
  void settle(const belief_options& options, std::uint64_t before, const creation_lookup& where) {
    const auto first = std::ranges::lower_bound(rounds_, before, {}, &kept_round::round);
    for (auto r = rounds_.begin(); r != first; ++r)
      (void)base_.learn(options, r->round, r->all, where); // it was learned before, so it can be
    rounds_.erase(rounds_.begin(), first);
  }

  /// Learns all kept rounds anew.
  [[nodiscard]] bool replay(const belief_options& options, const creation_lookup& where, Models& now) const {
    now = base_;
    return std::ranges::all_of(rounds_, [&](const kept_round& r) { return now.learn(options, r.round, r.all, where); });
  }

  /// The belief before the rounds that are kept. What isn't an observation of a round is believed from there on.
  [[nodiscard]] Models& base() noexcept { return base_; }
  [[nodiscard]] const Models& base() const noexcept { return base_; }
  [[nodiscard]] std::span<const kept_round> rounds() const noexcept { return rounds_; } ///< ascending

private:
  Models base_;
  std::vector<kept_round> rounds_;
};

} // namespace ammo
