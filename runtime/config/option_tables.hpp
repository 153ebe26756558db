/// Every key of a deployment: its name, the member that it sets, and what it may hold. The reader of TOML, the check of a
/// struct and the command's flags all go by these tables. May not live here: reading, printing.
#pragma once

#include "actors/protocol/pooled.hpp"
#include "actors/space/layout.hpp"
#include "ammo/options.hpp"

#include <array>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <variant>
#include <vector>

namespace ammo {

inline constexpr long double unbounded = std::numeric_limits<long double>::infinity();

inline constexpr std::size_t longest_option = 4'096; ///< bytes of a text

/// The numbers that a key takes, ends included unless open, and the refusal for those beyond.
struct range {
  long double low = -unbounded, high = unbounded;
  bool open_low = false, open_high = false;
  errc below = errc::bad_value, above = errc::bad_value;
};

inline constexpr range any_number{};
inline constexpr range not_negative{.low = 0};
inline constexpr range positive{.low = 0, .open_low = true};
inline constexpr range at_least_one{.low = 1};
inline constexpr range share{.low = 0, .high = 1};
inline constexpr range a_reward{.low = -1, .high = 1, .below = errc::reward_out_of_range, .above = errc::reward_out_of_range};
inline constexpr range inner_share{.low = 0, .high = 1, .open_low = true, .open_high = true};
inline constexpr range slate_size{.low = 1, .high = max_slots, .below = errc::no_slots, .above = errc::too_many_slots};

/// Micro-units. The sum of nine million of them fits in 64 bits.
inline constexpr range a_budget{.low = 0, .high = 1e12L, .below = errc::budget_negative, .above = errc::budget_overflow};

using words = std::span<const std::string_view>;

/// One key of a TOML table and the member of `Table` that it sets.
template <class Table>
struct binding {
  std::string_view key;
  std::variant<bool Table::*, std::uint32_t Table::*, std::uint64_t Table::*, std::int64_t Table::*, double Table::*,
               std::string Table::*, signal_table Table::*, std::vector<std::string> Table::*,
               std::optional<double> Table::*>
    member;
  range allowed = any_number;
  words one_of = {}; ///< the texts that it takes; empty: any
};

inline constexpr std::array<std::string_view, 8> user_policies{"thompson", "greedy", "uniform", "epsilon_greedy",
                                                               "c2ucb", "sampled_ucb", "ftrl", "host"};
inline constexpr std::array<std::string_view, 2> user_learners{"classic", "people"};
inline constexpr std::array<std::string_view, 3> user_drifts{"none", "restart", "discount"};
inline constexpr std::array<std::string_view, 3> user_beliefs{"linear", "logistic", "choice"};
inline constexpr std::array<std::string_view, 2> user_priors{"flat", "population"};
inline constexpr std::array<std::string_view, 2> user_broadcasts{"used", "ignored"};
inline constexpr std::array<std::string_view, 2> durable_slates{"relaxed", "strict"};
inline constexpr std::array<std::string_view, 6> goal_policies{"", "static", "exploiter", "explorer", "adaptive", "host"};
inline constexpr std::array<std::string_view, 2> reward_rules{"exposure", "backward"};
inline constexpr std::array<std::string_view, 3> slot_sales{"value", "priced", "pace"};
inline constexpr std::array<std::string_view, 3> feedback_models{"linear", "logistic", "choice"};

/// A table's keys: `keys_of<Table>`.
template <class Table>
inline constexpr std::array<binding<Table>, 0> keys_of{};

template <>
inline constexpr std::array keys_of<subspace_options>{
  binding<subspace_options>{"name", &subspace_options::name},
  binding<subspace_options>{"kind", &subspace_options::kind}, // one that the deployment knows: `judge_kind`
  binding<subspace_options>{"offset", &subspace_options::offset, {.low = -1, .high = max_dim - 1}},
  binding<subspace_options>{"width", &subspace_options::width, {.low = 0, .high = max_dim, .above = errc::bad_layout}},
  binding<subspace_options>{"norm_cap", &subspace_options::norm_cap, positive},
  binding<subspace_options>{"capacity", &subspace_options::capacity, {.low = 1, .high = 1u << 28}},
  binding<subspace_options>{"price_micros", &subspace_options::price_micros, not_negative},
  binding<subspace_options>{"distance_price_micros", &subspace_options::distance_price_micros, not_negative},
  binding<subspace_options>{"slot_price_micros", &subspace_options::slot_price_micros, not_negative},
  binding<subspace_options>{"slate_cap", &subspace_options::slate_cap},
  binding<subspace_options>{"creations_per_owner", &subspace_options::creations_per_owner, at_least_one},
  binding<subspace_options>{"slate_floor", &subspace_options::slate_floor, {.low = 0, .high = max_slots}},
  binding<subspace_options>{"goals_per_owner", &subspace_options::goals_per_owner, at_least_one},
  binding<subspace_options>{"retired", &subspace_options::retired},
  binding<subspace_options>{"crowd", &subspace_options::crowd},
  binding<subspace_options>{"signal_view", &subspace_options::signal_view, a_reward},
  binding<subspace_options>{"signal_like", &subspace_options::signal_like, a_reward},
  binding<subspace_options>{"signal_save", &subspace_options::signal_save, a_reward},
  binding<subspace_options>{"signal_share", &subspace_options::signal_share, a_reward},
  binding<subspace_options>{"signal_response", &subspace_options::signal_response, a_reward},
  binding<subspace_options>{"signal_dismiss", &subspace_options::signal_dismiss, a_reward},
  binding<subspace_options>{"signals", &subspace_options::signals, a_reward},
  binding<subspace_options>{"takes", &subspace_options::takes, {.low = 0, .high = 64}},
  binding<subspace_options>{"label", &subspace_options::label},
  binding<subspace_options>{"emblem", &subspace_options::emblem},
  binding<subspace_options>{"accent", &subspace_options::accent},
  binding<subspace_options>{"action", &subspace_options::action},
  binding<subspace_options>{"item_title", &subspace_options::item_title},
  binding<subspace_options>{"item_body", &subspace_options::item_body},
  binding<subspace_options>{"item_link", &subspace_options::item_link},
};

template <>
inline constexpr std::array keys_of<user_options>{
  binding<user_options>{"policy", &user_options::policy, any_number, user_policies},
  binding<user_options>{"learner", &user_options::learner, any_number, user_learners},
  binding<user_options>{"noise", &user_options::noise, positive},
  binding<user_options>{"prior_variance", &user_options::prior_variance, not_negative},
  binding<user_options>{"epsilon", &user_options::epsilon, share},
  binding<user_options>{"optimism", &user_options::optimism, not_negative},
  binding<user_options>{"empty_slot_worth", &user_options::empty_slot_worth},
  binding<user_options>{"empty_slate_retry", &user_options::empty_slate_retry, share},
  binding<user_options>{"exactly", &user_options::exactly},
  binding<user_options>{"drift", &user_options::drift, any_number, user_drifts},
  binding<user_options>{"discount", &user_options::discount, {.low = 0, .high = 1, .open_low = true}},
  binding<user_options>{"belief", &user_options::belief, any_number, user_beliefs},
  binding<user_options>{"temperature", &user_options::temperature, positive},
  binding<user_options>{"threshold", &user_options::threshold},
  binding<user_options>{"diversity", &user_options::diversity, not_negative},
  binding<user_options>{"host_policy", &user_options::host_policy},
  binding<user_options>{"prior", &user_options::prior, any_number, user_priors},
  binding<user_options>{"broadcast", &user_options::broadcast, any_number, user_broadcasts},
  binding<user_options>{"prior_cohort", &user_options::prior_cohort, {.low = 2, .high = 65'536}},
  binding<user_options>{"propensity_draws", &user_options::propensity_draws, {.low = 0, .high = 65'536}},
  binding<user_options>{"control_share", &user_options::control_share, share},
  binding<user_options>{"situations", &user_options::situations, {.low = 0, .high = most_situations}},
};

template <>
inline constexpr std::array keys_of<goal_options>{
  binding<goal_options>{"policy", &goal_options::policy, any_number, goal_policies},
  binding<goal_options>{"share", &goal_options::share, share},
  binding<goal_options>{"lambda", &goal_options::lambda, not_negative},
  binding<goal_options>{"step", &goal_options::step, positive},
  binding<goal_options>{"patience", &goal_options::patience, at_least_one},
  binding<goal_options>{"budget_micros", &goal_options::budget_micros, a_budget},
  binding<goal_options>{"curiosity", &goal_options::curiosity, share},
  binding<goal_options>{"reward", &goal_options::reward, any_number, reward_rules},
  binding<goal_options>{"generator", &goal_options::generator},
  binding<goal_options>{"generator_timeout_ms", &goal_options::generator_timeout_ms, at_least_one},
  binding<goal_options>{"reach", &goal_options::reach, share},
  binding<goal_options>{"length", &goal_options::length, share},
  binding<goal_options>{"income_micros", &goal_options::income_micros, a_budget},
};

template <>
inline constexpr std::array keys_of<cap_options>{
  binding<cap_options>{"per_goal", &cap_options::per_goal},
  binding<cap_options>{"per_owner", &cap_options::per_owner},
  binding<cap_options>{"near_duplicate", &cap_options::near_duplicate, share},
};

template <>
inline constexpr std::array keys_of<market_options>{
  binding<market_options>{"sale", &market_options::sale, any_number, slot_sales},
  binding<market_options>{"horizon", &market_options::horizon, at_least_one},
};

template <>
inline constexpr std::array keys_of<simulation_options>{
  binding<simulation_options>{"users", &simulation_options::users, {.low = 1, .high = 10'000'000}},
  binding<simulation_options>{"rounds", &simulation_options::rounds, {.low = 1, .high = 100'000'000}},
  binding<simulation_options>{"rounds_per_epoch", &simulation_options::rounds_per_epoch, at_least_one},
  binding<simulation_options>{"feedback", &simulation_options::feedback, any_number, feedback_models},
  binding<simulation_options>{"noise", &simulation_options::noise, not_negative},
  binding<simulation_options>{"temperature", &simulation_options::temperature, positive},
  binding<simulation_options>{"threshold", &simulation_options::threshold},
  binding<simulation_options>{"hold_out", &simulation_options::hold_out, inner_share},
  binding<simulation_options>{"baselines", &simulation_options::baselines},
  binding<simulation_options>{"diagnose", &simulation_options::diagnose},
  binding<simulation_options>{"diagnose_rounds", &simulation_options::diagnose_rounds, at_least_one},
};

template <>
inline constexpr std::array keys_of<limit_options>{
  binding<limit_options>{"request_timeout_ms", &limit_options::request_timeout_ms, at_least_one},
  binding<limit_options>{"epoch_timeout_ms", &limit_options::epoch_timeout_ms, at_least_one},
  binding<limit_options>{"requests_under_way", &limit_options::requests_under_way, at_least_one},
  binding<limit_options>{"open_impressions", &limit_options::open_impressions, at_least_one},
  binding<limit_options>{"impression_days", &limit_options::impression_days, at_least_one},
  binding<limit_options>{"publish_interval_ms", &limit_options::publish_interval_ms, at_least_one},
  binding<limit_options>{"pushes_per_user", &limit_options::pushes_per_user},
  binding<limit_options>{"push_interval_ms", &limit_options::push_interval_ms, at_least_one},
  binding<limit_options>{"callback_threads", &limit_options::callback_threads, {.low = 1, .high = 1'024}},
  binding<limit_options>{"pushes_waiting", &limit_options::pushes_waiting},
  binding<limit_options>{"policy_budget_ms", &limit_options::policy_budget_ms, at_least_one},
  binding<limit_options>{"policies_at_once", &limit_options::policies_at_once, {.low = 1, .high = 1'024}},
  binding<limit_options>{"sessions", &limit_options::sessions, {.low = 1, .high = 1'048'576}},
  binding<limit_options>{"session_minutes", &limit_options::session_minutes, {.low = 1, .high = 1'440}},
  binding<limit_options>{"session_questions", &limit_options::session_questions, {.low = 1, .high = 64}},
  binding<limit_options>{"stop_wait_ms", &limit_options::stop_wait_ms},
};

template <>
inline constexpr std::array keys_of<evolution_options>{
  binding<evolution_options>{"strains", &evolution_options::strains, {.low = 0, .high = 4'096}},
  binding<evolution_options>{"generation_epochs", &evolution_options::generation_epochs, at_least_one},
  binding<evolution_options>{"truncation", &evolution_options::truncation, {.low = 0, .high = 0.5}},
  binding<evolution_options>{"patience", &evolution_options::patience},
  binding<evolution_options>{"diversity_floor", &evolution_options::diversity_floor, {.low = 0, .high = 0.2}},
  binding<evolution_options>{"satisfaction", &evolution_options::satisfaction, not_negative},
  binding<evolution_options>{"accuracy", &evolution_options::accuracy, not_negative},
};

template <>
inline constexpr std::array keys_of<durability_options>{
  binding<durability_options>{"commit_ms", &durability_options::commit_ms, {.low = 0, .high = 1'000}},
  binding<durability_options>{"lease_ms", &durability_options::lease_ms, {.low = 300, .high = 600'000}},
  binding<durability_options>{"state_wait_ms", &durability_options::state_wait_ms, {.low = 0, .high = 600'000}},
  binding<durability_options>{"snapshot_frames", &durability_options::snapshot_frames, at_least_one},
  binding<durability_options>{"snapshot_minutes", &durability_options::snapshot_minutes, {.low = 1, .high = 527'040}},
  binding<durability_options>{"slates", &durability_options::slates, any_number, durable_slates},
  binding<durability_options>{"sleep_after_s", &durability_options::sleep_after_s, not_negative},
  binding<durability_options>{"state_mb", &durability_options::state_mb, not_negative},
  binding<durability_options>{"decisions_mb", &durability_options::decisions_mb, at_least_one},
  binding<durability_options>{"decisions_days", &durability_options::decisions_days, at_least_one},
};

template <>
inline constexpr std::array keys_of<node_options>{
  binding<node_options>{"name", &node_options::name},
  binding<node_options>{"listen", &node_options::listen},
  binding<node_options>{"certificates", &node_options::certificates},
  binding<node_options>{"prefers", &node_options::prefers, {.low = 0, .high = 64}},
};

template <>
inline constexpr std::array keys_of<options>{
  binding<options>{"name", &options::name},
  binding<options>{"seed", &options::seed, not_negative},
  binding<options>{"dim", &options::dim, {.low = 0, .high = max_dim, .above = errc::bad_layout}},
  binding<options>{"slots", &options::slots, slate_size},
  binding<options>{"threads", &options::threads, {.low = 0, .high = 1024}},
  binding<options>{"shards", &options::shards, {.low = 1, .high = 1024}},
  binding<options>{"wire_check", &options::wire_check},
  binding<options>{"data_root", &options::data_root},
  binding<options>{"state", &options::state},
  binding<options>{"state_decisions", &options::state_decisions},
};

/// A [table] of a deployment and the member that holds it.
template <class Table>
struct section {
  std::string_view key;
  Table options::*member;
};

inline constexpr std::string_view subspace_key = "subspace";

inline constexpr std::tuple sections{
  section<user_options>{"user", &options::user},
  section<goal_options>{"goal", &options::goal},
  section<cap_options>{"caps", &options::caps},
  section<market_options>{"market", &options::market},
  section<simulation_options>{"simulation", &options::simulation},
  section<limit_options>{"limits", &options::limits},
  section<evolution_options>{"evolution", &options::evolution},
  section<durability_options>{"durability", &options::durability},
  section<node_options>{"node", &options::node},
};

} // namespace ammo
