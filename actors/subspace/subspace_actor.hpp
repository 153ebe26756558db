/// The body of a Subspace: the actor group of its User Buddies and Goal Buddies. Takes creations, publishes catalogue
/// periods, broadcasts regret feedback.
#pragma once

#include "actors/evolution/fitness_book.hpp"
#include "actors/protocol/body.hpp"
#include "actors/protocol/fan_out.hpp"
#include "actors/subspace/subspace_mind.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <unordered_set>
#include <vector>

namespace ammo {

struct subspace_setup {
  context_ptr ctx;
  subspace_config config;
  caf::actor host;                ///< is told of each user who knows this Subspace's catalogue; may be null
  std::vector<caf::actor> shards; ///< MetaSpace and AiPP shards: they need every period first
  std::uint32_t reports = 1;      ///< attention reports a period: one from each MetaSpace shard
  /// True: a simulation's clock opens and closes periods, and offers are taken in the order of Goal Buddies when one opens.
  /// False: offers are taken as they come, published within `publish_interval`, and answered once every member has been
  /// sent the news: who has the verdict finds the creation live.
  bool clocked = false;
  std::chrono::milliseconds publish_interval{5};
  double lambda = 1; ///< weight of cost against visibility in a Goal Buddy's utility, of which Evolution is told
  bool by_merit = false; ///< that visibility is counted in backward rewards
};

/// Time to publish what has changed. Never leaves the actor.
struct publish_due {};

struct subspace_state {
  static constexpr const char* name = "ammo.subspace";
  struct waiting_offer {
    creation_offer offer;
    caf::actor from;
  };

  body_context* ctx = nullptr;
  std::shared_ptr<const subspace_setup> setup;
  std::optional<subspace_mind> mind;
  std::shared_ptr<const catalogue_version> published;
  fan_out users, goals;
  fan_out catalogue_readers; ///< those of the goals that want the news
  struct waiting_verdict {
    creation_verdict verdict;
    caf::actor to;
  };
  std::vector<waiting_offer> offers;           ///< until the period opens (clocked)
  std::vector<waiting_verdict> verdicts;       ///< until published (not clocked)
  std::unordered_set<std::uint64_t> awaited;   ///< Goal Buddies whose answer to the last regret feedback is missing (clocked)
  std::map<std::uint64_t, std::vector<attention_report>> reports; ///< by period, until complete
  std::optional<std::uint64_t> opening, closing; ///< periods that the clock waits for
  caf::message last_regret;                    ///< for who comes later; empty before the first
  std::optional<strain_news> strains;          ///< that Goal Buddies play now, for who comes later
  fitness_book fitness;                        ///< of them
  caf::actor evolution;                        ///< whose they are
  bool broadcasting = false;                   ///< regret feedback is still going out
  bool publish_scheduled = false;
  caf::actor clock;
};

/// Handles join, join_goal, leave, creation_offer, creation_withdrawal, creation_pass, attention_report, period_open,
/// interest_notice, strain_news, statistics_request. The sender of period_open is the clock: it gets period_opened and period_closed.
caf::behavior subspace(caf::stateful_actor<subspace_state>* self, std::shared_ptr<const subspace_setup> setup);

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::publish_due)
