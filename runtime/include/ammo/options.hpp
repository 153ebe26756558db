/// What a deployment is: everything that can be set, with its default. The same struct whether a host fills it in
/// or a TOML file does.
#pragma once

#include "ammo/executor.hpp"
#include "ammo/export.hpp"
#include "ammo/kind.hpp"
#include "ammo/log.hpp"
#include "ammo/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// TOML: one [[subspace]] each.
struct subspace_options {
  std::string name{};             ///< required, unique: "coin"
  std::string kind = "host";      ///< "coin", "job", "edu": real data; "host": the host's content; or one of `options::kinds`
  std::int64_t offset = -1;       ///< first coordinate of its block of E; −1: right after the subspace before
  std::uint32_t width = 0;        ///< coordinates of its block; 0: the kind's default (required for "host")
  double norm_cap = 1.0;          ///< largest norm of a creation
  std::uint32_t capacity = 1u << 20;             ///< most live creations
  std::int64_t price_micros = 1'000;             ///< fixed price of a creation, micro-units
  std::int64_t distance_price_micros = 100'000;  ///< price of a unit of ½|e − grounded|²
  std::int64_t slot_price_micros = 0;            ///< price of a slot, told in the regret feedback
  std::uint32_t slate_cap = 0;                   ///< most slots of one slate; 0: no cap
  std::uint32_t creations_per_owner = 1u << 20;  ///< quota of live creations
  std::uint32_t slate_floor = 0;                 ///< slots of each slate that are its own, as far as it has candidates
  std::uint32_t goals_per_owner = 1u << 20;      ///< quota of Goal Buddies
  /// Of a deployment with a state: nobody is shown anything of it any more, and its Goal Buddies go with the next start. Its coordinates stay, and what people believe of them.
  bool retired = false;
  std::uint32_t crowd = 5; ///< people that a figure of attention which Goal Buddies hear stands for at least; 0: they hear it exactly
  /// What the six usual signals are worth, as `signals` says it by name; a default leaves what the kind says.
  double signal_view = 0.05, signal_like = 0.5, signal_save = 0.7, signal_share = 0.6, signal_response = 1, signal_dismiss = -1;
  /// What signals are worth as a reward, in [−1, 1]: changes those of the kind, and adds others. TOML: { like = 0.5 }.
  signal_table signals{};
  /// The signals that exist, by name, in the order of the page's buttons; empty: the kind's, and those of `signals`.
  std::vector<std::string> takes{};
  /// How the subspace is shown: see `presentation`. Empty: as the kind says.
  std::string label{}, emblem{}, accent{}, action{};
  /// How an item is told of, from its facts: see `item_form`. Empty: as the kind says.
  std::string item_title{}, item_body{}, item_link{};
  friend bool operator==(const subspace_options&, const subspace_options&) = default;
};

/// TOML: [user]
struct user_options {
  /// "thompson", "greedy", "uniform", "epsilon_greedy", "c2ucb", "sampled_ucb", "ftrl", "host"
  std::string policy = "sampled_ucb";
  /// Who learns what a person likes. "people": rewards may be of any offset, unit, noise and kind, tastes may change; none of it is
  /// told. "classic": rewards are as `noise`, `drift`, `belief` and `prior` say, in [−1, 1]. Where one of the last three is set away
  /// from its default, classic it is.
  std::string learner = "people";
  double noise = 0.3;              ///< σ that a classic learner expects of a reward; > 0
  double prior_variance = 0;       ///< of a coordinate of q; 0: 1 / width, with several subspaces 1/9 at least
  double epsilon = 0.05;           ///< of epsilon_greedy: share of rounds that are uniform, in [0, 1]
  double optimism = 3;             ///< of both c2ucb: standard deviations of a value above its mean; ≥ 0
  /// Unset: N slots are filled as far as there are creations. Set: a slot stays empty rather than show what is worth less (expected reward,
  /// in the units of rewards; of logistic and choice belief, value); then regret counts an empty slot as worth that. Of policies that go by
  /// belief; "uniform", "ftrl" and "host" fill their slots.
  std::optional<double> empty_slot_worth{};
  double empty_slate_retry = 0.0625; ///< so many asks that would get an empty slate are filled all the same, so that tastes can change; in [0, 1]
  bool exactly = true;             ///< an older key: false is `empty_slot_worth = 0` where that is unset and a classic learner plays
  std::string drift = "none";      ///< of preferences: "none", "restart" (learn anew when a change is detected), "discount"
  double discount = 0.999;         ///< of drift "discount": weight of what was seen a round earlier, in (0, 1]
  /// What rewards are taken for: "linear" (value and noise), "logistic" (yes or no), "choice" (one of the slate or none).
  std::string belief = "linear";
  double temperature = 0.1;        ///< of logistic and choice belief, and of preferences between two; > 0
  double threshold = 0.3;          ///< value at which a person is indifferent, of logistic and choice belief
  double diversity = 0;            ///< of a slate: weight of log det of its similarities beside values; ≥ 0
  std::string host_policy{};       ///< of "host": the host program's policy of that name (ammo/policy.hpp)
  /// What a new user is believed to be like: "flat" (nothing is known), "population" (learned in the background from what those
  /// who are here have liked; a live runtime only: a simulation's people all arrive before anybody has played).
  std::string prior = "flat";
  /// What users make of the regret broadcast: "used" (they start from what their group likes, as far as people agree),
  /// "ignored". Only with a flat prior and no drift.
  std::string broadcast = "used";
  /// Of prior "population", and of what learner "people" hears of people's rewards: nothing is seen but sums over so many users; ≥ 2, ≤ 65,536.
  std::uint32_t prior_cohort = 16;
  /// Of Thompson sampling: most redraws that tell how likely a slate was (it has no closed form), ≤ 65,536; 0: unknown.
  std::uint32_t propensity_draws = 0;
  /// So many of the slates that people ask for are drawn at random among what is eligible, whatever is believed: statistics then tell what the
  /// policy's slates earn above those (`runtime_statistics::control`). In [0, 1]; 0: none.
  double control_share = 0;
  /// When and where people ask, in the host's words: ["evening", "phone"]; at most 64, each once. `runtime::ask` names one of them.
  std::vector<std::string> situations{};
  friend bool operator==(const user_options&, const user_options&) = default;
};

