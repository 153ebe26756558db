/// The object that a host application holds: start it, add people and Goal Buddies, ask for slates, give feedback.
///
/// Every call may be made from any thread. Each comes in three forms: blocking (`rt.ask(u)`), with a callback
/// (`rt.ask(u, n, cb)`) and as a future (`rt.ask(u, n, ammo::use_future)`). Callbacks run on `options::executor`, or on threads of the
/// runtime's own, several at once: they may block, and may make calls of any form. A call that is refused at once has its callback on the
/// calling thread, before the call returns. Every call ends within `limits.request_timeout_ms` of being made. Nothing here throws; errors
/// are values. Where there is no memory for a call it ends as `not_enough_memory`, and nothing has happened; a future that has none even
/// for its promise isn't `valid()`.
#pragma once

#include "ammo/ask.hpp"
#include "ammo/call_key.hpp"
#include "ammo/elaboration.hpp"
#include "ammo/errc.hpp"
#include "ammo/explained.hpp"
#include "ammo/export.hpp"
#include "ammo/goal_policy.hpp"
#include "ammo/ids.hpp"
#include "ammo/options.hpp"
#include "ammo/policy.hpp"
#include "ammo/propensity.hpp"
#include "ammo/report.hpp"
#include "ammo/result.hpp"
#include "ammo/shown.hpp"
#include "ammo/signal.hpp"
#include "ammo/version.hpp"
#include "ammo/written.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// Selects the future form of a call.
struct use_future_t {};
inline constexpr use_future_t use_future{};

template <class T>
using callback = std::function<void(result<T>)>;

/// What a person sees: at most N creations, best first.
struct slate {
  user_id user{};
  std::uint64_t round = 0; ///< the user's own count of slates
  bool pushed = false;     ///< nobody asked: a new creation would enter the user's slate
  std::vector<shown_creation> creations;
  bool provisional = false; ///< the state's store is out of reach: feedback on it is `unknown_impression` or `feedback_not_shown`
};

/// A Goal Buddy that the host adds. If its policy isn't static it moves: every `goal.patience` regret broadcasts
/// (live, one a second; those of periods without a round don't count) it may replace its creation by one elsewhere,
/// within its budget. The new one has another id, the same `content`, and needn't lie where the facts do. Once the
/// host has withdrawn or moved its creation, it stands still.
struct goal_spec {
  goal_id goal{};
  owner_id owner{};
  std::string subspace{};
  std::vector<float> grounded{};  ///< embedding of what is true of it: the subspace's `width` coordinates; norm ≤ cap
  std::uint64_t content = 0;
  std::int64_t budget_micros = -1;///< −1: the deployment's default; for its own moves and what the host creates for it
  std::string policy{};           ///< one of `goal_options::policy`; empty: the deployment's
  std::vector<fact> facts{};      ///< what may be written of it, with a "title"; empty: nothing is written
  /// What a person sees of it, in every slate that shows it, until a text is written; null: the facts "title" and "link".
  std::shared_ptr<const ammo::item> item{};
  /// What asks can name its creations by (`content_set::tags`): numbers of the host's own, at most 64: region, age, category.
  std::vector<std::uint32_t> tags{};
};

/// A creation that the host makes on behalf of one of its Goal Buddies.
struct creation_spec {
  goal_id goal{};
  std::vector<float> e{};      ///< block-relative coordinates
  std::vector<float> grounded{};///< empty: e itself (no distance to pay for)
  std::uint64_t content = 0;
  creation_id replaces = no_creation; ///< move this one instead of adding
  std::uint64_t key = 0;       ///< idempotency key below 2^62; 0: a fresh one. The same key has the same answer and is
                               ///< charged once, so what was refused and mended takes another; a goal's keys count up.
  std::shared_ptr<const ammo::item> item{}; ///< what a person sees of it; null: nothing, or (of a move) what it was
  std::vector<std::uint32_t> tags{}; ///< empty: the Goal Buddy's, or (of a move) what they were
};

