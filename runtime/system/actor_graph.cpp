#include "runtime/system/actor_graph.hpp"

#include "actors/user_buddy/person/learner.hpp"
#include "runtime/system/configurations.hpp"
#include "runtime/system/quiet_clock.hpp"

#include <algorithm>
#include <thread>

namespace ammo {
namespace {

/// A live system has no clock that ends a period: it closes one in this interval.
constexpr std::chrono::milliseconds live_regret_interval{1000};

} // namespace

actor_graph::configuration::configuration(std::uint32_t threads) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  load<turn_giver>();
  set("scheduler.max-threads", static_cast<std::size_t>(threads == 0 ? cores : threads));
  set("scheduler.max-throughput", static_cast<std::size_t>(300));
}

result<std::unique_ptr<actor_graph>> actor_graph::make(const options& deployment, actor_graph_parts parts) {
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  auto user = user_config_of(deployment, *space, parts.users);
  if (!user)
    return user.error();
  const auto people = people_config_of(deployment);
  if (!people)
    return people.error();
  auto ctx = std::make_shared<body_context>(deployment.shards, static_cast<std::uint32_t>(deployment.subspaces.size()));
  auto where = std::make_shared<policy_place>();
  where->ctx = ctx;
  where->budget = std::chrono::milliseconds{deployment.limits.policy_budget_ms};
  auto goals = goal_configs_of(deployment, parts.creators, where);
  if (!goals)
    return goals.error();
  std::optional<evolution_mind> strains;
  if (deployment.evolution.strains > 0) {
    auto founded = evolution_mind::found(evolution_config_of(deployment, user->policy, goals->front().policy));
    if (!founded)
      return founded.error();
    strains = std::move(*founded);
  }
  if (parts.writers) {
    auto writers = parts.writers([ctx](errc code) { ctx->refused(ctx.get(), code); });
    if (!writers)
      return writers.error();
    for (std::size_t at = 0; at < writers->size(); ++at)
      (*goals)[at].generator = std::move((*writers)[at]);
  }
  auto made = std::unique_ptr<actor_graph>(
      new actor_graph(deployment, std::move(*space), std::move(*user), *people, std::move(*goals), std::move(ctx)));
  made->strains_ = std::move(strains);
  made->creators_at_ = std::move(where);
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
  user_->newcomer = learner_of(*user_);
  ctx_->wire_check = deployment.wire_check;
  ctx_->log = deployment.log;
}

actor_graph::~actor_graph() {
  for (const auto& g : goals_)
    if (g.generator) // while there are actors to hear of it
      g.generator->close();
  ctx_->routes.shut_off(); // a callback or a policy of the host's may end at any time, and has something to tell then
  // The supervisor first, so that it starts nobody again; and its books of all of them go before they do.
  auto end = [this](address who) {
    if (const auto actor = ctx_->routes.find(who))
      caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  };
  end(the_supervisor);
  if (const auto supervisor = ctx_->routes.find(the_supervisor)) {
    caf::scoped_actor self(system_);
    self->wait_for(supervisor);
  }
  end(the_population);
  end(the_evolution);
  for (std::uint32_t i = 0; i < subspaces(); ++i)
    end(address_of<role::subspace>(i));
  for (std::uint32_t i = 0; i < shards(); ++i) {
    end(address_of<role::metaspace>(i));
    end(address_of<role::aipp>(i));
  }
  const bool budgets = creators_at_ && creators_at_->runner && user_->policy == user_policy::host;
  ctx_->routes.end_buddies(budgets);
  system_.await_all_actors_done();
  ctx_->routes.clear();
}

void actor_graph::end_and_wait(address at) {
  const auto actor = ctx_->routes.find(at);
  ctx_->routes.close(at);
  if (!actor)
    return;
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  caf::scoped_actor self(system_);
  self->wait_for(actor);
}

mind_configs actor_graph::configs() const {
  mind_configs out;
  for (std::uint32_t i = 0; i < shards(); ++i) {
    auto user = std::make_shared<user_config>(*user_);
    user->embeddings = std::make_shared<embedding_store>(); // a shard's own
    user->remembered_slates = options_.limits.open_impressions;
    out.users.push_back(std::move(user));
    out.aipp.push_back(aipp_config_of(options_, space_, people_, i));
  }
  for (std::uint32_t at = 0; at < subspaces(); ++at)
    out.subspaces.push_back(subspace_config_of(options_, space_, at));
  return out;
}

void actor_graph::start(actor_graph_setup setup) {
  if (!setup.clocked) // a host's feedback counts while its impression is open, so its slate must be known as long
    user_->remembered_slates = options_.limits.open_impressions;
  creators_at_->runner = setup.policies;
  if (setup.units_move) {
    for (std::uint32_t at = 0; at < subspaces(); ++at)
      spawn_relay(at);
    spawn_evolution_relay();
    spawn_supervisor(setup);
    setup.recovered.reset();
    with_ = std::move(setup);
    return;
  }
  spawn_shards(setup);
  spawn_subspaces(setup);
  spawn_evolution(setup, setup.recovered ? setup.recovered->strains : std::nullopt);
  spawn_supervisor(setup);
}

void actor_graph::spawn_shards(actor_graph_setup& setup) {
  std::vector<std::vector<std::pair<user_id, person>>> people(shards());
  for (auto& p : setup.people)
    people[shard_of(p.first, shards())].push_back(std::move(p));
  for (std::uint32_t i = 0; i < shards(); ++i)
    spawn_shard(i, setup, std::move(people[i]), setup.recovered ? setup.recovered->aipp[i] : nullptr, setup.recovered ? setup.recovered->first_impressions[i] : 1);
}

