/// The body of a Goal Buddy: offers its mind's creations and hears what became of them.
#pragma once

#include "actors/goal_buddy/goal_mind.hpp"
#include "actors/protocol/body.hpp"

#include <optional>
#include <unordered_map>

namespace ammo {

/// Everything that a Goal Buddy starts (and restarts) with.
struct goal_buddy_setup {
  context_ptr ctx;
  std::optional<address_of<role::host>> host; ///< is told of the first creation when `welcome.request` is set
  goal_config config;
  admit_goal welcome;
  /// As it was before a restart. Taken by the first that starts with it: one that fails begins from nothing.
  std::shared_ptr<std::optional<goal_mind_state>> remembered{};
};

struct goal_buddy_state {
  static constexpr const char* name = "ammo.goal_buddy";
  body_context* ctx = nullptr;
  std::shared_ptr<const goal_buddy_setup> setup;
  std::optional<goal_mind> mind;
  bool returns = false;  ///< was restored, and hasn't heard yet where it stands
  bool welcomed = false; ///< its first creation has had its verdict
  /// Who wants to hear of a text.
  struct order {
    address_of<role::host> asker;
    std::uint64_t request = 0; ///< the asker's number
    writing_order what = writing_order::draft;
  };
  struct publication {
    order of;
    std::uint64_t key = 0; ///< of the offer
    written_news news;
  };
  std::unordered_map<std::uint64_t, writing_request> wishes; ///< to write, by request; what is close by isn't known yet
  std::unordered_map<std::uint64_t, std::uint64_t> writing; ///< the generator's tickets, by request
  std::unordered_map<std::uint64_t, order> orders;          ///< of the host, by request
  std::optional<publication> publishing;                    ///< offered, without a verdict yet
  ~goal_buddy_state();                                      ///< what is being written isn't wanted any more
  /// Its host waits for the verdict on its first creation.
  [[nodiscard]] bool is_awaited() const noexcept { return !welcomed && setup->welcome.request != 0 && setup->host; }
  [[nodiscard]] bool whole() const { return static_cast<bool>(goal_mind::restore(setup->config, mind->save())); }
  [[nodiscard]] address_of<role::goal_buddy> me() const { return address_of<role::goal_buddy>(setup->welcome.goal); }
  [[nodiscard]] address_of<role::subspace> subspace() const { return address_of<role::subspace>(setup->welcome.subspace); }
};

/// Makes its first offer once its Subspace has made it a member.
caf::behavior goal_buddy(caf::stateful_actor<goal_buddy_state>* self, std::shared_ptr<const goal_buddy_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::save_call<ammo::goal_mind_state>)
