#include "runtime/system/actor_graph.hpp"

#include "actors/goal_buddy/goal_genes.hpp"
#include "actors/user_buddy/user_genes.hpp"
#include "runtime/system/host_goal_policy.hpp"
#include "runtime/system/host_policy.hpp"
#include "runtime/system/scheduling.hpp"

#include <caf/scheduler/coordinator.hpp>

#include <algorithm>
#include <thread>

namespace ammo {
namespace {

/// A live system has no clock that ends a period: it closes one in this interval.
constexpr std::chrono::milliseconds live_regret_interval{1000};

/// Of what the group likes, for a User Buddy. Who is shown a creation tends to like it, so that a group seems to agree more
/// than it does: docs/decisions.md has what weights cost.
constexpr double group_weight = 0.5;

/// Candidates beyond N that a User Buddy proposes: where caps can refuse some of the first N, and for backward rewards.
std::uint32_t spares(const options& o) {
  auto capped = o.caps.per_goal > 0 || o.caps.per_owner > 0 || o.caps.near_duplicate > 0 || o.market.sale != "value";
  for (const auto& s : o.subspaces)
    capped = capped || s.slate_cap > 0 || s.slate_floor > 0;
  if (capped)
    return 3 * o.slots;
  return rewards_of(o) == reward_rule::backward ? 1 : 0; // whom a slot would go to else
}

slate_caps caps_of(const options& o) {
  slate_caps caps;
  caps.per_goal = o.caps.per_goal;
  caps.per_owner = o.caps.per_owner;
  caps.near_duplicate = o.caps.near_duplicate;
  for (const auto& s : o.subspaces) {
    caps.per_subspace.push_back(s.slate_cap);
    caps.floors.push_back(s.slate_floor);
  }
  if (std::ranges::none_of(caps.floors, [](auto f) { return f > 0; }))
    caps.floors.clear();
  return caps;
}

std::vector<signal_weights> signals_of(const options& o) {
  std::vector<signal_weights> all;
  for (const auto& s : o.subspaces)
    all.push_back({s.signal_view, s.signal_like, s.signal_save, s.signal_share, s.signal_response, s.signal_dismiss});
  return all;
}

subspace_config subspace_config_of(const options& o, const layout& space, std::size_t at) {
  const auto& s = o.subspaces[at];
  subspace_id id{static_cast<std::uint16_t>(at)};
  return {id,        space.coordinates(id),   static_cast<float>(s.norm_cap), s.capacity,
          s.price_micros, s.distance_price_micros, s.slot_price_micros, s.creations_per_owner,
          *slot_sale_named(o.market.sale), o.market.horizon, s.goals_per_owner, o.goal.income_micros};
}

evolution_config evolution_config_of(const options& o, user_policy user, goal_policy goal) {
  const auto& e = o.evolution;
  return {.strains = e.strains,
          .user_genes = genes_of(user),
          .goal_genes = genes_of(goal, !o.goal.generator.empty()),
          .shards = std::max(1u, o.shards),
          .subspaces = static_cast<std::uint32_t>(o.subspaces.size()),
          .truncation = e.truncation,
          .patience = e.patience,
          .diversity_floor = e.diversity_floor,
          .seed = o.seed};
}

} // namespace

result<std::vector<content>> contents_of(const options& deployment) {
  std::vector<content> out;
  auto blocks = blocks_of(deployment);
  for (std::size_t at = 0; at < blocks.size(); ++at) {
    const auto& s = deployment.subspaces[at];
    auto width = blocks[at].coordinates.width;
    if (s.kind == "host") {
      out.emplace_back().dim = width;
      continue;
    }
    auto loaded = load_content(s.kind, deployment.data_root,
                               {.dim = width, .hold_out = deployment.simulation.hold_out, .seed = deployment.seed});
    if (!loaded)
      return loaded.error();
    out.push_back(std::move(*loaded));
  }
  return out;
}

reward_rule rewards_of(const options& deployment) { return *reward_rule_named(deployment.goal.reward); }

std::vector<text_sense> senses_of(const std::vector<content>& contents) {
  std::vector<text_sense> out;
  for (const auto& c : contents)
    out.push_back(text_sense::of(c.words));
  return out;
}

actor_graph::configuration::configuration(std::uint32_t threads) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  load<caf::scheduler::coordinator<local_first>>();
  set("scheduler.max-threads", static_cast<std::size_t>(threads == 0 ? cores : threads));
  set("scheduler.max-throughput", static_cast<std::size_t>(300));
}

