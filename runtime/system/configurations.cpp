#include "runtime/system/configurations.hpp"

#include "actors/goal_buddy/goal_genes.hpp"
#include "actors/user_buddy/user_genes.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/system/host_goal_policy.hpp"
#include "runtime/system/host_policy.hpp"

#include <algorithm>

namespace ammo {
namespace {

/// Of what the group likes, for a User Buddy. Who is shown a creation tends to like it, so that a group seems to agree
/// more than it does: docs/lab_book.md has what weights cost.
constexpr double group_weight = 0.5;

/// Candidates beyond N that a User Buddy proposes: where caps can refuse some of the first N, and for backward rewards.
std::uint32_t spares(const options& o) {
  auto capped = o.caps.per_goal > 0 || o.caps.per_owner > 0 || o.market.sale != "value";
  for (const auto& s : o.subspaces)
    capped = capped || s.slate_cap > 0 || s.slate_floor > 0;
  if (capped)
    return 3 * o.slots;
  return rewards_of(o) == reward_rule::backward ? 1 : 0; // the runner-up
}

/// Options that say what rewards and people are like choose the learner that is told so.
bool learns_by_itself(const user_options& u) {
  return u.learner == name_of(user_learner::people) && u.drift == name_of(user_drift::none) &&
         u.belief == name_of(user_belief_model::linear) && u.prior == "flat";
}

/// By the older key only a classic learner leaves slots empty: another doesn't take a reward below 0 for a creation that isn't worth its slot.
bool fills_slots(const user_options& u) { return !u.empty_slot_worth && (u.exactly || learns_by_itself(u)); }

} // namespace

reward_rule rewards_of(const options& deployment) { return *reward_rule_named(deployment.goal.reward); }

slate_caps caps_of(const options& o) {
  slate_caps caps;
  caps.per_goal = o.caps.per_goal;
  caps.per_owner = o.caps.per_owner;
  for (const auto& s : o.subspaces) {
    caps.per_subspace.push_back(s.slate_cap);
    caps.floors.push_back(s.slate_floor);
  }
  if (std::ranges::none_of(caps.floors, [](auto f) { return f > 0; }))
    caps.floors.clear();
  return caps;
}

result<user_config> user_config_of(const options& deployment, const layout& space, const host_policies& host) {
  const auto& u = deployment.user;
  const auto policy = user_policy_named(u.policy);
  if (!policy)
    return policy.error();
  auto hosted = host_policy_of(deployment, host);
  if (!hosted)
    return hosted.error();
  if (const auto learner = user_learner_named(u.learner); !learner)
    return learner.error();
  const auto drift = user_drift_named(u.drift);
  if (!drift)
    return drift.error();
  const auto belief = user_belief_model_named(u.belief);
  if (!belief)
    return belief.error();
  if (*belief != user_belief_model::linear && *drift == user_drift::restart)
    return {errc::bad_value, "user.drift \"restart\" wants user.belief \"linear\": it weighs linear rewards"};
  if (auto rewards = reward_rule_named(deployment.goal.reward); !rewards)
    return rewards.error();
  user_config out;
  out.space = space;
  if (learns_by_itself(u)) {
    out.learner = user_learner::people;
    out.remembered_slates = std::max(out.remembered_slates, deployment.limits.open_impressions);
  }
  out.policy = *policy;
  out.noise = u.noise;
  out.prior_variance = u.prior_variance;
  out.exactly = fills_slots(u);
  out.empty_slot_worth = u.empty_slot_worth.value_or(0);
  out.empty_slate_retry = u.empty_slate_retry;
  out.epsilon = u.epsilon;
  out.optimism = u.optimism;
  out.spare_candidates = spares(deployment);
  out.seed = deployment.seed;
  out.drift = *drift;
  out.discount = u.discount;
  out.belief = *belief;
  out.response = {u.threshold, u.temperature};
  out.diversity = u.diversity;
  out.host = std::move(*hosted);
  out.group_weight = u.broadcast == "used" && u.prior == "flat" ? group_weight : 0;
  out.caps = caps_of(deployment);
  out.propensity_draws = u.propensity_draws;
  out.control_share = u.control_share;
  out.situations = u.situations;
  out.logs_decisions = deployment.state_decisions;
  return out;
}

result<people_config> people_config_of(const options& deployment) {
  const auto& s = deployment.simulation;
  const auto model = feedback_model_named(s.feedback);
  if (!model)
    return model.error();
  people_config people;
  people.model = *model;
  people.noise = s.noise;
  people.temperature = s.temperature;
  people.threshold = s.threshold;
  people.seed = deployment.seed;
  return people;
}

result<std::vector<goal_config>> goal_configs_of(const options& deployment, const creator_policy_maker& creators,
                                                 std::shared_ptr<const policy_place> where) {
  const auto& g = deployment.goal;
  if (auto sale = slot_sale_named(deployment.market.sale); !sale)
    return sale.error();
  const auto rewards = reward_rule_named(g.reward);
  if (!rewards)
    return rewards.error();
  const auto policy = goal_policy_named(g.policy);
  if (!policy)
    return policy.error();
  if (*policy == goal_policy::host && !creators)
    return {errc::bad_value, "goal.policy is \"host\"; the host program supplies no policy of its own"};
  const auto host = hosted_goals(creators, std::move(where));
  std::vector<goal_config> out;
  for (const auto& s : deployment.subspaces)
    out.push_back({.policy = *policy,
                   .lambda = g.lambda,
                   .step = g.step,
                   .norm_cap = static_cast<float>(s.norm_cap),
                   .patience = g.patience,
                   .seed = deployment.seed,
                   .by_merit = *rewards == reward_rule::backward,
                   .curiosity = g.curiosity,
                   .host = host,
                   .style = {.reach = g.reach, .length = g.length},
                   .income_micros = g.income_micros});
  return out;
}

subspace_config subspace_config_of(const options& deployment, const layout& space, std::size_t at) {
  const auto& s = deployment.subspaces[at];
  const subspace_id id{static_cast<std::uint16_t>(at)};
  return {.id = id,
          .coordinates = space.coordinates(id),
          .norm_cap = static_cast<float>(s.norm_cap),
          .capacity = s.capacity,
          .price_micros = s.price_micros,
          .distance_price_micros = s.distance_price_micros,
          .slot_price_micros = s.slot_price_micros,
          .creations_per_owner = s.creations_per_owner,
          .sale = *slot_sale_named(deployment.market.sale),
          .horizon = deployment.market.horizon,
          .goals_per_owner = s.goals_per_owner,
          .income_micros = deployment.goal.income_micros,
          .crowd = s.crowd,
          .seed = deployment.seed,
          .near_duplicate = deployment.caps.near_duplicate};
}

aipp_config aipp_config_of(const options& deployment, const layout& space, const people_config& people,
                           std::uint32_t shard) {
  std::vector<signal_table> known;
  for (const auto& s : deployment.subspaces)
    known.push_back(signals_of(deployment, s));
  return {.space = space,
          .people = people,
          .slots = deployment.slots,
          .exactly = fills_slots(deployment.user),
          .empty_slot_worth = deployment.user.empty_slot_worth.value_or(0),
          .caps = caps_of(deployment),
          .signals = std::move(known),
          .open_impressions = deployment.limits.open_impressions,
          .impression_days = deployment.limits.impression_days,
          .shard = shard,
          .shards = std::max(1u, deployment.shards),
          .fitness = {.satisfaction = deployment.evolution.satisfaction, .accuracy = deployment.evolution.accuracy},
          .largest_reward = learns_by_itself(deployment.user) ? 1e15 : 1,
          .noted_first = !deployment.state.empty() && deployment.durability.slates == "strict",
          .compares = deployment.user.control_share > 0};
}

evolution_config evolution_config_of(const options& deployment, user_policy user, goal_policy goal) {
  const auto& e = deployment.evolution;
  return {.strains = e.strains,
          .user_genes = genes_of(user),
          .goal_genes = genes_of(goal, !deployment.goal.generator.empty()),
          .shards = std::max(1u, deployment.shards),
          .subspaces = static_cast<std::uint32_t>(deployment.subspaces.size()),
          .truncation = e.truncation,
          .patience = e.patience,
          .diversity_floor = e.diversity_floor,
          .seed = deployment.seed};
}

} // namespace ammo
