/// The one list of everything that can be refused in AMMO, and a sentence for each.
/// Lives here: the enum and its texts. May not live here: anything that decides.
#ifndef AMMO_ERRC_HPP // hosts see this file as ammo/errc.hpp: one guard for both
#define AMMO_ERRC_HPP

#include "actors/base/export.hpp"

#include <cstdint>
#include <string_view>

namespace ammo {

/// Names every refusal. Append-only: a value is part of the wire and of reports.
enum class errc : std::uint8_t {
  ok = 0,
  // configuration and data
  no_such_file,
  malformed_toml,
  unknown_key,
  wrong_type,
  missing_key,
  bad_value,
  bad_layout,
  bad_data_line,
  missing_data,
  // content
  not_finite,
  norm_over_cap,
  wrong_dimension,
  bad_text,
  // who and what
  unknown_user,
  unknown_goal,
  unknown_subspace,
  unknown_creation,
  unknown_impression,
  duplicate_user,
  duplicate_goal,
  not_owner,
  // slots
  no_slots,
  too_many_slots,
  not_live,
  duplicate_in_slate,
  slate_full,
  cap_subspace,
  cap_goal,
  cap_owner,
  no_catalogue,
  stale_epoch,
  // budget
  budget_exceeded,
  budget_negative,
  budget_overflow,
  catalogue_full,
  // feedback
  feedback_twice,
  feedback_late,
  feedback_not_shown,
  reward_out_of_range,
  posterior_not_definite,
  // wire
  frame_truncated,
  frame_trailing_bytes,
  frame_too_deep,
  frame_too_large,
  frame_wrong_shape,
  frame_wrong_version,
  frame_unknown_type,
  frame_duplicate_key,
  frame_bad_utf8,
  frame_bad_extension,
  // running
  overloaded,
  timed_out,
  stopped,
  actor_failed,
  cancelled,
  internal,
  // policies of a host
  policy_failed,
  policy_empty,
  policy_too_many,
  near_duplicate,
  push_limited,
  // judging a policy from a log
  bad_propensity,
  no_overlap,
  // writing
  generator_failed,
  generator_late,
  text_control,
  text_too_long,
  bad_link,
  // evolution
  gene_out_of_range,
  duplicate_lineage,
  empty_population,
  // state
  bad_state,
  // what the machine has
  not_enough_memory,
  system_refused,
  // signals by name
  unknown_signal,
  // a deployment's state
  store_unavailable,
  state_damaged,
  state_full,
  state_other_layout,
  state_newer,
  state_in_use,
  // callbacks and deadlines
  outcome_unknown,
  key_reused,
  callback_failed,
  callback_running,
  inside_callback,
  push_shed,
  policy_late,
  policy_busy,
  forked,
  // what a host says with an ask
  not_eligible,
  unknown_situation,
  // sessions of people with Goal Buddies
  session_over,
  too_many_questions,
  too_many_sessions,
  end_ ///< one past the last; not an error
};

/// The name as it stands in reports and logs, e.g. "norm_over_cap".
/// Never fails: an unknown value gives "unknown_error".
[[nodiscard]] AMMO_EXPORT std::string_view name_of(errc code) noexcept;

/// One English sentence that says what is wrong and what to do.
[[nodiscard]] AMMO_EXPORT std::string_view sentence_of(errc code) noexcept;

} // namespace ammo

#endif