result<std::unique_ptr<actor_graph>> actor_graph::make(const options& deployment, const host_policies& host, const creator_policy_maker& creators,
                                           std::vector<text_sense> senses) {
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  auto policy = user_policy_named(deployment.user.policy);
  if (!policy)
    return policy.error();
  auto hosted = host_policy_of(deployment, host);
  if (!hosted)
    return hosted.error();
  auto drift = user_drift_named(deployment.user.drift);
  if (!drift)
    return drift.error();
  auto belief = user_belief_model_named(deployment.user.belief);
  if (!belief)
    return belief.error();
  if (*belief != user_belief_model::linear && *drift == user_drift::restart)
    return {errc::bad_value, "user.drift \"restart\" wants user.belief \"linear\": it weighs linear rewards"};
  auto model = feedback_model_named(deployment.simulation.feedback);
  if (!model)
    return model.error();
  if (auto sale = slot_sale_named(deployment.market.sale); !sale)
    return sale.error();
  if (auto rewards = reward_rule_named(deployment.goal.reward); !rewards)
    return rewards.error();
  auto goal = goal_policy_named(deployment.goal.policy);
  if (!goal)
    return goal.error();
  if (*goal == goal_policy::host && !creators)
    return {errc::bad_value, "goal.policy is \"host\"; the host program supplies no policy of its own"};
  const auto goal_host = hosted_goals(creators);

  user_config user{.space = *space};
  user.policy = *policy;
  user.noise = deployment.user.noise;
  user.prior_variance = deployment.user.prior_variance;
  user.epsilon = deployment.user.epsilon;
  user.optimism = deployment.user.optimism;
  user.exactly = deployment.user.exactly;
  user.spare_candidates = spares(deployment);
  user.caps = caps_of(deployment);
  user.seed = deployment.seed;
  user.drift = *drift;
  user.discount = deployment.user.discount;
  user.belief = *belief;
  user.response = {deployment.user.threshold, deployment.user.temperature};
  user.diversity = deployment.user.diversity;
  if (deployment.user.broadcast == "used" && deployment.user.prior == "flat")
    user.group_weight = group_weight;
  user.host = std::move(*hosted);
  user.propensity_draws = deployment.user.propensity_draws;

  people_config people;
  people.model = *model;
  people.noise = deployment.simulation.noise;
  people.temperature = deployment.simulation.temperature;
  people.threshold = deployment.simulation.threshold;
  people.seed = deployment.seed;

  std::vector<goal_config> goals;
  for (const auto& s : deployment.subspaces)
    goals.push_back({*goal, deployment.goal.lambda, deployment.goal.step, static_cast<float>(s.norm_cap),
                     deployment.goal.patience, deployment.seed, rewards_of(deployment) == reward_rule::backward, deployment.goal.curiosity, goal_host, nullptr,
                     {deployment.goal.reach, deployment.goal.length}, deployment.goal.income_micros});
  auto ctx = std::make_shared<body_context>(deployment.shards, static_cast<std::uint32_t>(deployment.subspaces.size()));
  auto writers = generators_of(deployment, std::move(senses), [ctx](errc code) { ctx->count.refused(ctx.get(), code); });
  if (!writers)
    return writers.error();
  for (std::size_t at = 0; at < writers->size(); ++at)
    goals[at].generator = (*writers)[at];
  auto made = std::unique_ptr<actor_graph>(new actor_graph(deployment, std::move(*space), std::move(user), people, std::move(goals), std::move(ctx)));
  if (deployment.evolution.strains > 0) {
    auto strains = evolution_mind::found(evolution_config_of(deployment, *policy, *goal));
    if (!strains)
      return strains.error();
    made->strains_ = std::move(*strains);
  }
  return made;
}

actor_graph::actor_graph(const options& deployment, layout space, user_config user, people_config people, std::vector<goal_config> goals,
             context_ptr ctx)
  : options_(deployment),
    space_(std::move(space)),
    user_(std::make_shared<user_config>(std::move(user))),
    people_(people),
    goals_(std::move(goals)),
    ctx_(std::move(ctx)),
    configuration_(deployment.threads),
    system_(configuration_) {
  ctx_->wire_check = deployment.wire_check;
}