/// What a Goal Buddy is to write.
struct writing_spec {
  goal_id goal{};
  std::string text{};     ///< what somebody looks for, in their words: UTF-8, at most 4,096 bytes
  writing_style style{};
  std::uint64_t seed = 1; ///< another one gives another text; the same one the same, if the generator is the template
  writing_order order = writing_order::draft; ///< draft: not offered; publish: replaces its creation; recall: what is live
};

/// A text, where it lies in the subspace, and (published or recalled) the creation that it belongs to.
struct written_receipt {
  written_creation text;
  std::vector<float> e;
  creation_receipt creation;
};

/// What a User Buddy has found out of a person's rewards in a subspace, which nobody has told it (learner `people`).
struct reward_findings {
  std::string subspace;
  std::string kind;           ///< "two_valued", "linear" or "heavy" (a few are far larger than the rest); empty: the learner measures nothing
  double offset = 0;          ///< expected reward of a creation at 0, in the host's unit
  double noise = 0;           ///< standard deviation of a reward around its expectation, in the host's unit; two-valued and heavy: 0
  std::uint64_t restarts = 0; ///< how often a change of taste was noticed, and what was learned before it let go
  std::vector<float> looks;   ///< by slot: in which share of slates somebody looks that far; empty: slots aren't told apart
  double apart = 0;           ///< probability that tastes differ by situation, at even odds before; 0: they are taken to be the same
};

/// A User Buddy's own account of how well it does.
struct user_belief {
  std::uint64_t rounds = 0;       ///< slates so far
  std::uint64_t observations = 0; ///< rewards learned from
  double believed_regret = 0;     ///< slate regret of the last slate under the posterior mean
  double regret_bound = 0;        ///< the worst slate regret of it that can't be ruled out (95 %)
  std::vector<float> mean;        ///< posterior mean of q, all D coordinates
  double group_regret = 0;        ///< mean slate regret a round of everyone, as last broadcast (0 where no true q is known)
  std::vector<reward_findings> rewards; ///< by subspace; subspaces that share coordinates share what is found
};

/// What a person says that they are interested in: a direction or some words.
struct stated_interest {
  std::string subspace{};      ///< with a text: empty for every subspace that knows one of its words
  std::vector<float> vector{}; ///< in the subspace's `width` coordinates, of any length > 0; or empty
  std::string text{};          ///< UTF-8, at most 4,096 bytes; or empty
  double confidence = 0.5;     ///< expected cosine between what is stated and what the person likes, in (0, 0.99]
  ammo::situation situation{}; ///< in which they are interested; none: in all. A learner that knows no situations takes it for all
};

/// Turns a text into a direction in a subspace's coordinates. Called on the thread that states an interest; several at once.
using text_embedder = std::function<result<std::vector<float>>(std::string_view text)>;

/// Counters of the whole runtime since it started.
struct runtime_statistics {
  std::uint64_t users = 0, goals = 0, creations = 0;
  std::uint64_t slates = 0, slots_granted = 0, feedback = 0, pushes = 0;
  std::uint64_t messages = 0;
  std::uint64_t actors_restarted = 0;
  std::int64_t budget_granted_micros = 0, budget_spent_micros = 0;
  std::vector<refusal_count> refused; ///< by code, ascending; what the API itself has refused included
  std::uint64_t watches = 0; ///< times that a User Buddy said anew what could enter its slate
  std::uint64_t wakes = 0;   ///< User Buddies that had to look at a new creation; some of them then pushed
  std::vector<counter_value> counters; ///< everything that is counted, these too, by name
  std::uint64_t asleep = 0; ///< users beside `users`: they have left memory until their next call (`durability.sleep_after_s`)
  std::optional<control_lift> control; ///< since the state began; nothing where no slates of control were drawn, or nothing was shown yet
};

/// What evolution has brought so far.
struct evolution_standing {
  std::uint64_t generation = 0;       ///< how many have ended
  double diversity_floor = 0;         ///< that it keeps
  std::vector<evolved_buddies> kinds; ///< User Buddies, and the Goal Buddies of each subspace: as far as their policy evolves
};