void actor_graph::spawn_shard(std::uint32_t i, const actor_graph_setup& setup, std::vector<std::pair<user_id, person>> people, std::shared_ptr<aipp_mind> before,
                              std::uint64_t first_impression) {
  auto people_here = std::make_shared<aipp_setup>(aipp_setup{
    .ctx = ctx_, .config = aipp_config_of(options_, space_, people_, i), .host = setup.host, .people = std::move(people), .variety = setup.variety, .recovered = std::move(before)});
  ctx_->routes.open(address_of<role::aipp>(i), system_.spawn(ammo::aipp, std::move(people_here)));
  auto arbitration = std::make_shared<metaspace_setup>(metaspace_setup{
    .ctx = ctx_,
    .caps = caps_of(options_),
    .rewards = rewards_of(options_),
    .shard = i,
    .shards = shards(),
    .regret_interval = setup.clocked ? std::chrono::milliseconds{0} : live_regret_interval,
    .space = space_,
    .first_impression = first_impression,
    .push = pushes(setup)});
  ctx_->routes.open(address_of<role::metaspace>(i), system_.spawn(ammo::metaspace, std::move(arbitration)));
}

void actor_graph::spawn_subspaces(const actor_graph_setup& setup) {
  for (std::uint32_t at = 0; at < subspaces(); ++at)
    spawn_subspace(at, setup, setup.recovered ? setup.recovered->subspaces[at] : nullptr);
}

void actor_graph::spawn_subspace(std::uint32_t at, const actor_graph_setup& setup, std::shared_ptr<subspace_mind> before) {
  auto with = std::make_shared<subspace_setup>(subspace_setup{
    .ctx = ctx_,
    .config = subspace_config_of(options_, space_, at),
    .host = setup.host,
    .shards = shards(),
    .clocked = setup.clocked,
    .publish_interval = std::chrono::milliseconds{options_.limits.publish_interval_ms},
    .lambda = options_.goal.lambda,
    .recovered = std::move(before),
    .by_merit = rewards_of(options_) == reward_rule::backward});
  ctx_->routes.open(address_of<role::subspace>(at), system_.spawn(ammo::subspace, std::move(with)));
}

/// Founders are known before anybody joins.
void actor_graph::spawn_evolution(const actor_graph_setup& setup, const std::optional<evolution_mind_state>& recovered) {
  if (!strains_)
    return;
  if (recovered) {
    auto before = evolution_mind::restore(evolution_config_of(options_, user_->policy, goals_.front().policy), *recovered);
    if (before)
      strains_ = std::move(*before);
    else // [evolution] has changed
      ctx_->note(log_level::warning, "strains_begin_anew", {{"code", name_of(before.code())}, {"detail", std::string_view(before.error().detail)}});
  }
  const auto news = strains_->news();
  const auto interval = setup.clocked ? std::chrono::milliseconds{0} : options_.evolution.generation_epochs * live_regret_interval;
  auto with = std::make_shared<evolution_setup>(evolution_setup{ctx_, *strains_, shards(), subspaces(), interval});
  ctx_->routes.open(the_evolution, system_.spawn(ammo::evolution, std::move(with)));
  tell_hubs(*ctx_, shards(), subspaces(), news);
}

void actor_graph::spawn_supervisor(const actor_graph_setup& setup) {
  std::optional<address_of<role::population>> population;
  if (pools() || (!setup.clocked && options_.user.prior == "population")) {
    population = the_population;
    population_setup of{.ctx = ctx_, .config = user_, .cohort = options_.user.prior_cohort};
    if (pools())
      of.shards = shards();
    if (setup.clocked) {
      of.interval = std::chrono::milliseconds{0};
      of.timeout = std::chrono::milliseconds{options_.limits.epoch_timeout_ms};
    }
    auto with = std::make_shared<population_setup>(std::move(of));
    ctx_->routes.open(the_population, system_.spawn(ammo::population, std::move(with)));
  }
  supervisor_setup with{.ctx = ctx_, .users = {}, .goals = goals_, .population = population, .host = setup.host,
                        .recovered = setup.recovered ? setup.recovered->buddies : nullptr, .units_move = setup.units_move};
  for (std::uint32_t i = 0; i < shards(); ++i) {
    auto config = setup.recovered ? setup.recovered->configs.users[i] : std::make_shared<user_config>(*user_);
    if (!setup.recovered)
      config->embeddings = std::make_shared<embedding_store>(); // a shard's own
    with.users.push_back(std::make_shared<user_buddy_links>(user_buddy_links{
      .ctx = ctx_,
      .config = std::move(config),
      .metaspace = address_of<role::metaspace>(i),
      .slots = options_.slots,
      .push = pushes(setup),
      .subspaces = subspaces(),
      .population = population,
      .pushes = options_.limits.pushes_per_user,
      .push_interval = std::chrono::milliseconds{options_.limits.push_interval_ms},
      .policies = setup.policies,
      .policy_budget = std::chrono::milliseconds{options_.limits.policy_budget_ms},
      .shard = i}));
  }
  ctx_->routes.open(the_supervisor, system_.spawn(ammo::supervisor, std::make_shared<supervisor_setup>(std::move(with))));
}

} // namespace ammo
