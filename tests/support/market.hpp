/// A deployment's minds, told of each other as their bodies would, period by period: what cheats gain is measured in it.
/// Everything is as the options say, the default ones at first.
#pragma once

#include "actors/aipp/aipp_mind.hpp"
#include "actors/base/gaussian.hpp"
#include "actors/metaspace/metaspace_mind.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "actors/user_buddy/user_mind.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/system/configurations.hpp"

#include <catch2/catch.hpp>

#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <memory>
#include <numeric>
#include <span>
#include <vector>

namespace ammo::testing {

using point = std::vector<float>;

inline point direction(splitmix64& g, std::size_t d) {
  point v(d);
  standard_normal(g, v);
  const double length = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  for (float& x : v)
    x = static_cast<float>(x / length);
  return v;
}

inline point scaled(point v, double to) {
  const double length = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
  for (float& x : v)
    x = static_cast<float>(x * to / length);
  return v;
}

/// `count` directions about a common one, which is their centre.
inline std::vector<point> around(const point& centre, std::size_t count, double spread, splitmix64& g) {
  std::vector<point> out;
  for (std::size_t i = 0; i < count; ++i) {
    point v = direction(g, centre.size());
    for (std::size_t k = 0; k < v.size(); ++k)
      v[k] = static_cast<float>(spread * v[k] + centre[k]);
    out.push_back(scaled(std::move(v), 1));
  }
  return out;
}

/// What a person was shown in a slot.
struct shown_slot {
  impression_id impression{};
  std::uint64_t content = 0;
};

class market {
public:
  market(const options& deployment, std::uint64_t seed)
    : deployment_(seeded(deployment, seed)), space_(*layout_of(deployment_)),
      config_(std::make_shared<user_config>(*user_config_of(deployment_, space_, {}))),
      subspace_(subspace_config_of(deployment_, space_, 0)), metaspace_({.caps = caps_of(deployment_)}),
      aipp_(aipp_config_of(deployment_, space_, *people_config_of(deployment_), 0)) {}

  /// A Goal Buddy with a creation; its content number is its own.
  void offer(std::uint64_t goal, const point& e, std::uint64_t owner) {
    REQUIRE(subspace_.join({goal_id{goal}, owner_id{owner}, 1'000'000'000}));
    const creation_offer o{.goal = goal_id{goal}, .key = 1, .content = goal, .e = {e}, .grounded = {e}};
    REQUIRE(subspace_.offer(o).code == errc::ok);
  }
  void publish() {
    news_ = subspace_.publish().snapshot;
    metaspace_.see(news_);
    aipp_.see(news_);
    for (user_mind& u : users_)
      u.see(news_);
  }
  /// Somebody new: they hear what everybody hears. Returns their place.
  std::size_t arrive() {
    const user_id id{users_.size() + 1};
    REQUIRE(aipp_.add(id, std::nullopt));
    user_mind& u = users_.emplace_back(config_, id);
    u.see(news_);
    if (group_.now)
      u.hear(subspace_id{0}, group_);
    if (!people_.empty())
      (void)u.hear_people(people_);
    return users_.size() - 1;
  }
  std::vector<shown_slot> ask(std::size_t user) {
    const auto proposed = users_[user].propose(occasion::request, ++requests_, deployment_.slots);
    REQUIRE(proposed);
    const auto granted = metaspace_.grant(*proposed);
    const auto made = aipp_.granted(granted);
    REQUIRE(made.delivered);
    REQUIRE(aipp_.take(slate_outcome{.user = granted.user, .delivery = made.delivered->delivery, .shown = true}));
    std::vector<shown_slot> out;
    for (const shown_creation& c : made.delivered->slate)
      out.push_back({c.impression, c.content});
    return out;
  }
  /// Feedback of a person; false where it was refused, and nothing has changed.
  bool tell(std::size_t user, impression_id impression, double value) {
    const auto learned = aipp_.take(feedback{.user = users_[user].user(), .impression = impression, .value = value});
    return learned && users_[user].learn(*learned) == errc::ok;
  }
  /// A person says which of two impressions they prefer; false where it was refused, and nothing has changed.
  bool prefer(std::size_t user, impression_id better, impression_id worse) {
    const auto compared = aipp_.take(stated_preference{.user = users_[user].user(), .better = better, .worse = worse});
    return compared && users_[user].learn(*compared) == errc::ok;
  }
  /// A period ends: its regret broadcast and, after 1, 2, 4 … periods, sums over people reach everybody.
  void close() {
    ++period_;
    const auto closed = aipp_.close();
    regret_report report = closed.report;
    report.period = period_;
    const auto reports = metaspace_.close(report);
    group_ = subspace_.merge(period_, reports).group;
    for (user_mind& u : users_)
      u.hear(subspace_id{0}, group_);
    if (!std::has_single_bit(period_))
      return;
    people_.assign(space_.factors().size(), {});
    for (const user_mind& u : users_)
      if (u.observations() >= 20) {
        const auto own = u.statistics();
        for (std::size_t f = 0; f < own.size(); ++f)
          people_[f] += own[f];
      }
    if (!people_.empty() && people_[0].people >= static_cast<std::int64_t>(deployment_.user.prior_cohort))
      for (user_mind& u : users_)
        (void)u.hear_people(people_);
    else
      people_.clear();
  }

  [[nodiscard]] const shared_consensus& group() const noexcept { return group_; }
  [[nodiscard]] user_mind& user(std::size_t at) { return users_[at]; }
  [[nodiscard]] aipp_mind& aipp() noexcept { return aipp_; }

private:
  static options seeded(options o, std::uint64_t seed) {
    o.seed = seed;
    return o;
  }

  options deployment_;
  layout space_;
  std::shared_ptr<user_config> config_;
  subspace_mind subspace_;
  metaspace_mind metaspace_;
  aipp_mind aipp_;
  std::vector<user_mind> users_;
  std::shared_ptr<const catalogue_version> news_;
  shared_consensus group_;
  std::vector<pooled_sums> people_;
  std::uint64_t period_ = 0, requests_ = 0;
};

} // namespace ammo::testing