/// One part of a runtime, which is an actor.
struct part_health {
  /// "supervisor", "metaspace 0", "aipp 0", "subspace film", "population", "evolution", "bridge"; of buddies those that have failed:
  /// "user 17", "goal 5".
  std::string part;
  /// It has failed more than five times within ten seconds, or, if many share it and no state gives it back, once: what needs it is
  /// `actor_failed`.
  bool quarantined = false;
  std::uint64_t restarts = 0; ///< messages that it failed at since it was released
  bool answers = true;        ///< false: it is silent, and a message has waited for longer than `queue_age`
  std::chrono::microseconds queue_age{}; ///< how long a message waits for its turn there; of a buddy 0
};

/// What a host does that can't do any good.
struct health_warning {
  std::string name;   ///< "rewards_all_equal": at least 100 rewards of a subspace since the start, and none differs from another
  std::string detail; ///< where, and how much
};

/// How a runtime is.
struct runtime_health {
  std::vector<part_health> parts;
  errc state = errc::ok; ///< what a call that must be durable would be refused as
  std::string detail;    ///< of that
  std::vector<health_warning> warnings; ///< the runtime is well all the same
  /// Every part answers, none is quarantined, and changes can be made durable.
  [[nodiscard]] bool well() const noexcept {
    bool fine = state == errc::ok;
    for (const auto& p : parts)
      fine = fine && p.answers && !p.quarantined;
    return fine;
  }
};

class AMMO_EXPORT runtime {
public:
  /// Starts the actors. Errors: those of `options::check`, and of the content that subspaces' kinds bring
  /// (its items become Goal Buddies with one creation each).
  /// `host`: policies of the host's own, for `user.policy = "host"`; `creators`: for Goal Buddies that play "host".
  static result<std::unique_ptr<runtime>> start(options deployment, host_policies host = {},
                                                creator_policy_maker creators = {});
  /// Starts from a TOML file.
  static result<std::unique_ptr<runtime>> start(const std::string& toml_file, host_policies host = {},
                                                creator_policy_maker creators = {});
  /// Stops, if `stop` wasn't called. Inside a callback, where that is refused, the runtime ends on a thread of its own once the callback
  /// has returned. In a forked child it leaves everything as it is.
  ~runtime();
  runtime(const runtime&) = delete;
  runtime& operator=(const runtime&) = delete;

  /// Adds a person, with a User Buddy that knows nothing of them yet. Errors: `duplicate_user`; and, as every call
  /// below: `overloaded`, `stopped`, `forked`, `timed_out` (no answer in time, and nothing has happened or will), and of calls that change
  /// something `outcome_unknown` (no answer in time; it may have happened, or still happen: a repeat under `failure::key` tells) and
  /// `key_reused` (its key was another call's).
  result<void> add_user(user_id user, call_key key = {});
  void add_user(user_id user, callback<void> done, call_key key = {});
  std::future<result<void>> add_user(user_id user, use_future_t, call_key key = {});

  /// The same for a person who says at once what they are interested in: the first slate is already theirs. Errors: also those of
  /// `state_interest`, and then nobody is added.
  result<void> add_user(user_id user, stated_interest interest, call_key key = {});
  void add_user(user_id user, stated_interest interest, callback<void> done, call_key key = {});
  std::future<result<void>> add_user(user_id user, stated_interest interest, use_future_t, call_key key = {});

  /// A person says what they are interested in. It counts as a look at their q (`user_mind::take_interest`), and the Goal Buddies
  /// whose creations match hear of it, without who it was. Texts mean what the items of coin, job and edu that have such words
  /// have in common; a "host" subspace understands texts once it has an embedder. Errors: `unknown_user`,
  /// `unknown_subspace`, `wrong_dimension`, `not_finite` (or a vector of length 0), `bad_text` (too long, not UTF-8, no word
  /// of it known, no embedder), `bad_value` (confidence; both a vector and a text, or neither), `unknown_situation`.
  result<void> state_interest(user_id user, stated_interest interest, call_key key = {});
  void state_interest(user_id user, stated_interest interest, callback<void> done, call_key key = {});
  std::future<result<void>> state_interest(user_id user, stated_interest interest, use_future_t, call_key key = {});

