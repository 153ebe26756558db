#include "actors/subspace/subspace_mind.hpp"

#include "actors/evolution/genes.hpp"
#include "actors/protocol/exposures.hpp"
#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"
#include "actors/subspace/published_exposures.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ammo {
namespace {

/// Keys under which slots are charged: a series of their own (see `series_of`).
constexpr std::uint64_t market_key(std::uint64_t sale) noexcept { return std::uint64_t{3} << 62 | sale; }

/// Creations among which those close to a place are looked for.
constexpr std::size_t like_a_place = 64;

/// One entry a creation, ascending.
std::vector<exposure> merged(std::vector<exposure> all) {
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.creation < b.creation; });
  std::vector<exposure> out;
  for (const auto& e : all) {
    if (out.empty() || out.back().creation != e.creation) {
      out.push_back(e);
      continue;
    }
    add(out.back().engagement, e.engagement);
    add(out.back().merit, e.merit);
    out.back().impressions += e.impressions;
  }
  return out;
}

} // namespace

subspace_mind::subspace_mind(const subspace_config& config)
  : config_(config), catalogue_(config.id, config.coordinates, config.norm_cap, config.capacity, config.near_duplicate),
    market_({config.sale, config.slot_price_micros, config.horizon}), group_(config.coordinates.width) {}

result<std::int64_t> price_at(double distance, std::int64_t price_micros, std::int64_t distance_price_micros) {
  if (!std::isfinite(distance))
    return {errc::not_finite, "a distance from the facts"};
  auto error_price = std::ceil(static_cast<double>(distance_price_micros) * distance);
  std::int64_t cost = 0;
  if (!(error_price < 0x1p63) || __builtin_add_overflow(static_cast<std::int64_t>(error_price), price_micros, &cost))
    return {errc::budget_overflow, "the cost at a squared distance of " + std::to_string(2 * distance)};
  return cost;
}

result<std::int64_t> subspace_mind::cost_of(const creation_offer& o) const {
  for (const auto* v : {&o.e.values, &o.grounded.values})
    if (v->size() != config_.coordinates.width)
      return {errc::wrong_dimension, std::to_string(v->size()) + " coordinates where the block has " +
                                       std::to_string(config_.coordinates.width)};
  auto distance = ball::half_squared_distance(o.e.values, o.grounded.values);
  if (!std::isfinite(distance))
    return {errc::not_finite, "a coordinate of offer " + std::to_string(o.key)};
  return price_at(distance, config_.price_micros, config_.distance_price_micros);
}

result<creation_id> subspace_mind::take(const creation_offer& o, std::int64_t& charged) {
  auto& m = members_.at(raw(o.goal));
  const owner_id owner = m.owner;
  const bool fresh = o.replaces == no_creation;
  if (const auto live = live_of_owner_.of(owner); fresh && live >= config_.creations_per_owner)
    return {errc::cap_owner, "owner " + std::to_string(raw(owner)) + " has " + std::to_string(live) + " live"};
  if (auto fine = o.shown ? check(*o.shown) : result<void>{}; !fine)
    return fine.error();
  auto cost = cost_of(o);
  if (!cost)
    return cost.error();
  if (auto reserved = ledger_.reserve(o.goal, o.key, *cost); !reserved)
    return reserved.error();
  auto made = fresh ? catalogue_.add(o.goal, owner, o.content, o.e.values, o.shown, o.tags.empty() ? m.tags : o.tags)
                    : catalogue_.move(o.goal, o.replaces, o.e.values, o.shown, o.tags);
  if (!made) {
    (void)ledger_.release(o.goal, o.key);
    return made;
  }
  (void)ledger_.commit(o.goal, o.key);
  charged = *cost;
  m.created = true;
  m.error = ball::half_squared_distance(o.e.values, o.grounded.values);
  if (series_of(o.key) == 0 || (!fresh && m.creation == o.replaces))
    m.creation = *made;
  if (fresh) {
    live_of_owner_.add(owner);
    m.live.push_back(*made);
  } else {
    std::ranges::replace(m.live, o.replaces, *made);
    left(o.replaces, o.goal);
  }
  fresh_.push_back(*made);
  return made;
}

creation_verdict subspace_mind::offer(const creation_offer& o) {
  creation_verdict v;
  v.goal = o.goal;
  v.key = o.key;
  auto refuse = [&](const failure& why) {
    v.code = why.code;
    v.detail = why.detail;
  };
  if (!members_.contains(raw(o.goal))) {
    refuse({errc::unknown_goal, "goal " + std::to_string(raw(o.goal))});
    return v;
  }
  auto& answered = answered_[raw(o.goal)][series_of(o.key)];
  if (auto before = answered.find(o.key); before != answered.end())
    return before->second;
  if (answered.size() == remembered && o.key < answered.begin()->first) {
    refuse({errc::bad_value, "keys count up; key " + std::to_string(o.key) + " is older than all remembered"});
    v.balance_micros = ledger_.balance(o.goal);
    return v;
  }
  if (auto made = take(o, v.cost_micros))
    v.creation = *made;
  else
    refuse(made.error());
  v.balance_micros = ledger_.balance(o.goal);
  answered.emplace(o.key, v);
  if (answered.size() > remembered)
    answered.erase(answered.begin());
  return v;
}

