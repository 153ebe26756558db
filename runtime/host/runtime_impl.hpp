/// What a runtime consists of, and its calls as one function each: the three public forms of a call differ in where the answer goes.
#pragma once

#include "actors/base/host_code.hpp"
#include "ammo/runtime.hpp"
#include "runtime/host/admission/admission_window.hpp"
#include "runtime/host/fork_mark.hpp"
#include "runtime/host/bridge_actor.hpp"
#include "runtime/host/calls/deadline_keeper.hpp"
#include "runtime/host/cluster/node_body.hpp"
#include "runtime/host/interests.hpp"
#include "runtime/host/sessions/session_book.hpp"
#include "runtime/state/state_keeper.hpp"
#include "runtime/system/policy_runner.hpp"
#include "subspaces/content.hpp"

#include <array>
#include <atomic>
#include <charconv>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

namespace ammo {

/// Where an answer goes. `direct`: it keeps a promise of the runtime's own, on the spot and on any thread. Otherwise it is a host's
/// callback, which never runs inside an actor.
/// `key`: the host's, of a call that changes something.
template <class T>
struct reply {
  callback<T> to;
  bool direct = false;
  call_key key{};
  call_key told{}; ///< the key that the host hears of, where this is a part of its call; 0: `key`
};

/// Keys that the runtime makes, where the host doesn't.
inline constexpr std::uint64_t own_keys = std::uint64_t{1} << 63;

/// What the units of a node have from the runtime that its host holds.
struct units_of_node {
  node_seat at;
  std::shared_ptr<outward> others;
  std::shared_ptr<const std::vector<content>> contents;
  std::shared_ptr<interests> meaning;
  std::shared_ptr<callback_runner> callbacks;
  std::shared_ptr<reward_variety> variety;
};

/// Shared with whatever outlives the runtime: a callback that hasn't returned, an end that had to be put off.
struct runtime::impl : std::enable_shared_from_this<impl> {
  /// `callbacks`: somebody else's, who closes them; null: its own.
  impl(options o, std::unique_ptr<actor_graph> w, std::shared_ptr<interests> m, std::shared_ptr<callback_runner> run_by = {});
  ~impl();

  static result<std::unique_ptr<runtime>> start(options deployment, host_policies host, creator_policy_maker creators);
  class units;
  /// With all units in this process. `of`: as those of a node.
  /// Real content that isn't there becomes Goal Buddies, all at once, so that they share periods. `wanted`: false: not this one. Errors: those of `add_goal`.
  [[nodiscard]] static result<void> add_contents(runtime& rt, const std::vector<content>& contents, const std::function<bool(const goal_spec&)>& wanted);
  static result<std::unique_ptr<runtime>> start_units(options deployment, host_policies host, creator_policy_maker creators, std::optional<units_of_node> of);
  /// As a node: its units start when it has claimed them.
  static result<std::unique_ptr<runtime>> start_node(options deployment, host_policies host, creator_policy_maker creators);
  /// What was here before a restart; nothing where no state is kept. Errors: those of `state_keeper`.
  [[nodiscard]] result<std::optional<recovered_minds>> recover(std::optional<node_seat> as = {});
  /// Texts are understood as the words of real content are.
  void understand(const std::vector<content>& contents);
  /// Starts the actors, and the bridge among them.
  void start_actors(std::optional<recovered_minds> before);
  /// Returns once every actor has begun. Errors: those of `runtime::statistics`.
  [[nodiscard]] static result<void> all_begun(runtime& rt);
  /// Ends all. Errors: `forked`, `inside_callback` (nothing has changed), `callback_running` (it has ended without it).
  errc stop();
  /// The same where it can't be waited for, on a thread of its own.
  static void stop_elsewhere(std::shared_ptr<impl> all) noexcept;

