/// The actors of one deployment, wired together: what a live runtime and a simulation have in common.
#pragma once

#include "actors/aipp/aipp_actor.hpp"
#include "actors/evolution/evolution_actor.hpp"
#include "actors/metaspace/metaspace_actor.hpp"
#include "actors/population/population_actor.hpp"
#include "actors/protocol/unit_moves.hpp"
#include "actors/subspace/subspace_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "ammo/goal_policy.hpp"
#include "ammo/options.hpp"
#include "ammo/policy.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/system/host_goal_policy.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ammo {

/// The generators of a deployment, by subspace; empty: nobody writes. `noted` is told of what a generator does wrong.
using writer_maker =
    std::function<result<std::vector<std::shared_ptr<text_generator>>>(std::function<void(errc)> noted)>;

/// What a host program brings to a deployment.
struct actor_graph_parts {
  host_policies users{};           ///< of User Buddies that play "host"
  creator_policy_maker creators{}; ///< of Goal Buddies that play "host"
  writer_maker writers{};          ///< empty: nobody writes
};

/// By what minds are made in a live runtime.
struct mind_configs {
  std::vector<std::shared_ptr<user_config>> users; ///< by shard
  std::vector<aipp_config> aipp;                   ///< by shard
  std::vector<subspace_config> subspaces;
};

/// What was here before a restart, made by a graph's `configs`.
struct recovered_minds {
  mind_configs configs;
  std::vector<std::shared_ptr<aipp_mind>> aipp;          ///< by shard
  std::vector<std::shared_ptr<subspace_mind>> subspaces; ///< null: nothing was there
  std::vector<std::uint64_t> first_impressions;          ///< by shard
  std::shared_ptr<recovered_buddies> buddies;
  std::optional<evolution_mind_state> strains; ///< nothing: they are the founders
};

/// What differs between a live runtime and a simulation.
struct actor_graph_setup {
  bool clocked = false;          ///< a simulation's clock opens and closes periods
  bool push = false;             ///< User Buddies propose pushes
  std::optional<address_of<role::host>> host{}; ///< receives deliveries and is introduced to users
  std::shared_ptr<outside_runner> policies{};    ///< where a host's policies run; null: in actors, as a simulation's do
  std::vector<std::pair<user_id, person>> people; ///< of a simulation
  std::shared_ptr<reward_variety> variety{};      ///< of rewards, for whoever looks after it
  std::optional<recovered_minds> recovered{};     ///< of a live runtime with a state
  bool units_move = false;                        ///< of a node: no unit is here until it comes
};

/// All actors but the buddies, which the supervisor starts. Owns the actor system; the destructor ends every actor.
class actor_graph {
public:
  /// Errors: `bad_layout`, `bad_value` (policies and models by name), those of `parts.writers`.
  static result<std::unique_ptr<actor_graph>> make(const options& deployment, actor_graph_parts parts = {});
  ~actor_graph();

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const layout& space() const noexcept { return space_; }
  [[nodiscard]] const context_ptr& context() const noexcept { return ctx_; }

  /// Of a live runtime's minds.
  [[nodiscard]] mind_configs configs() const;

  // -- of a node, behind `start`; one thread at a time -------------------------------------------------------
  /// Units have come: their actors begin. `before`: what was there. `done` is called by an actor, once calls about them may come.
  void come(const unit_set& which, recovered_minds before, std::vector<key_frame> answers, std::function<void()> done);
  /// Nothing that these shards have shown or counted is on its way any more: the bridge has parted with them, their MetaSpace and AiPP have ended, the latter behind all that
  /// it was told. Blocks.
  void quiet(const unit_set& shards);
  /// Units go: their actors end, as far as they are this node's. Blocks.
  void go(const unit_set& which);

  /// Spawns AiPP, MetaSpace, the Subspaces and the Supervisor. Once.
  void start(actor_graph_setup setup);

  [[nodiscard]] std::uint32_t shards() const noexcept { return std::max(1u, options_.shards); } ///< of MetaSpace, and of AiPP
  [[nodiscard]] std::uint32_t subspaces() const noexcept { return static_cast<std::uint32_t>(options_.subspaces.size()); }
  /// Do User Buddies hear from one another what rewards are like?
  [[nodiscard]] bool pools() const noexcept { return user_->learner == user_learner::people; }
  [[nodiscard]] bool evolves() const noexcept { return options_.evolution.strains > 0; }

private:
  struct configuration : caf::actor_system_config {
    explicit configuration(std::uint32_t threads);
  };
  actor_graph(const options& deployment, layout space, user_config user, people_config people, std::vector<goal_config> goals,
        context_ptr ctx);
  [[nodiscard]] bool pushes(const actor_graph_setup& setup) const { return setup.push && options_.limits.pushes_per_user > 0; }
  void spawn_shards(actor_graph_setup& setup);
  void spawn_shard(std::uint32_t i, const actor_graph_setup& setup, std::vector<std::pair<user_id, person>> people, std::shared_ptr<aipp_mind> before,
                   std::uint64_t first_impression);
  void spawn_subspaces(const actor_graph_setup& setup);
  void spawn_subspace(std::uint32_t at, const actor_graph_setup& setup, std::shared_ptr<subspace_mind> before);
  void spawn_relay(std::uint32_t at);
  void spawn_evolution(const actor_graph_setup& setup, const std::optional<evolution_mind_state>& recovered);
  void spawn_evolution_relay();
  void end_and_wait(address at);
  void spawn_supervisor(const actor_graph_setup& setup);

  options options_;
  layout space_;
  std::shared_ptr<user_config> user_;
  people_config people_;
  std::vector<goal_config> goals_;
  std::shared_ptr<policy_place> creators_at_; ///< of their policies
  std::optional<evolution_mind> strains_; ///< founders
  actor_graph_setup with_{}; ///< of a node: what its units are started with
  context_ptr ctx_;
  configuration configuration_;
  caf::actor_system system_;
};

/// Calls `f` with the address of every actor that answers statistics_request; sums of the answers, with the context's
/// counters, are the runtime's.
template <class F>
void each_counting(std::uint32_t shards, std::uint32_t subspaces, bool evolves, F f) {
  for (std::uint32_t i = 0; i < shards; ++i)
    f(address_of<role::metaspace>(i));
  for (std::uint32_t i = 0; i < shards; ++i)
    f(address_of<role::aipp>(i));
  for (std::uint32_t i = 0; i < subspaces; ++i)
    f(address_of<role::subspace>(i));
  f(the_supervisor);
  if (evolves)
    f(the_evolution);
}

} // namespace ammo