std::optional<creation_verdict> subspace_mind::standing_of(goal_id goal) const {
  const auto known = members_.find(raw(goal));
  const auto answered = answered_.find(raw(goal));
  if (known == members_.end() || !catalogue_.find(known->second.creation) || answered == answered_.end() ||
      answered->second[0].empty())
    return std::nullopt;
  creation_verdict v;
  v.goal = goal;
  const auto& [key, last] = *answered->second[0].rbegin();
  v.key = key;
  v.creation = known->second.creation;
  if (last.creation == v.creation)
    v.cost_micros = last.cost_micros;
  v.balance_micros = ledger_.balance(goal);
  return v;
}

catalogue_news subspace_mind::publish() {
  published_ = catalogue_.publish();
  catalogue_news news{published_, std::move(fresh_)};
  fresh_.clear();
  std::erase_if(news.fresh, [&](creation_id id) { return !published_->find(id); }); // moved or withdrawn meanwhile
  return news;
}

regret_feedback subspace_mind::merge(std::uint64_t period, const std::vector<attention_report>& reports) {
  regret_feedback f{.subspace = config_.id, .period = period, .slot_price_micros = config_.slot_price_micros,
                    .demand = {}, .exposures = {}, .group = {}};
  std::uint64_t known = 0;
  exact_sum stated, slate;
  std::vector<exposure> votes;
  for (const auto& r : reports) {
    if (r.period != period)
      continue;
    f.rounds += r.rounds;
    known += r.rounds_known;
    stated.add(sum_of(r.stated));
    slate.add(sum_of(r.slate));
    f.exposures.insert(f.exposures.end(), r.exposures.begin(), r.exposures.end());
    votes.insert(votes.end(), r.votes.begin(), r.votes.end());
  }
  if (known > 0) {
    f.stated = stated.value() / static_cast<double>(known);
    f.slate = slate.value() / static_cast<double>(known);
  }
  f.exposures = merged(std::move(f.exposures));
  f.demand = demand_of(f.exposures);
  if (published_ && (!estimated_ || *estimated_ < period)) {
    group_.learn(*published_, merged(std::move(votes)));
    estimated_ = period;
  }
  f.group = group_.told();
  return f;
}

regret_feedback subspace_mind::for_creators(const regret_feedback& f, std::uint64_t people) const {
  if (config_.crowd == 0)
    return f;
  const auto each = people == 0 ? f.rounds : (f.rounds + people - 1) / people;
  regret_feedback out = f;
  out.exposures = published(f.exposures, {config_.crowd, each, config_.seed});
  out.demand = demand_of(out.exposures);
  return out;
}

std::uint64_t subspace_mind::earn(const regret_feedback& f) {
  std::uint64_t refused = 0;
  if (config_.income_micros == 0)
    return refused;
  std::map<std::uint64_t, exact_sum> engagement;
  for (const auto& x : f.exposures)
    if (const auto whose = payer_of(x.creation))
      engagement[raw(*whose)].add(sum_of(x.engagement));
  for (const auto& [goal, sum] : engagement) {
    const auto known = members_.find(goal);
    if (known == members_.end())
      continue;
    const auto earned = known->second.earned.of(sum, config_.income_micros);
    refused += !earned || !ledger_.grant(goal_id{goal}, *earned);
  }
  return refused;
}

std::optional<slot_terms> subspace_mind::sell(const regret_feedback& f) {
  if (!market_.sells()) {
    left_before_ = std::exchange(left_, {});
    return std::nullopt;
  }
  std::map<std::uint64_t, goal_attention> bought; // every member: who has bought nothing pays nothing, and that counts, too
  for (const auto& [goal, m] : members_)
    bought.emplace(goal, goal_attention{goal_id{goal}, 0, 0});
  for (const auto& x : f.exposures)
    if (const auto payer = payer_of(x.creation)) {
      auto& a = bought[raw(*payer)];
      a.impressions += x.impressions;
      a.engagement += sum_of(x.engagement).value();
    }
  for (const auto& [goal, a] : bought) {
    const auto due = market_.owes(a, ledger_.balance(a.goal));
    const auto key = market_key(++sales_);
    if (due > 0 && ledger_.reserve(a.goal, key, due))
      (void)ledger_.commit(a.goal, key);
    market_.paid(a, due, ledger_.balance(a.goal));
  }
  left_before_ = std::exchange(left_, {});
  return slot_terms{config_.id, f.period, market_.terms()};
}