  /// How texts are understood in a subspace from now on; replaces what there was. Errors: `unknown_subspace`.
  result<void> set_embedder(const std::string& subspace, text_embedder embedder);

  /// Forgets a person and their User Buddy. Errors: `unknown_user`.
  result<void> remove_user(user_id user, call_key key = {});
  void remove_user(user_id user, callback<void> done, call_key key = {});
  std::future<result<void>> remove_user(user_id user, use_future_t, call_key key = {});

  /// Adds a Goal Buddy, which offers its grounded facts as its first creation, and then moves as its policy says (see
  /// `goal_spec`); the receipt is the first creation's. Errors: `unknown_subspace`, `duplicate_goal`,
  /// `wrong_dimension`, `not_finite`, `norm_over_cap`, `budget_negative`, `budget_exceeded`, `bad_value` (policy, too many tags), and those of
  /// facts and items: `bad_text`, `text_control`, `text_too_long`, `bad_link`.
  result<creation_receipt> add_goal(goal_spec goal, call_key key = {});
  void add_goal(goal_spec goal, callback<creation_receipt> done, call_key key = {});
  std::future<result<creation_receipt>> add_goal(goal_spec goal, use_future_t, call_key key = {});

  /// Adds or moves a creation of a Goal Buddy. The answer comes once the creation is live (`limits.publish_interval_ms` gathers
  /// changes: for many at once use the callback or future form). Errors: `unknown_goal`, `unknown_creation`,
  /// `not_owner`, `wrong_dimension`, `not_finite`, `norm_over_cap`, `budget_exceeded`, `catalogue_full`, `cap_owner`, `bad_value` (key, too many tags).
  result<creation_receipt> create(creation_spec creation, call_key key = {});
  void create(creation_spec creation, callback<creation_receipt> done, call_key key = {});
  std::future<result<creation_receipt>> create(creation_spec creation, use_future_t, call_key key = {});

  /// Has a Goal Buddy write (`goal.generator`), and with `writing_order::publish` offer what was written as its creation, at
  /// what its distance from the facts costs. `recall` gives the text of what is live: of every slot of a slate, by its goal.
  /// Errors: `unknown_goal`, `bad_text`, `bad_value` (style), `generator_failed` (none here, no facts, or it failed),
  /// `overloaded` (to publish: it is at work on another creation), those of a text (`text_control`, `text_too_long`,
  /// `bad_link`, …), and of `create`. A text that wasn't written costs nothing.
  result<written_receipt> write(writing_spec what, call_key key = {});
  void write(writing_spec what, callback<written_receipt> done, call_key key = {});
  std::future<result<written_receipt>> write(writing_spec what, use_future_t, call_key key = {});

  /// A person asks the Goal Buddy that made what they were shown, and is told of it anew, by their words, from its facts (`goal.generator`
  /// writes). Their questions on one impression are a session, of which the generator knows all: it ends with their feedback on the impression,
  /// which then reaches both buddies, the User Buddy as a reward, the Goal Buddy as an interest in (or against) what it wrote, without who it
  /// was; or `limits.session_minutes` after the first question. Errors: `bad_text` (empty, or not UTF-8), `text_too_long` (over 1,000
  /// bytes), `bad_value` (style), `session_over`, `too_many_questions`, `too_many_sessions`, `overloaded` (also: the question before awaits its
  /// answer), those of `explain`, and of `write` for a draft. A question that isn't answered doesn't count.
  result<elaboration> elaborate(user_id user, impression_id impression, std::string question, writing_style style = {});
  void elaborate(user_id user, impression_id impression, std::string question, callback<elaboration> done, writing_style style = {});
  std::future<result<elaboration>> elaborate(user_id user, impression_id impression, std::string question, use_future_t, writing_style style = {});

  /// Takes a creation back. Errors: `unknown_goal`, `unknown_creation`, `not_owner`.
  result<void> withdraw(goal_id goal, creation_id creation, call_key key = {});
  void withdraw(goal_id goal, creation_id creation, callback<void> done, call_key key = {});
  std::future<result<void>> withdraw(goal_id goal, creation_id creation, use_future_t, call_key key = {});