/// TOML: [goal]
struct goal_options {
  /// Of Goal Buddies that don't say: "static", "exploiter", "explorer", "adaptive", "host". All but "static" move
  /// their creation away from its facts, at their budget's cost. "": adaptive where a Goal Buddy can rewrite its content, which
  /// takes facts and a generator, else static.
  std::string policy{};
  double share = 1;                       ///< of a simulation's Goal Buddies that play it, in [0, 1]; the others are static
  double lambda = 1.0;                    ///< weight of cost against visibility; ≥ 0
  double step = 0.1;                      ///< longest step of a Goal Buddy; > 0
  std::uint32_t patience = 5;             ///< regret periods between two steps; ≥ 1
  std::int64_t budget_micros = 1'000'000; ///< of each Goal Buddy; ≥ 0
  double curiosity = 0.02;                ///< adaptive: how fast it forgets that a promise of visibility failed, a turn; in [0, 1]
  /// What its attention is counted in: "exposure" (impressions), "backward" (what a slate would lose without it, of each
  /// slate: arXiv 2306.07893; best responses then settle).
  std::string reward = "exposure";
  /// Who writes their creations: "" (nobody: they offer places), "template", or the command line of a program that speaks
  /// msgpack on its standard streams (docs/generators.md).
  std::string generator{};
  std::uint32_t generator_timeout_ms = 2'000; ///< within which a text is there, or isn't; ≥ 1
  double reach = 1;                       ///< of a text: how much it speaks of what was asked for, beside the facts; in [0, 1]
  double length = 0.5;                    ///< of a text: how much of the facts it tells; in [0, 1]
  std::int64_t income_micros = 0;         ///< what a Goal Buddy earns with a unit of engagement (reward); ≥ 0
  friend bool operator==(const goal_options&, const goal_options&) = default;
};

/// TOML: [caps]; 0: no such cap.
struct cap_options {
  std::uint32_t per_goal = 0;  ///< most creations of one Goal Buddy in a slate
  std::uint32_t per_owner = 0; ///< most creations of one owner in a slate, for each subspace
  /// Creations of a subspace within this cosine distance, whoever made them, compete as one for a slot, in [0, 1]; 0: off. Where others
  /// have run out, slots are filled with them.
  double near_duplicate = 1e-3;
  friend bool operator==(const cap_options&, const cap_options&) = default;
};

/// TOML: [market]: how slots are shared between Goal Buddies.
struct market_options {
  /// "value": by the user's value alone; "priced": an impression costs the subspace's slot_price_micros, and a price that
  /// follows each budget (dual mirror descent) makes it last; "pace": paced first-price bids for reward (PACE).
  std::string sale = "value";
  std::uint64_t horizon = 100; ///< regret periods that a budget is to last; ≥ 1
  friend bool operator==(const market_options&, const market_options&) = default;
};