  // Each takes where its answer goes to, and answers there; or it throws (no memory), and hasn't.
  void add_user(user_id user, reply<void>&& to);
  void add_user(user_id user, const stated_interest& interest, reply<void>&& to);
  void state_interest(user_id user, const stated_interest& interest, reply<void>&& to);
  void remove_user(user_id user, reply<void>&& to);
  void add_goal(goal_spec g, reply<creation_receipt>&& to);
  void create(creation_spec c, reply<creation_receipt>&& to);
  void write(writing_spec what, reply<written_receipt>&& to);
  void elaborate(user_id user, impression_id impression, std::string question, writing_style style, reply<elaboration>&& to);
  void withdraw(goal_id goal, creation_id creation, reply<void>&& to);
  void remove_goal(goal_id goal, reply<void>&& to);
  void ask(user_id user, std::uint32_t n, ask_options how, reply<slate>&& to);
  void feedback(user_id user, impression_id impression, double value, reply<void>&& to);
  void feedback(user_id user, impression_id impression, signal what, reply<void>&& to);
  void feedback(user_id user, impression_id impression, std::string_view signal, reply<void>&& to);
  void prefer(user_id user, impression_id better, impression_id worse, reply<void>&& to);
  void regret(user_id user, reply<user_belief>&& to);
  /// `due`: where the call has begun before.
  void explain(user_id user, impression_id impression, reply<explanation>&& to, std::optional<time_source::instant> due = {});
  void evolution(reply<evolution_standing>&& to);
  void statistics(reply<runtime_statistics>&& to);
  void health(reply<runtime_health>&& to);
  [[nodiscard]] result<void> release(const std::string& part);

  /// A number below 2^62 that counts up, that no other process which shares the state makes at the same moment, and that no earlier one has made.
  [[nodiscard]] std::uint64_t fresh_key() noexcept;

  /// Does the next step of a call that several make up. Where that throws, whoever asked hears that there was no memory: nobody else would say it.
  template <class T, class F>
  void answered_somehow(const reply<T>& to, F step) noexcept {
    try {
      step();
    } catch (...) {
      ctx->refused(this, errc::not_enough_memory);
      tell(to, result<T>(errc::not_enough_memory));
    }
  }
  /// Counts and answers a refusal, on the calling thread.
  template <class T>
  void refuse(const failure& why, const reply<T>& to) {
    ctx->refused(this, why.code);
    tell(to, result<T>(why));
  }
  [[nodiscard]] bool forked() const noexcept { return process.forked(); }
  /// Refuses in a child, without a record: the sink may wait there for a lock that nobody gives back.
  template <class T>
  [[nodiscard]] bool refused_as_forked(const reply<T>& to) {
    if (!forked())
      return false;
    ctx->count.refused(this, errc::forked);
    tell(to, result<T>(errc::forked));
    return true;
  }

  std::shared_ptr<const options> deployment;
  layout space;
  std::shared_ptr<interests> meaning; ///< shared with whoever writes
  context_ptr ctx;
  std::unique_ptr<actor_graph> actors; ///< gone once stopped
  std::shared_ptr<state_keeper> keeper; ///< of the state; null: nothing survives
  std::shared_ptr<callback_runner> callbacks;
  std::shared_ptr<policy_runner> policies;
  std::unique_ptr<deadline_keeper> deadlines;
  std::shared_ptr<reward_variety> variety;
  std::shared_ptr<session_book> sessions; ///< of people with Goal Buddies
  std::shared_ptr<admission_window> window; ///< of what people do: asks and feedback
  place::counter places = std::make_shared<std::atomic<std::uint32_t>>(0);
  place::counter flowing = std::make_shared<std::atomic<std::uint32_t>>(0); ///< of these: asks and feedback
  std::shared_ptr<node_body> node; ///< null: this process plays alone; under `stopping`
  bool of_node = false;            ///< these are a node's units: callbacks are its host's, and a snapshot was taken when they are to end
  std::atomic<std::uint64_t> last_key{0};
  const std::uint64_t salt;        ///< below 1,024
  std::shared_mutex stopping; ///< held shared by calls, exclusively by stop
  std::atomic<bool> stops{false}; ///< stop wants it, and calls without a pause leave it no gap: whoever sees this doesn't take it
  bool stopped = false;
  std::mutex ending; ///< held by stop to its end
  errc ended_as = errc::ok;
  const fork_mark process; ///< whose threads these are

