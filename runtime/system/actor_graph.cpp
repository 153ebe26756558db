#include "runtime/system/actor_graph.hpp"

#include "runtime/system/configurations.hpp"
#include "runtime/system/scheduling.hpp"

#include <caf/scheduler/coordinator.hpp>

#include <algorithm>
#include <thread>

namespace ammo {
namespace {

/// A live system has no clock that ends a period: it closes one in this interval.
constexpr std::chrono::milliseconds live_regret_interval{1000};

} // namespace

actor_graph::configuration::configuration(std::uint32_t threads) {
  auto cores = std::max(1u, std::thread::hardware_concurrency());
  load<caf::scheduler::coordinator<local_first>>();
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
  auto goals = goal_configs_of(deployment, parts.creators);
  if (!goals)
    return goals.error();
  std::optional<evolution_mind> strains;
  if (deployment.evolution.strains > 0) {
    auto founded = evolution_mind::found(evolution_config_of(deployment, user->policy, goals->front().policy));
    if (!founded)
      return founded.error();
    strains = std::move(*founded);
  }
  auto ctx = std::make_shared<body_context>();
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
  ctx_->log = deployment.log;
}

actor_graph::~actor_graph() {
  for (const auto& g : goals_)
    if (g.generator) // while there are actors to hear of it
      g.generator->close();
  // The supervisor first, so that it starts nobody again.
  std::vector<caf::actor> all{supervisor_, population_, evolution_};
  for (auto* group : {&subspaces_, &metaspace_, &aipp_})
    all.insert(all.end(), group->begin(), group->end());
  for (auto& a : all)
    if (a)
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
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
  auto shards = std::max(1u, options_.shards);
  std::vector<std::vector<std::pair<user_id, person>>> people(shards);
  for (auto& p : setup.people)
    people[shard_of(p.first, shards)].push_back(std::move(p));
  for (std::uint32_t i = 0; i < shards; ++i) {
    auto config = aipp_config_of(options_, space_, people_, i);
    aipp_.push_back(system_.spawn(
        ammo::aipp,
        std::make_shared<aipp_setup>(
            aipp_setup{.ctx = ctx_, .config = std::move(config), .host = setup.host, .people = std::move(people[i])})));
    metaspace_.push_back(system_.spawn(
        ammo::metaspace, std::make_shared<metaspace_setup>(metaspace_setup{
                             .ctx = ctx_,
                             .caps = caps_of(options_),
                             .rewards = rewards_of(options_),
                             .shard = i,
                             .shards = shards,
                             .aipp = aipp_[i],
                             .regret_interval = setup.clocked ? std::chrono::milliseconds{0} : live_regret_interval,
                             .space = space_,
                             .push = pushes(setup)})));
  }
}

void actor_graph::spawn_subspaces(const actor_graph_setup& setup) {
  auto shards = metaspace_;
  shards.insert(shards.end(), aipp_.begin(), aipp_.end());
  for (std::size_t at = 0; at < options_.subspaces.size(); ++at)
    subspaces_.push_back(system_.spawn(
        ammo::subspace, std::make_shared<subspace_setup>(subspace_setup{
                            .ctx = ctx_,
                            .config = subspace_config_of(options_, space_, at),
                            .host = setup.host,
                            .shards = shards,
                            .reports = static_cast<std::uint32_t>(metaspace_.size()),
                            .clocked = setup.clocked,
                            .publish_interval = std::chrono::milliseconds{options_.limits.publish_interval_ms},
                            .lambda = options_.goal.lambda,
                            .by_merit = rewards_of(options_) == reward_rule::backward})));
}

/// Founders are known before anybody joins.
void actor_graph::spawn_evolution(const actor_graph_setup& setup) {
  if (!strains_)
    return;
  std::vector<caf::actor> hubs = metaspace_;
  for (const auto* more : {&aipp_, &subspaces_})
    hubs.insert(hubs.end(), more->begin(), more->end());
  const auto news = strains_->news();
  const auto interval = setup.clocked ? std::chrono::milliseconds{0} : options_.evolution.generation_epochs * live_regret_interval;
  evolution_ = system_.spawn(ammo::evolution, std::make_shared<evolution_setup>(evolution_setup{ctx_, std::move(*strains_), hubs, interval}));
  for (const auto& hub : hubs)
    post_as(evolution_, *ctx_, hub, news);
}

void actor_graph::spawn_supervisor(const actor_graph_setup& setup) {
  if (!setup.clocked && options_.user.prior == "population")
    population_ = system_.spawn(ammo::population, std::make_shared<population_setup>(population_setup{
                                                    .ctx = ctx_, .config = user_, .cohort = options_.user.prior_cohort}));
  std::vector<std::shared_ptr<const user_buddy_links>> links;
  for (const auto& shard : metaspace_) {
    auto config = std::make_shared<user_config>(*user_);
    config->embeddings = std::make_shared<embedding_store>(); // a shard's own
    links.push_back(std::make_shared<user_buddy_links>(
        user_buddy_links{.ctx = ctx_,
                         .config = std::move(config),
                         .metaspace = shard,
                         .slots = options_.slots,
                         .push = pushes(setup),
                         .subspaces = subspaces_,
                         .population = population_,
                         .pushes = options_.limits.pushes_per_user,
                         .push_interval = std::chrono::milliseconds{options_.limits.push_interval_ms}}));
  }
  supervisor_setup with{.ctx = ctx_, .users = std::move(links), .aipp = aipp_, .subspaces = subspaces_, .goals = goals_, .population = population_, .host = setup.host};
  supervisor_ = system_.spawn(ammo::supervisor, std::make_shared<supervisor_setup>(std::move(with)));
}

std::vector<caf::actor> actor_graph::counting() const {
  auto out = metaspace_;
  out.insert(out.end(), aipp_.begin(), aipp_.end());
  out.insert(out.end(), subspaces_.begin(), subspaces_.end());
  out.push_back(supervisor_);
  if (evolution_)
    out.push_back(evolution_);
  return out;
}

} // namespace ammo