/// TOML: [evolution]: strains of hyper-parameters that both kinds of buddy play under, and that evolve while they play.
struct evolution_options {
  std::uint32_t strains = 0;           ///< of User Buddies, and of Goal Buddies in each subspace, at random at first; 0: off
  std::uint32_t generation_epochs = 2; ///< regret periods (live: seconds) of a generation; ≥ 1
  double truncation = 0.2;             ///< share of the strains that is replaced in a generation, in [0, ½]; 0: none ever
  std::uint32_t patience = 3;          ///< generations that a strain lives at least
  double diversity_floor = 0.05;       ///< mean deviation of hyper-parameters, in units of their ranges, in [0, 0.2]
  double satisfaction = 0.25;          ///< weight of the share of rewards above 0, beside engagement (reward a round); ≥ 0
  double accuracy = 0.25;              ///< weight of the share of first slots with no less than their user's mean reward; ≥ 0
  friend bool operator==(const evolution_options&, const evolution_options&) = default;
};

/// TOML: [simulation]: the people and the clock of `ammo run`.
struct simulation_options {
  std::uint32_t users = 100;           ///< simulated people
  std::uint32_t rounds = 2'000;        ///< rounds of each
  std::uint32_t rounds_per_epoch = 20; ///< rounds of a period: between two catalogue versions and regret broadcasts
  std::string feedback = "linear";     ///< "linear" (e·q + noise), "logistic", "choice"
  double noise = 0.3;                  ///< σ of linear feedback; ≥ 0
  double temperature = 0.1;            ///< of logistic and choice feedback; > 0
  double threshold = 0.3;              ///< value at which a person is indifferent (logistic, choice)
  double hold_out = 0.3;               ///< share of real choices kept from learning, in (0, 1)
  bool baselines = true;               ///< play uniform and greedy on the same seed, too
  bool diagnose = false;               ///< play the game among policies, too: see `diagnosis`
  std::uint32_t diagnose_rounds = 500; ///< of each of its games
  friend bool operator==(const simulation_options&, const simulation_options&) = default;
};

/// TOML: [limits]
struct limit_options {
  std::uint32_t request_timeout_ms = 5'000;   ///< within which every call of a host ends, from when it is made
  std::uint32_t epoch_timeout_ms = 120'000;   ///< how long a period of a simulation may take
  /// More are refused as `overloaded`; of asks and feedback fewer, while answers take longer than a tenth of `request_timeout_ms`.
  std::uint32_t requests_under_way = 65'536;
  std::uint32_t open_impressions = 4'096;     ///< awaiting feedback, for one user; the oldest expire
  std::uint32_t impression_days = 30;         ///< for which an impression awaits feedback; then it expires
  std::uint32_t publish_interval_ms = 5;      ///< how long a live subspace gathers changes before it publishes
  std::uint32_t pushes_per_user = 12;         ///< most pushes to one user in an interval; 0: none ever
  std::uint32_t push_interval_ms = 3'600'000; ///< the interval of pushes_per_user
  std::uint32_t callback_threads = 8;         ///< most of the runtime's own for a host's callbacks, 1 … 1,024; they start as needed
  std::uint32_t pushes_waiting = 1'024;       ///< for the host's callback; the oldest of more are shed
  std::uint32_t policy_budget_ms = 50;        ///< of a host's policy for one slate; then Thompson sampling stands in (live only)
  std::uint32_t policies_at_once = 16;        ///< most of a host's policies at work, 1 … 1,024; then a built-in one stands in (live only)
  std::uint32_t sessions = 4'096;             ///< of people with Goal Buddies that are open at once, of one person 16; more are `too_many_sessions`
  std::uint32_t session_minutes = 30;         ///< for which a session goes on from its first question; then it is `session_over`
  std::uint32_t session_questions = 16;       ///< that are answered in one session, 1 … 64; more are `too_many_questions`
  std::uint32_t stop_wait_ms = 2'000;         ///< how long `stop` waits for callbacks that don't return
  friend bool operator==(const limit_options&, const limit_options&) = default;
};

/// TOML: [durability]: of a deployment with a state.
struct durability_options {
  std::uint32_t commit_ms = 2;             ///< an answer waits at most so long for others to share its commit; 0 … 1,000
  std::uint32_t lease_ms = 3'000;          ///< PostgreSQL: a runtime that is silent for so long has lost its state; 300 … 600,000
  std::uint32_t state_wait_ms = 10'000;    ///< PostgreSQL: how long a start waits for a silent holder's lease; ≤ 600,000
  std::uint32_t snapshot_frames = 50'000;  ///< frames of a unit's log after which it is written as a snapshot; ≥ 1. Bounds a restart.
  std::uint32_t snapshot_minutes = 60;     ///< at least so often, as long as anything changes: who was removed is gone from the state after twice that; ≥ 1
  /// "relaxed": a slate may leave before it is durable; feedback on one that a crash took is `unknown_impression`. "strict": it waits, as a
  /// change does, and is delivered once its impressions survive.
  std::string slates = "relaxed";
  std::uint32_t sleep_after_s = 604'800;   ///< a user whom nobody has used for so many seconds leaves memory until their next call; 0: never
  std::uint32_t state_mb = 0;              ///< most MiB that the state may take: at nine tenths of it changes are `state_full`; 0: no limit
  std::uint32_t decisions_mb = 256;        ///< most MiB that decisions may take (`state_decisions`): the oldest day goes first, the last stays; ≥ 1
  std::uint32_t decisions_days = 30;       ///< for which decisions are kept; ≥ 1
  friend bool operator==(const durability_options&, const durability_options&) = default;
};