  [[nodiscard]] std::chrono::milliseconds timeout() const noexcept { return std::chrono::milliseconds{deployment->limits.request_timeout_ms}; }
  /// When a call that is made now must have ended.
  [[nodiscard]] time_source::instant due() const noexcept { return ctx->time->now() + timeout(); }
  /// Null: this process plays alone, or it has stopped.
  [[nodiscard]] std::shared_ptr<node_body> as_node() {
    if (stops.load(std::memory_order_acquire))
      return nullptr;
    std::shared_lock lock(stopping);
    return node;
  }

private:
  /// Of what comes as fast as people do things; admissions and creations come in bulk, and may wait.
  [[nodiscard]] static bool is_flow(const host_question& q) noexcept {
    return std::holds_alternative<slate_request>(q) || std::holds_alternative<ammo::feedback>(q) || std::holds_alternative<graded_feedback>(q);
  }
  /// Said in one piece of memory: a refusal must cost next to nothing.
  [[nodiscard]] std::string too_many(std::uint32_t most) const {
    std::array<char, 10> digits;
    const auto number = std::to_chars(digits.data(), digits.data() + digits.size(), most).ptr;
    std::string text;
    text.reserve(80);
    return text.append("more than ").append(digits.data(), number).append(" requests under way").append(
      most == deployment->limits.requests_under_way ? " (limits.requests_under_way)" : ", and answers are late");
  }
  /// What a stated interest means, in numbers. Errors: those of `state_interest`, but `unknown_user`.
  [[nodiscard]] result<interest_statement> statement_of(user_id user, const stated_interest& interest) const;
  void state(interest_statement meant, reply<void>&& to, std::optional<time_source::instant> due = {});
  /// A person's question on its way to the Goal Buddy that is to answer it.
  struct asked_question {
    user_id user{};
    impression_id impression{};
    std::string text;
    writing_style style;
    session_book::turn turn;
  };
  /// Asks which Goal Buddy that is, and has it answered.
  [[nodiscard]] reply<explanation> explained_first(asked_question asked, reply<elaboration> told, time_source::instant ends);
  /// Has it answered, within what is left of the call's time.
  void put(asked_question q, const session_partner& to_whom, reply<elaboration>&& to, time_source::instant due);
  /// What became of feedback on one impression. Where it ends a session, the Goal Buddy hears of it.
  [[nodiscard]] std::function<result<void>(const feedback_verdict&)> verdict_on(user_id user, impression_id impression);

  /// Makes a function of what takes over where an answer goes to (`to`, its last member). Throws, and gives that back.
  template <class Function, class Taken, class T>
  [[nodiscard]] static Function function_of(Taken taken, reply<T>& to) {
    taken.to = std::move(to.to);
    try {
      return Function(std::move(taken)); // moves that once there is memory for all of it
    } catch (...) {
      to.to = std::move(taken.to);
      throw;
    }
  }

  /// Calls where the answer goes to. An empty callback is no fault, and what one throws stays the host's own.
  template <class T>
  void tell(const reply<T>& to, result<T> r) noexcept {
    if (!to.to)
      return;
    in_host_code here(static_cast<const context*>(ctx.get()));
    try {
      to.to(std::move(r));
    } catch (...) {
      ctx->refused(this, errc::callback_failed);
    }
  }

  /// Asks the actors. `convert` makes what the call promises of the answer, of type A.
  /// `due`: where the call has begun before.
  template <class A, class T, class F>
  void ask_actors(host_question q, reply<T>&& to, F convert, std::optional<time_source::instant> due = {}) {
    if (refused_as_forked(to))
      return;
    if (stops.load(std::memory_order_acquire))
      return tell(to, result<T>(errc::stopped));
    std::shared_lock lock(stopping);
    if (stopped) {
      lock.unlock(); // a callback may call again
      return tell(to, result<T>(errc::stopped));
    }
    const bool flows = is_flow(q);
    auto most = deployment->limits.requests_under_way;
    auto held = place::take(places, most);
    if (held && flows && !held->take_of_sort(flowing, most = window->open())) {
      held.reset();
      window->on_refusal();
    }
    if (!held) {
      lock.unlock();
      return refuse({errc::overloaded, too_many(most)}, to);
    }
    const bool given = to.key.value != 0;
    const auto told = to.told;
    const auto holder = to.key.holder;
    const auto key = !changes(q) ? 0 : given ? to.key.value
                                             : own_keys | fresh_key();
    const auto ends = due.value_or(this->due());
    if (flows)
      window->on_call(flowing->load(std::memory_order_relaxed) - 1, ends - timeout());
    auto taker = taker_of<A>(std::move(to), std::move(convert), flows ? arrival{window, ctx->time, ends - timeout()} : arrival{});
    std::shared_ptr<ticket> asker;
    try {
      asker = std::make_shared<ticket>(std::move(taker), std::move(*held), ctx, ends, told.value != 0 ? told.value : key, holder);
      deadlines->keep(asker);
      if (node)
        return node->call(std::move(q), asker, key, given && key != 0);
      hand_over(*ctx, the_host, host_call{std::move(q), asker, key, given && key != 0});
    } catch (...) { // nothing of it has happened
      lock.unlock();
      ctx->refused(this, errc::not_enough_memory);
      if (asker)
        asker->answer(failure{errc::not_enough_memory, {}});
      else
        taker(failure{errc::not_enough_memory, {}}, std::move(*held));
    }
  }

