#include "actors/base/errc.hpp"

#include <array>

namespace ammo {
namespace {

struct entry {
  errc code;
  std::string_view name;
  std::string_view sentence;
};

constexpr std::array entries{
  entry{errc::ok, "ok", "Nothing is wrong."},
  entry{errc::no_such_file, "no_such_file", "The file can't be opened; check the path and its permissions."},
  entry{errc::malformed_toml, "malformed_toml", "The configuration is not valid TOML; mend the line that the detail names."},
  entry{errc::unknown_key, "unknown_key", "The configuration has a key that nobody reads; use the nearest known one, or remove it."},
  entry{errc::wrong_type, "wrong_type", "A configuration value has another type than its key takes; give it the type that the detail names."},
  entry{errc::missing_key, "missing_key", "The configuration lacks a key that has no default; add the one that the detail names."},
  entry{errc::bad_value, "bad_value", "A value is outside what its name allows; the detail gives the range."},
  entry{errc::bad_layout, "bad_layout", "The subspaces' coordinates don't fit the dimension D; widen D or shrink the blocks."},
  entry{errc::bad_data_line, "bad_data_line", "A line of a data file can't be read; mend the one that the detail names, as it says."},
  entry{errc::missing_data, "missing_data", "A data file is missing; point the data root at the folder that holds subspaces' data."},
  entry{errc::not_finite, "not_finite", "A number is NaN or infinite; send finite numbers only."},
  entry{errc::norm_over_cap, "norm_over_cap", "A creation's norm is above the cap; scale its embedding down."},
  entry{errc::wrong_dimension, "wrong_dimension", "A vector has another length than the subspace's block; the detail gives both."},
  entry{errc::bad_text, "bad_text", "A text is too long, is not valid UTF-8, or has no word that is known here."},
  entry{errc::unknown_user, "unknown_user", "No such user here; add the user first."},
  entry{errc::unknown_goal, "unknown_goal", "No such Goal Buddy here; add it first."},
  entry{errc::unknown_subspace, "unknown_subspace", "No such subspace in this deployment; subspaces come from the configuration only."},
  entry{errc::unknown_creation, "unknown_creation", "No such live creation: never made, moved or withdrawn; use the id of the last receipt."},
  entry{errc::unknown_impression, "unknown_impression", "No such impression was ever issued; use the ids that come with a slate."},
  entry{errc::duplicate_user, "duplicate_user", "A user of that id is here already; choose another id."},
  entry{errc::duplicate_goal, "duplicate_goal", "A Goal Buddy of that id is here already; choose another id."},
  entry{errc::not_owner, "not_owner", "The creation belongs to another Goal Buddy; only its own may change it."},
  entry{errc::no_slots, "no_slots", "A slate needs at least one slot; ask for one or more."},
  entry{errc::too_many_slots, "too_many_slots", "More slots were asked for than a slate may have; ask for fewer."},
  entry{errc::not_live, "not_live", "The creation is not live in the current period."},
  entry{errc::duplicate_in_slate, "duplicate_in_slate", "The creation is in the slate already."},
  entry{errc::slate_full, "slate_full", "All slots of the slate are taken."},
  entry{errc::cap_subspace, "cap_subspace", "The slate has as many creations of this subspace as the cap allows."},
  entry{errc::cap_goal, "cap_goal", "The slate has as many creations of this Goal Buddy as the cap allows."},
  entry{errc::cap_owner, "cap_owner", "The owner has as many creations as its cap or quota allows; withdraw one, or raise it."},
  entry{errc::no_catalogue, "no_catalogue", "Nothing is live yet; add creations and wait for the first period."},
  entry{errc::stale_epoch, "stale_epoch", "The message belongs to a period that is over."},
  entry{errc::budget_exceeded, "budget_exceeded", "The budget doesn't cover the cost; the detail says how much is missing."},
  entry{errc::budget_negative, "budget_negative", "A budget or an amount is below zero; give zero or more."},
  entry{errc::budget_overflow, "budget_overflow", "The amount doesn't fit 64-bit micro-units."},
  entry{errc::catalogue_full, "catalogue_full", "The subspace holds as many live creations as its capacity allows; withdraw some, or raise it."},
  entry{errc::feedback_twice, "feedback_twice", "The impression has had its feedback; send it once only."},
  entry{errc::feedback_late, "feedback_late", "The impression has expired; send feedback sooner, or raise limits.open_impressions."},
  entry{errc::feedback_not_shown, "feedback_not_shown", "The impression was not shown to this user; name the user who saw it."},
  entry{errc::reward_out_of_range, "reward_out_of_range", "A reward must lie in [-1, 1], or within 1e15 of 0 where user.learner is people; scale it."},
  entry{errc::posterior_not_definite, "posterior_not_definite", "The update would have left the posterior without a definite covariance."},
  entry{errc::frame_truncated, "frame_truncated", "The frame ends before its message does."},
  entry{errc::frame_trailing_bytes, "frame_trailing_bytes", "Bytes follow after the end of the message."},
  entry{errc::frame_too_deep, "frame_too_deep", "The frame nests deeper than the limit."},
  entry{errc::frame_too_large, "frame_too_large", "The frame, or a value in it, is larger than the limit."},
  entry{errc::frame_wrong_shape, "frame_wrong_shape", "The bytes are not the msgpack form of this message."},
  entry{errc::frame_wrong_version, "frame_wrong_version", "The frame has a version that this program doesn't speak."},
  entry{errc::frame_unknown_type, "frame_unknown_type", "The frame holds another type of message than is expected here."},
  entry{errc::frame_duplicate_key, "frame_duplicate_key", "A map in the frame has the same key twice."},
  entry{errc::frame_bad_utf8, "frame_bad_utf8", "A text in the frame is not valid UTF-8."},
  entry{errc::frame_bad_extension, "frame_bad_extension", "An extension in the frame is unknown or has a wrong length."},
  entry{errc::overloaded, "overloaded", "Too many requests are under way; wait for answers, then try again."},
  entry{errc::timed_out, "timed_out", "No answer came within the deadline; nothing has happened."},
  entry{errc::stopped, "stopped", "The runtime has been stopped."},
  entry{errc::actor_failed, "actor_failed", "An actor failed and was restarted; what it was asked is lost."},
  entry{errc::cancelled, "cancelled", "The caller cancelled the operation."},
  entry{errc::internal, "internal", "A fault of AMMO itself; please report it with the detail."},
  entry{errc::policy_failed, "policy_failed", "The host's policy threw; the user got a slate of Thompson sampling instead."},
  entry{errc::policy_empty, "policy_empty", "The host's policy chose nothing; it must choose at least one creation that is live."},
  entry{errc::policy_too_many, "policy_too_many", "The host's policy chose more creations than it may; choose no more than the view's `most`."},
  entry{errc::near_duplicate, "near_duplicate", "The slate has a creation already that is nearly the same; make another that differs."},
  entry{errc::push_limited, "push_limited", "This user has had as many pushes as limits.pushes_per_user allows for now."},
  entry{errc::bad_propensity, "bad_propensity", "A propensity must be in (0, 1]; leave out rounds with one that is unknown."},
  entry{errc::no_overlap, "no_overlap", "Nothing in this log could have been shown by the policy that is judged; log with one that explores."},
  entry{errc::generator_failed, "generator_failed", "The generator ended, can't be started, or is none here; the detail says which."},
  entry{errc::generator_late, "generator_late", "A generator's answer came when nobody waited for it any more; raise goal.generator_timeout_ms."},
  entry{errc::text_control, "text_control", "A text has a control character; the only one allowed is the newline of a body."},
  entry{errc::text_too_long, "text_too_long", "A text is longer than its place allows; the detail gives both."},
  entry{errc::bad_link, "bad_link", "A link must start with http:// or https:// and hold no blanks, quotes or brackets."},
  entry{errc::gene_out_of_range, "gene_out_of_range", "A hyper-parameter is outside the range that evolution allows; the buddy keeps those that it has."},
  entry{errc::duplicate_lineage, "duplicate_lineage", "Two members of a population have the same lineage id; each gets its own, once."},
  entry{errc::empty_population, "empty_population", "A population has no members, so there is nothing to evolve."},
  entry{errc::bad_state, "bad_state", "A saved state contradicts itself or doesn't fit the configuration; the detail says where."},
  entry{errc::not_enough_memory, "not_enough_memory", "It would take more memory than may be used; make it smaller or give it more."},
  entry{errc::system_refused, "system_refused", "The operating system refused threads, memory, files or sockets that were needed."},
  entry{errc::unknown_signal, "unknown_signal", "The subspace has no signal of this name; use one of those that are named."},
  entry{errc::store_unavailable, "store_unavailable", "The store of the state doesn't answer; what has to be durable is refused until it does."},
  entry{errc::state_damaged, "state_damaged", "The stored state doesn't match its checksums; nothing was overwritten, and the detail says where."},
  entry{errc::state_full, "state_full", "The state has reached its quota or the disk is full; make room or raise the quota."},
  entry{errc::state_other_layout, "state_other_layout", "The state belongs to a deployment with other subspaces or shards; subspaces are added at the end, and retired rather than left out."},
  entry{errc::state_newer, "state_newer", "A later version wrote this state; use that version."},
  entry{errc::state_in_use, "state_in_use", "Another process holds this state; end it, or choose another state."},
  entry{errc::outcome_unknown, "outcome_unknown", "No answer came within the deadline, and what was asked may have happened or may still happen."},
  entry{errc::key_reused, "key_reused", "Another call has had this key; a key is for one call and its repeats."},
  entry{errc::callback_failed, "callback_failed", "A callback of the host's threw, or its executor threw or dropped it."},
  entry{errc::callback_running, "callback_running", "A callback of the host's hasn't returned in time; the runtime has stopped without it."},
  entry{errc::inside_callback, "inside_callback", "A runtime can't be stopped inside code that it has called; stop it from a thread of the host's own."},
  entry{errc::push_shed, "push_shed", "More pushes than limits.pushes_waiting waited for the host's callback; the oldest wasn't shown."},
  entry{errc::policy_late, "policy_late", "The host's policy took longer than limits.policy_budget_ms; Thompson sampling stood in for it."},
  entry{errc::policy_busy, "policy_busy", "As many of the host's policies as limits.policies_at_once were at work; a built-in one stood in."},
  entry{errc::forked, "forked", "The runtime belongs to the process that has started it; a child that was forked must start its own."},
  entry{errc::not_eligible, "not_eligible", "The host's policy chose a creation that the ask has ruled out; choose of what the view shows."},
  entry{errc::unknown_situation, "unknown_situation", "The deployment has no such situation; use one of user.situations."},
  entry{errc::session_over, "session_over", "The session on this impression has ended, by its feedback or its age; begin one on another impression."},
  entry{errc::too_many_questions, "too_many_questions", "The session has had as many questions as limits.session_questions allows; give feedback, or begin one on another impression."},
  entry{errc::too_many_sessions, "too_many_sessions", "As many sessions as limits.sessions allows are open, or as many as one person may have; end some by feedback, or come again."},
};

constexpr bool complete() {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (static_cast<std::size_t>(entries[i].code) != i)
      return false;
  return entries.size() == static_cast<std::size_t>(errc::end_);
}
static_assert(complete(), "every errc needs its row here, in the order of the enum");

} // namespace

std::string_view name_of(errc code) noexcept {
  auto i = static_cast<std::size_t>(code);
  return i < entries.size() ? entries[i].name : "unknown_error";
}

std::string_view sentence_of(errc code) noexcept {
  auto i = static_cast<std::size_t>(code);
  return i < entries.size() ? entries[i].sentence : "An error that this version doesn't know.";
}

} // namespace ammo