/// TOML: [node]: this process plays the deployment together with others that have the same `state`, a PostgreSQL. See docs/cluster.md.
struct node_options {
  std::string name{};         ///< its own among all: small letters, digits, -; empty: this process plays alone
  std::string listen{};       ///< "HOST:PORT" at which the others reach it, the host as an address in digits; port 0: any that is free
  std::string certificates{}; ///< folder with ca.crt, NAME.crt and NAME.key: links are TLS, and each side shows whose it is
  std::vector<std::string> prefers{}; ///< "people", "population", "evolution" or names of subspaces: whoever prefers what is to be played plays it
  friend bool operator==(const node_options&, const node_options&) = default;
};

/// A deployment. TOML: name, seed, dim, slots, threads, wire_check at the top.
struct AMMO_EXPORT options {
  std::string name = "ammo";
  std::uint64_t seed = 1;
  std::uint32_t dim = 0;     ///< D; 0: as the subspaces' blocks need. Otherwise they must fit.
  std::uint32_t slots = 5;   ///< N, 1 … 64
  std::uint32_t threads = 0; ///< of the scheduler; 0: one a core
  std::uint32_t shards = 4;  ///< MetaSpace and AiPP shards, by user
  bool wire_check = false;   ///< send every message through its msgpack frame and back
  std::string data_root{};   ///< folder with NAME/data of coin, job, edu; only for those kinds
  /// Where a live runtime's state is kept: a folder, made where it isn't there, or "postgresql://user@host/base"; empty: a restart forgets
  /// everybody. What an answer promises: docs/durability.md. It is one runtime's at a time (`state_in_use`). Simulations keep none.
  std::string state{};
  /// A decision log beside the state: each slate that was shown, what there was to choose from, and its rewards. See docs/decision_log.md.
  bool state_decisions = false;
  std::vector<subspace_options> subspaces{};
  user_options user{};
  goal_options goal{};
  cap_options caps{};
  market_options market{};
  simulation_options simulation{};
  limit_options limits{};
  evolution_options evolution{};
  durability_options durability{};
  node_options node{};
  kind_list kinds{};         ///< kinds of subspace beside coin, job, edu and host: a host program's own (ammo/kind.hpp)
  /// Where log records go; silent by default. No key of TOML. `{callback, log_level::debug}` hears of every refusal, too.
  log_sink log{};
  /// Where callbacks run: the host's. Empty: on threads of the runtime's own. No key of TOML.
  ammo::executor executor{};

  /// Reads a deployment. `source` names the text in errors ("coin.toml"). Errors, each with line and column:
  /// `malformed_toml`, `unknown_key` (names the nearest known one), `wrong_type`, `bad_value`, `missing_key`, `bad_layout`.
  /// `kinds`: those that the text may name beside coin, job, edu and host.
  static result<options> from_toml(std::string_view text, std::string_view source = "options", kind_list kinds = {});
  /// The same from a file; also `no_such_file`. A relative `data_root`, `state` or `node.certificates` in it is relative to the file's folder.
  static result<options> from_file(const std::string& path, kind_list kinds = {});
  /// The deployment that `ammo run coin|job|edu|all` plays: the text of examples/deployments/NAME.toml.
  /// Errors: `unknown_subspace`, naming those that exist.
  static result<options> built_in(std::string_view name);
  /// Checks ranges and layout as `from_toml` does, for a struct that a host has filled in.
  [[nodiscard]] result<void> check() const;
  /// Sets one key from a text, as a flag does: `set("simulation.rounds", "500")`, `set("user.policy", "greedy")`. Keys of
  /// subspaces can't be set so. Errors (nothing changes): those of `from_toml`, without a line.
  result<void> set(std::string_view key, std::string_view value);
  friend bool operator==(const options&, const options&) = default;
};

/// What people can do in a subspace and how it is shown to them: as its kind says, and as its options change it.
struct subspace_custom {
  std::string name;
  presentation look;    ///< its label and action are never empty
  signal_table signals; ///< in the order of a page's buttons
};
/// Of each subspace whose kind is known, in their order.
[[nodiscard]] AMMO_EXPORT std::vector<subspace_custom> customs_of(const options& deployment);

} // namespace ammo