actor_graph::~actor_graph() {
  for (const auto& g : goals_)
    if (g.generator) // while there are actors to hear of it
      g.generator->close();
  // The supervisor first, so that it starts nobody again.
  auto end = [this](address who) {
    if (const auto actor = ctx_->routes.find(who))
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(the_supervisor);
  end(the_population);
  end(the_evolution);
  for (std::uint32_t i = 0; i < subspaces(); ++i)
    end(address_of<role::subspace>(i));
  for (std::uint32_t i = 0; i < shards(); ++i) {
    end(address_of<role::metaspace>(i));
    end(address_of<role::aipp>(i));
  }
  ctx_->routes.end_buddies();
  system_.await_all_actors_done();
  ctx_->routes.clear();
}

void actor_graph::start(actor_graph_setup setup) {
  if (!setup.clocked) // a host's feedback counts while its impression is open, so its slate must be known as long
    user_->remembered_slates = options_.limits.open_impressions;
  spawn_shards(setup);
  spawn_subspaces(setup);
  spawn_evolution(setup);
  spawn_supervisor(setup);
}

void actor_graph::spawn_shards(actor_graph_setup& setup) {
  std::vector<std::vector<std::pair<user_id, person>>> people(shards());
  for (auto& p : setup.people)
    people[shard_of(p.first, shards())].push_back(std::move(p));
  for (std::uint32_t i = 0; i < shards(); ++i) {
    aipp_config config{.space = space_,
                       .people = people_,
                       .slots = options_.slots,
                       .exactly = options_.user.exactly,
                       .caps = caps_of(options_),
                       .signals = signals_of(options_),
                       .open_impressions = options_.limits.open_impressions,
                       .shard = i,
                       .shards = shards(),
                       .fitness = {options_.evolution.satisfaction, options_.evolution.accuracy}};
    auto people_here = std::make_shared<aipp_setup>(aipp_setup{ctx_, std::move(config), setup.host, std::move(people[i])});
    ctx_->routes.open(address_of<role::aipp>(i), system_.spawn(ammo::aipp, std::move(people_here)));
    auto arbitration = std::make_shared<metaspace_setup>(metaspace_setup{
      .ctx = ctx_,
      .caps = caps_of(options_),
      .rewards = rewards_of(options_),
      .shard = i,
      .shards = shards(),
      .regret_interval = setup.clocked ? std::chrono::milliseconds{0} : live_regret_interval,
      .space = space_,
      .push = pushes(setup)});
    ctx_->routes.open(address_of<role::metaspace>(i), system_.spawn(ammo::metaspace, std::move(arbitration)));
  }
}

void actor_graph::spawn_subspaces(const actor_graph_setup& setup) {
  for (std::uint32_t at = 0; at < subspaces(); ++at) {
    auto with = std::make_shared<subspace_setup>(subspace_setup{
      .ctx = ctx_,
      .config = subspace_config_of(options_, space_, at),
      .host = setup.host,
      .shards = shards(),
      .clocked = setup.clocked,
      .publish_interval = std::chrono::milliseconds{options_.limits.publish_interval_ms},
      .lambda = options_.goal.lambda,
      .by_merit = rewards_of(options_) == reward_rule::backward});
    ctx_->routes.open(address_of<role::subspace>(at), system_.spawn(ammo::subspace, std::move(with)));
  }
}

/// Founders are known before anybody joins.
void actor_graph::spawn_evolution(const actor_graph_setup& setup) {
  if (!strains_)
    return;
  const auto news = strains_->news();
  const auto interval = setup.clocked ? std::chrono::milliseconds{0} : options_.evolution.generation_epochs * live_regret_interval;
  auto with = std::make_shared<evolution_setup>(evolution_setup{ctx_, std::move(*strains_), shards(), subspaces(), interval});
  ctx_->routes.open(the_evolution, system_.spawn(ammo::evolution, std::move(with)));
  tell_hubs(*ctx_, shards(), subspaces(), news);
}

void actor_graph::spawn_supervisor(const actor_graph_setup& setup) {
  std::optional<address_of<role::population>> population;
  if (!setup.clocked && options_.user.prior == "population") {
    population = the_population;
    auto with = std::make_shared<population_setup>(population_setup{.ctx = ctx_, .config = user_, .cohort = options_.user.prior_cohort});
    ctx_->routes.open(the_population, system_.spawn(ammo::population, std::move(with)));
  }
  supervisor_setup with{.ctx = ctx_, .users = {}, .goals = goals_, .population = population, .host = setup.host};
  for (std::uint32_t i = 0; i < shards(); ++i)
    with.users.push_back(std::make_shared<user_buddy_links>(user_buddy_links{
      .ctx = ctx_,
      .config = user_,
      .metaspace = address_of<role::metaspace>(i),
      .slots = options_.slots,
      .push = pushes(setup),
      .subspaces = subspaces(),
      .population = population,
      .pushes = options_.limits.pushes_per_user,
      .push_interval = std::chrono::milliseconds{options_.limits.push_interval_ms}}));
  ctx_->routes.open(the_supervisor, system_.spawn(ammo::supervisor, std::make_shared<supervisor_setup>(std::move(with))));
}

} // namespace ammo
