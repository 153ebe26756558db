/// A subspace's real data in which one creation moves and everything else stays: people know their q and are shown the
/// best five. For what an attacker reaches, and what someone would who knows every q and every threshold.
#pragma once

#include "actors/goal_buddy/goal_mind.hpp"
#include "bench/attack/response.hpp"
#include "actors/protocol/fixed_sums.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"
#include "subspaces/content.hpp"

#include <array>
#include <map>
#include <vector>

namespace ammo {

class still_world {
public:
  static constexpr std::size_t slots = 5, people = 200;

  /// `seed`: of the people, who stand for the content's choosers.
  still_world(const content& c, std::size_t mover, std::uint64_t seed = 1)
    : dim_(c.dim), mover_(mover), facts_(row(c, mover)), e_(facts_), creations_(subspace_id{0}, {0, c.dim}) {
    for (std::size_t i = 0; i < c.items.size(); ++i)
      ids_.push_back(*creations_.add(goal_id{i}, owner_id{i}, i, row(c, i)));
    const auto now = creations_.publish();
    const std::size_t choosers = std::max<std::size_t>(1, c.choosers.size());
    for (std::size_t j = 0; j < people; ++j) {
      q_.push_back(preference_of(c, j % choosers, j / choosers, seed));
      std::array<scored, slots + 1> best;
      const auto n = static_cast<std::ptrdiff_t>(top_n(*now, q_.back(), best.size(), best));
      std::vector<scored> others(best.begin(), best.begin() + n);
      std::erase_if(others, [&](const scored& s) { return s.creation == ids_[mover]; });
      others.resize(std::min(others.size(), slots));
      least_.push_back(std::max(0.0f, others.back().score));
      slates_.push_back(std::move(others));
    }
  }

  [[nodiscard]] const std::vector<float>& facts() const noexcept { return facts_; }
  /// By person: the score above which it is shown to them.
  [[nodiscard]] const std::vector<float>& least() const noexcept { return least_; }
  /// By person: what they like.
  [[nodiscard]] const std::vector<std::vector<float>>& q() const noexcept { return q_; }
  [[nodiscard]] creation_id id() const { return ids_[mover_]; }
  [[nodiscard]] std::shared_ptr<const catalogue_version> publish() { return published_ = creations_.publish(); }
  void move(std::span<const float> e) {
    e_.assign(e.begin(), e.end());
    ids_[mover_] = *creations_.move(goal_id{mover_}, ids_[mover_], e);
  }
  /// Share of the people who are shown it − ½|e − facts|².
  [[nodiscard]] double utility(std::span<const float> e) const {
    std::size_t seen = 0;
    for (std::size_t j = 0; j < people; ++j)
      seen += shown_to(j, e);
    return static_cast<double>(seen) / people - ball::half_squared_distance(e, facts_);
  }

  /// What everybody hears of a period in which each person is shown one slate; engagement is e·q.
  [[nodiscard]] regret_feedback play(std::uint64_t period) const {
    std::map<creation_id, std::pair<std::uint64_t, exact_sum>> seen;
    regret_feedback f{.subspace = subspace_id{0}, .period = period, .rounds = people, .demand = {std::vector<float>(dim_)}, .exposures = {}};
    std::vector<float> e(dim_);
    for (std::size_t j = 0; j < people; ++j) {
      const auto like = [&](creation_id id) {
        published_->embedding(row_of(id), e);
        const double reward = ball::dot(e, q_[j]);
        auto& [impressions, engagement] = seen[id];
        ++impressions;
        engagement.add(reward);
        ball::add(f.demand.values, e, reward / (people * slots));
      };
      const bool mine = shown_to(j, e_);
      for (std::size_t i = 0; i + (mine ? 1 : 0) < slates_[j].size(); ++i)
        like(slates_[j][i].creation);
      if (mine)
        like(id());
    }
    for (const auto& [id, attention] : seen)
      f.exposures.push_back({id, attention.first, wire_of(attention.second)});
    return f;
  }

  /// The utility of the best response of somebody who is told everything, as far as the search finds it.
  [[nodiscard]] double best_response() const {
    const goal_config config{};
    const regret_feedback nothing{};
    const goal_view view{.config = config, .grounded = facts_, .e = facts_, .heard = nothing, .interests = {}};
    std::vector<taste> everyone;
    std::vector<float> middle(dim_);
    for (std::size_t j = 0; j < people; ++j) {
      everyone.push_back({q_[j], least_[j] + response::surely, 1.0f / people}); // who is indifferent isn't shown it
      ball::add(middle, q_[j], 1);
    }
    ball::rescale(middle, 1);
    std::vector<std::vector<float>> starts{middle};
    for (double t : {0.3, 0.6, 0.9})
      starts.push_back(ball::between(facts_, middle, t, 1));
    const response_effort thorough{.starts = people, .patience = 12, .polished = 24};
    const auto x = response(view, std::move(everyone)).best(std::move(starts), thorough);
    return std::max(utility(x), utility(facts_));
  }

private:
  [[nodiscard]] bool shown_to(std::size_t j, std::span<const float> e) const { return ball::dot(e, q_[j]) > least_[j]; }
  static std::vector<float> row(const content& c, std::size_t i) {
    const auto e = c.embedding(i);
    return {e.begin(), e.end()};
  }

  std::size_t dim_, mover_;
  std::vector<float> facts_, e_;
  catalogue creations_;
  std::shared_ptr<const catalogue_version> published_;
  std::vector<creation_id> ids_;
  std::vector<std::vector<float>> q_;
  std::vector<float> least_;
  std::vector<std::vector<scored>> slates_;
};

/// What one Goal Buddy reaches in such a world.
struct reached {
  double facts = 0, utility = 0, best = 0; ///< of its facts; the mean of the last 20 periods; of the best response
};

[[nodiscard]] inline reached play_still(const content& c, std::size_t mover, const goal_config& config, std::size_t periods,
                                        std::uint64_t people_seed = 1) {
  constexpr std::size_t last = 20;
  still_world w(c, mover, people_seed);
  goal_mind mind(config, goal_id{mover}, owner_id{mover}, mover, w.facts());
  const auto accept = [&](const creation_offer& o) {
    mind.told({{}, {w.id(), 1, 1'000'000'000}, goal_id{mover}, o.key});
  };
  accept(mind.first());
  reached out{.facts = w.utility(w.facts()), .best = w.best_response()};
  for (std::size_t period = 1; period <= periods; ++period) {
    mind.see(w.publish());
    out.best = std::max(out.best, w.utility(mind.e())); // the search may miss what was found
    if (period + last > periods)
      out.utility += w.utility(mind.e()) / last;
    const auto answer = mind.hear(w.play(period));
    if (const auto* o = std::get_if<creation_offer>(&answer)) {
      w.move(o->e.values);
      accept(*o);
    }
  }
  return out;
}

} // namespace ammo