  /// Takes back all that a Goal Buddy has live, whatever the ids are by now. Answers once nobody is shown any of it. Errors: `unknown_goal`,
  /// `unknown_creation` (nothing is live).
  result<void> withdraw(goal_id goal, call_key key = {});
  void withdraw(goal_id goal, callback<void> done, call_key key = {});
  std::future<result<void>> withdraw(goal_id goal, use_future_t, call_key key = {});

  /// Removes a Goal Buddy with all that it has live; what is left of its budget is gone, and its id can be used again. Answers once nobody
  /// is shown any of it. Errors: `unknown_goal`.
  result<void> remove_goal(goal_id goal, call_key key = {});
  void remove_goal(goal_id goal, callback<void> done, call_key key = {});
  std::future<result<void>> remove_goal(goal_id goal, use_future_t, call_key key = {});

  /// A slate of at most `n` creations (0: the deployment's N). Errors: `unknown_user`, `too_many_slots`, `no_catalogue`.
  result<slate> ask(user_id user, std::uint32_t n = 0);
  void ask(user_id user, std::uint32_t n, callback<slate> done);
  std::future<result<slate>> ask(user_id user, std::uint32_t n, use_future_t);

  /// The same with what the host says of it: what is eligible, and in which situation the person asks. A slate is shorter where fewer
  /// creations are eligible, and empty where none is. Errors: also `unknown_situation`, and `bad_value` for a list of more than
  /// `most_listed` entries, or a limit within no time or more than 366 days.
  result<slate> ask(user_id user, std::uint32_t n, ask_options how);
  void ask(user_id user, std::uint32_t n, ask_options how, callback<slate> done);
  std::future<result<slate>> ask(user_id user, std::uint32_t n, ask_options how, use_future_t);
  /// In a situation: `rt.ask(user, 5, "evening")`.
  result<slate> ask(user_id user, std::uint32_t n, situation when);
  void ask(user_id user, std::uint32_t n, situation when, callback<slate> done);
  std::future<result<slate>> ask(user_id user, std::uint32_t n, situation when, use_future_t);

  /// What the person did with an impression, as a reward: any finite number up to ±1e15, in whatever unit, of whatever offset (stars, a
  /// sale, seconds, 0 and 1), where `user.learner` is "people"; else in [−1, 1]. Counts once, as long as the impression lives, in any order.
  /// Errors: `unknown_user`, `unknown_impression`, `feedback_not_shown`, `feedback_twice`, `feedback_late`, `not_finite`,
  /// `reward_out_of_range`.
  result<void> feedback(user_id user, impression_id impression, double value, call_key key = {});
  void feedback(user_id user, impression_id impression, double value, callback<void> done, call_key key = {});
  std::future<result<void>> feedback(user_id user, impression_id impression, double value, use_future_t, call_key key = {});

  /// The same as one of the signals, which is worth what its subspace says. An impression counts once, by what comes
  /// first: a host that may learn more (a view, then a like) sends the strongest once it knows. Errors: as above, and
  /// `unknown_signal` (with those that the subspace knows; the impression still awaits its feedback).
  result<void> feedback(user_id user, impression_id impression, signal what, call_key key = {});
  void feedback(user_id user, impression_id impression, signal what, callback<void> done, call_key key = {});
  std::future<result<void>> feedback(user_id user, impression_id impression, signal what, use_future_t, call_key key = {});

  /// The same by a signal's name: one of the subspace's kind, or of `subspace_options::signals`.
  result<void> feedback(user_id user, impression_id impression, std::string_view signal, call_key key = {});
  void feedback(user_id user, impression_id impression, std::string_view signal, callback<void> done, call_key key = {});
  std::future<result<void>> feedback(user_id user, impression_id impression, std::string_view signal, use_future_t, call_key key = {});

