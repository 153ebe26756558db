/// The actors of one deployment, wired together: what a live runtime and a simulation have in common.
#pragma once

#include "actors/aipp/aipp_actor.hpp"
#include "actors/evolution/evolution_actor.hpp"
#include "actors/metaspace/metaspace_actor.hpp"
#include "actors/subspace/subspace_actor.hpp"
#include "actors/population/population_actor.hpp"
#include "actors/supervisor/supervisor_actor.hpp"
#include "ammo/options.hpp"
#include "ammo/goal_policy.hpp"
#include "ammo/policy.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/writing/generators.hpp"
#include "subspaces/content.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ammo {

/// The content of each subspace of a known kind (in the order of the layout); empty content for "host".
/// Errors: those of `load_content`.
[[nodiscard]] result<std::vector<content>> contents_of(const options& deployment);

/// What texts mean in each of them.
[[nodiscard]] std::vector<text_sense> senses_of(const std::vector<content>& contents);

/// By what Goal Buddies are rewarded in a deployment that was checked.
[[nodiscard]] reward_rule rewards_of(const options& deployment);

/// What differs between a live runtime and a simulation.
struct actor_graph_setup {
  bool clocked = false;          ///< a simulation's clock opens and closes periods
  bool push = false;             ///< User Buddies propose pushes
  std::optional<address_of<role::host>> host{}; ///< receives deliveries and is introduced to users
  std::vector<std::pair<user_id, person>> people; ///< of a simulation
};

/// All actors but the buddies, which the supervisor starts. Owns the actor system; the destructor ends every actor.
class actor_graph {
public:
  /// `senses`: by subspace, what its texts mean. Errors: `bad_layout`, `bad_value` (policies and models by
  /// name), `generator_failed` (its program can't be started).
  static result<std::unique_ptr<actor_graph>> make(const options& deployment, const host_policies& host = {},
                                            const creator_policy_maker& creators = {},
                                            std::vector<text_sense> senses = {});
  ~actor_graph();

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const layout& space() const noexcept { return space_; }
  [[nodiscard]] const context_ptr& context() const noexcept { return ctx_; }

  /// Spawns AiPP, MetaSpace, the Subspaces and the Supervisor. Once.
  void start(actor_graph_setup setup);

  [[nodiscard]] std::uint32_t shards() const noexcept { return std::max(1u, options_.shards); } ///< of MetaSpace, and of AiPP
  [[nodiscard]] std::uint32_t subspaces() const noexcept { return static_cast<std::uint32_t>(options_.subspaces.size()); }
  [[nodiscard]] bool evolves() const noexcept { return options_.evolution.strains > 0; }

private:
  struct configuration : caf::actor_system_config {
    explicit configuration(std::uint32_t threads);
  };
  actor_graph(const options& deployment, layout space, user_config user, people_config people, std::vector<goal_config> goals,
        context_ptr ctx);
  [[nodiscard]] bool pushes(const actor_graph_setup& setup) const { return setup.push && options_.limits.pushes_per_user > 0; }
  void spawn_shards(actor_graph_setup& setup);
  void spawn_subspaces(const actor_graph_setup& setup);
  void spawn_evolution(const actor_graph_setup& setup);
  void spawn_supervisor(const actor_graph_setup& setup);

  options options_;
  layout space_;
  std::shared_ptr<user_config> user_;
  people_config people_;
  std::vector<goal_config> goals_;
  std::optional<evolution_mind> strains_; ///< until evolution starts
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
