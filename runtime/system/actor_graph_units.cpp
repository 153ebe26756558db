// The actors of units that come to a node, and go from it.
#include "actors/subspace/subspace_relay_actor.hpp"
#include "runtime/system/actor_graph.hpp"

#include <future>
#include <memory>
#include <utility>

namespace ammo {

void actor_graph::spawn_relay(std::uint32_t at) {
  auto with = std::make_shared<subspace_relay_setup>(subspace_relay_setup{ctx_, subspace_id{static_cast<std::uint16_t>(at)}, shards()});
  ctx_->routes.open(address_of<role::subspace>(at), system_.spawn(ammo::subspace_relay, std::move(with)));
}

void actor_graph::spawn_evolution_relay() {
  if (strains_)
    ctx_->routes.open(the_evolution, system_.spawn(ammo::evolution_relay, ctx_, shards(), subspaces()));
}

void actor_graph::come(const unit_set& which, recovered_minds before, std::vector<key_frame> answers, std::function<void()> done) {
  buddies_came buddies{.shards = {}, .who = std::move(*before.buddies), .then = {which, {}, {}, std::move(answers), std::move(done)}};
  for (const auto at : which.subspaces) {
    const auto relay = ctx_->routes.find(address_of<role::subspace>(at));
    spawn_subspace(at, with_, before.subspaces[at]);
    caf::anon_send(relay, hand_members{});
  }
  for (const auto i : which.shards) {
    spawn_shard(i, with_, {}, before.aipp[i], before.first_impressions[i]);
    for (std::uint32_t at = 0; at < subspaces(); ++at)
      if (const auto newest = ctx_->catalogues.newest(subspace_id{static_cast<std::uint16_t>(at)})) {
        const address_of<role::subspace> by(at);
        send_as(by, *ctx_, address_of<role::metaspace>(i), catalogue_news{newest, {}});
        send_as(by, *ctx_, address_of<role::aipp>(i), catalogue_news{newest, {}});
      }
    buddies.shards.emplace_back(i, before.configs.users[i]);
  }
  if (which.rest && strains_) {
    end_and_wait(the_evolution);
    spawn_evolution(with_, before.strains);
  }
  for (const auto& mind : buddies.who.users)
    buddies.then.users.push_back(mind->user());
  for (const auto& g : buddies.who.goals)
    buddies.then.goals.emplace_back(g.goal, g.subspace);
  (void)hand_over(*ctx_, the_supervisor, std::move(buddies));
  caf::logger::set_current_actor_system(nullptr); // see `runtime::impl::start_actors`
}

void actor_graph::quiet(const unit_set& which) {
  auto parted = std::make_shared<std::promise<void>>(); // the bridge first: nobody is asked any more, and no answer that is late is kept under a key
  const auto heard = parted->get_future();
  if (hand_over(*ctx_, the_host, units_go{which, [p = std::move(parted)] { p->set_value(); }}))
    heard.wait(); // also where the word is lost
  for (const auto i : which.shards) {
    end_and_wait(address_of<role::metaspace>(i));
    const address of_aipp = address_of<role::aipp>(i);
    const auto aipp = ctx_->routes.find(of_aipp);
    ctx_->routes.close(of_aipp);
    if (!aipp)
      continue;
    caf::anon_send(aipp, caf::exit_msg{{}, caf::exit_reason::user_shutdown}); // of the usual priority: last
    caf::scoped_actor self(system_);
    self->wait_for(aipp);
  }
  caf::logger::set_current_actor_system(nullptr);
}

void actor_graph::go(const unit_set& which) {
  auto gone = std::make_shared<std::promise<void>>();
  const auto ended = gone->get_future();
  if (hand_over(*ctx_, the_supervisor, units_go{which, [p = std::move(gone)] { p->set_value(); }}))
    ended.wait(); // also where the word is lost
  for (const auto i : which.shards) {
    end_and_wait(address_of<role::metaspace>(i));
    end_and_wait(address_of<role::aipp>(i));
  }
  for (const auto at : which.subspaces) {
    const auto subspace = ctx_->routes.find(address_of<role::subspace>(at));
    spawn_relay(at);
    caf::anon_send(subspace, hand_members{});
    caf::scoped_actor self(system_);
    self->wait_for(subspace);
  }
  if (which.rest && strains_) {
    end_and_wait(the_evolution);
    spawn_evolution_relay();
  }
  caf::logger::set_current_actor_system(nullptr);
}

} // namespace ammo