std::vector<subspace_mind::goal_utility> subspace_mind::utilities(const regret_feedback& f, double lambda,
                                                                  bool by_merit) const {
  std::vector<goal_utility> out;
  if (f.rounds == 0)
    return out;
  std::unordered_map<std::uint64_t, exact_sum> seen;
  for (const auto& x : f.exposures)
    if (const auto shown = payer_of(x.creation))
      seen[raw(*shown)].add(attention_in(x, by_merit));
  for (const auto& [goal, m] : members_)
    if (m.competes && m.created) {
      const auto own = seen.find(goal);
      const double visibility = own == seen.end() ? 0 : own->second.value() / static_cast<double>(f.rounds);
      out.push_back({goal_id{goal}, visibility - lambda * m.error});
    }
  std::ranges::sort(out, {}, &goal_utility::goal);
  return out;
}

result<bool> subspace_mind::deal(const strain_news& m) {
  if (const errc bad = check(m); bad != errc::ok)
    return bad;
  const std::size_t n = strains_of(m, buddy_kind::goal, config_.id);
  if (n == 0)
    return false;
  strains_ = m;
  fitness_.deal(m.generation, n);
  return true;
}

std::optional<strain_report> subspace_mind::score_strains(const regret_feedback& f, double lambda, bool by_merit) {
  if (!strains_)
    return std::nullopt;
  for (const auto& [goal, utility] : utilities(f, lambda, by_merit)) {
    fitness_.round(raw(goal));
    fitness_.reward(raw(goal), utility);
  }
  return strain_report{f.period, fitness_.generation(), buddy_kind::goal, f.subspace, 0, fitness_.close()};
}

void subspace_mind::left(creation_id id, goal_id goal) {
  if (market_.sells() || config_.income_micros > 0)
    left_.emplace(raw(id), goal);
}

std::optional<goal_id> subspace_mind::payer_of(creation_id id) const {
  if (const auto* info = published_ ? published_->find(id) : nullptr)
    return info->goal;
  for (const auto* gone : {&left_, &left_before_})
    if (const auto found = gone->find(raw(id)); found != gone->end())
      return found->second;
  return std::nullopt;
}

embedding subspace_mind::demand_of(const std::vector<exposure>& exposures) const {
  const auto width = config_.coordinates.width;
  std::vector<double> sum(width);
  std::vector<float> e(width);
  double impressions = 0;
  for (const auto& x : exposures) {
    if (!published_ || !published_->find(x.creation))
      continue;
    published_->embedding(row_of(x.creation), e);
    const double engagement = sum_of(x.engagement).value();
    for (std::size_t k = 0; k < width; ++k)
      sum[k] += engagement * e[k];
    impressions += static_cast<double>(x.impressions);
  }
  embedding demand{std::vector<float>(width)};
  if (impressions > 0)
    std::transform(sum.begin(), sum.end(), demand.values.begin(),
                   [&](double s) { return static_cast<float>(s / impressions); });
  return demand;
}

result<void> subspace_mind::check_place(std::span<const float> v) const {
  if (v.size() != config_.coordinates.width)
    return errc::wrong_dimension;
  return ball::finite(v) ? result<void>{} : errc::not_finite;
}

result<std::vector<neighbour>> subspace_mind::nearby(goal_id but, std::span<const float> place) const {
  if (auto fine = check_place(place); !fine)
    return fine.error();
  std::vector<scored> like(published_ ? like_a_place : 0);
  if (published_)
    like.resize(top_n(*published_, place, like.size(), like));
  std::vector<float> e(place.size());
  std::map<std::uint64_t, double> nearest; // by Goal Buddy
  for (const scored& s : like) {
    published_->embedding(row_of(s.creation), e);
    const double distance = std::sqrt(ball::squared_distance(e, place));
    const auto [at, fresh] = nearest.try_emplace(raw(published_->find(s.creation)->goal), distance);
    at->second = std::min(at->second, distance);
  }
  nearest.erase(raw(but));
  std::vector<neighbour> out;
  for (const auto& [goal, distance] : nearest)
    if (const auto m = members_.find(goal); m != members_.end())
      out.push_back({m->second.title, distance});
  return fit(std::move(out));
}

result<std::vector<goal_id>> subspace_mind::matching(std::span<const float> v, std::size_t most) const {
  if (auto fine = check_place(v); !fine)
    return fine.error();
  std::vector<goal_id> goals;
  if (!published_)
    return goals;
  std::vector<scored> best(most);
  best.resize(top_n(*published_, v, most, best));
  for (const scored& s : best)
    if (const goal_id goal = published_->find(s.creation)->goal;
        s.score > 0 && std::ranges::find(goals, goal) == goals.end())
      goals.push_back(goal);
  return goals;
}

} // namespace ammo