  /// Tells the window how old an answer is when it reaches the host: what it waits for a thread of the host's is part of its age.
  struct arrival {
    std::shared_ptr<admission_window> at{}; ///< null: not of what people do
    std::shared_ptr<const time_source> time{};
    time_source::instant made{};
    void operator()() const noexcept {
      if (!at)
        return;
      const auto now = time->now();
      at->on_answer(now - made, now);
    }
  };

  /// A callback and its answer, with room to wait in: made with the call, so that nothing is wanted of memory when the answer is there.
  template <class T>
  struct answer_under_way final : callback_runner::work {
    void run() override {
      arrives();
      to(std::move(of));
    }
    callback<T> to;
    arrival arrives;
    result<T> of{errc::internal};
    callback_runner::room waits = callback_runner::room_for_one();
  };
  template <class T>
  struct turn_taker {
    std::shared_ptr<callback_runner> runner{};    ///< null: on the spot
    std::shared_ptr<answer_under_way<T>> later{}; ///< with a runner
    mutable callback<T> to{};
    void operator()(result<T> r) const { // once, of all copies
      if (!to)
        return;
      if (!runner)
        return to(std::move(r));
      later->to = std::move(to);
      later->of = std::move(r);
      runner->answer(std::move(later->waits), later, {});
    }
  };
  /// The same answer where one call asks twice: what follows on the first answer runs where that comes from, which may be an actor, and a host's
  /// callback has to wait for its own turn.
  template <class T>
  [[nodiscard]] reply<T> in_turn(reply<T>&& to) const {
    auto runner = to.direct || !to.to ? nullptr : callbacks;
    auto later = runner ? std::make_shared<answer_under_way<T>>() : nullptr;
    return {function_of<callback<T>>(turn_taker<T>{std::move(runner), std::move(later)}, to), true};
  }
  template <class A, class T, class F>
  struct answer_taker {
    F convert;
    arrival arrives;
    std::shared_ptr<callback_runner> runner;    ///< null: on the spot
    std::shared_ptr<answer_under_way<T>> later; ///< with a runner
    callback<T> to{};
    void operator()(host_answer a, place held) { // called once
      auto r = converted<T, A>(std::move(a), convert);
      if (!to) // nobody listens; what the answer entails has happened all the same
        return arrives();
      if (runner) {
        later->to = std::move(to);
        later->arrives = std::move(arrives);
        later->of = std::move(r);
        auto in = std::move(later->waits);
        return runner->answer(std::move(in), std::move(later), std::move(held));
      }
      arrives();
      held.give_back(); // whoever waits may call again at once
      to(std::move(r));
    }
  };
  template <class A, class T, class F>
  ticket::taker taker_of(reply<T>&& to, F convert, arrival arrives) {
    auto runner = to.direct || !to.to ? nullptr : callbacks;
    auto later = runner ? std::make_shared<answer_under_way<T>>() : nullptr;
    return function_of<ticket::taker>(answer_taker<A, T, F>{std::move(convert), std::move(arrives), std::move(runner), std::move(later)}, to);
  }

  template <class T, class A, class F>
  static result<T> converted(host_answer a, const F& convert) noexcept {
    if (auto* failed = std::get_if<failure>(&a))
      return std::move(*failed);
    try {
      if (auto* right = std::get_if<A>(&a))
        return convert(std::move(*right));
      return failure{errc::internal, "an answer of the wrong kind"};
    } catch (...) { // no memory for what it says
      return errc::outcome_unknown;
    }
  }
};

} // namespace ammo