  /// The person prefers one impression to another, of the same slate or of two; both have had their feedback then. Errors: as
  /// of `feedback`, and `bad_value` for one creation compared with itself.
  result<void> prefer(user_id user, impression_id better, impression_id worse, call_key key = {});
  void prefer(user_id user, impression_id better, impression_id worse, callback<void> done, call_key key = {});
  std::future<result<void>> prefer(user_id user, impression_id better, impression_id worse, use_future_t, call_key key = {});

  /// What a User Buddy believes, with its regret as it sees it. Errors: `unknown_user`.
  result<user_belief> regret(user_id user);
  void regret(user_id user, callback<user_belief> done);
  std::future<result<user_belief>> regret(user_id user, use_future_t);

  /// Why the person was shown an impression: what it is expected to earn, how sure that is, and what that was learned from. Of one that awaits
  /// feedback, or has had it, as long as it is among the person's last 4,096. It changes nothing. Errors: `unknown_user`, `unknown_impression`,
  /// `feedback_not_shown` (it was somebody else's), `feedback_late` (it isn't remembered any more), `unknown_creation` (the creation has gone, and
  /// nothing that was learned refers to it).
  result<explanation> explain(user_id user, impression_id impression);
  void explain(user_id user, impression_id impression, callback<explanation> done);
  std::future<result<explanation>> explain(user_id user, impression_id impression, use_future_t);

  /// Counters of the whole runtime.
  result<runtime_statistics> statistics();
  void statistics(callback<runtime_statistics> done);
  std::future<result<runtime_statistics>> statistics(use_future_t);

  /// How every part is: answered within 250 ms, whoever is silent or fails.
  result<runtime_health> health();
  void health(callback<runtime_health> done);
  std::future<result<runtime_health>> health(use_future_t);

  /// A quarantined part works again. With a state: once it is what its log says (soon; `health` tells). Without one a buddy goes on with what it
  /// has learned. `part` as `health` names it. At once, on the calling thread. Errors: `bad_value` (no such part, or it isn't quarantined),
  /// `bad_state` (a part that many share, and the state doesn't hold it: it comes back with the next start), `forked`.
  result<void> release(const std::string& part);

  /// What evolution has brought so far: the strains that play with their scores and hyper-parameters, the best one, diversity, and
  /// every generation with its lineage. Errors: `empty_population` where nothing evolves (`evolution.strains` is 0).
  result<evolution_standing> evolution();
  void evolution(callback<evolution_standing> done);
  std::future<result<evolution_standing>> evolution(use_future_t);

  /// Of a node (`options::node`): how the cluster is as this node sees it, in JSON: `node`, `address`, `incarnation`, `serves` (the units are here), `nodes`,
  /// `units` with their owners and terms, `links`. At once, on the calling thread. Errors: `bad_value` (this process plays alone), `stopped`, `forked`.
  result<std::string> node_status();
  /// Of a node: why it plays no more, and won't by itself: `state_in_use` (another process plays under its name), `state_damaged` (the database was set back
  /// to before what it had confirmed). ok: it plays. At once, on the calling thread.
  failure node_ended();

  /// Told of each slate that nobody asked for, where callbacks run. Set it before users are added; replaces the one before; empty: none.
  /// Of more than `limits.pushes_waiting` that wait for it, the oldest are shed.
  void on_push(std::function<void(const slate&)> callback);
  /// The same where not everybody is there to see: `wanted` is asked right before, on the same thread, and must not block. A slate that isn't
  /// wanted was shown to nobody: it is revoked and counts for nothing, as where there is no callback. Empty: all are wanted.
  void on_push(std::function<void(const slate&)> callback, std::function<bool(user_id)> wanted);

  /// Refuses new calls, answers those under way with `stopped`, ends the actors, and waits for callbacks to return: `ok`. Waits no longer
  /// than `limits.stop_wait_ms` for them: `callback_running`, and the one that runs on may return whenever it likes. Inside a callback, or
  /// other code that the runtime has called: `inside_callback`, at once, and nothing is stopped. In a forked child: `forked`. Idempotent.
  errc stop();

private:
  struct impl;
  explicit runtime(std::shared_ptr<impl> all);
  std::shared_ptr<impl> impl_;
};

} // namespace ammo
