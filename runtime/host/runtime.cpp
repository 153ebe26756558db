#include "ammo/runtime.hpp"

#include "actors/base/text.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/host/bridge_actor.hpp"
#include "runtime/host/host_writing.hpp"
#include "runtime/host/interests.hpp"
#include "runtime/system/actor_graph.hpp"
#include "runtime/system/content_goals.hpp"
#include "runtime/system/machine.hpp"
#include "runtime/system/evolved.hpp"
#include "runtime/writing/generators.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <shared_mutex>

namespace ammo {
namespace {

/// Keys of creations that a host makes stand apart from those that Goal Buddies make themselves.
constexpr std::uint64_t host_keys = std::uint64_t{1} << 62, fresh_keys = std::uint64_t{1} << 63;

result<void> check_embedding(std::span<const float> e, const subspace_options& s, std::uint32_t width) {
  if (e.size() != width)
    return {errc::wrong_dimension, "subspace \"" + s.name + "\" takes " + std::to_string(width) + " coordinates, not " +
                                     std::to_string(e.size())};
  double square = 0;
  for (auto x : e)
    square += static_cast<double>(x) * x;
  if (!std::isfinite(square))
    return {errc::not_finite, "in an embedding for subspace \"" + s.name + "\""};
  if (auto norm = std::sqrt(square); norm > s.norm_cap + 1e-4)
    return {errc::norm_over_cap, "norm " + std::to_string(norm) + ", cap " + std::to_string(s.norm_cap) + " in subspace \"" + s.name + "\""};
  return {};
}

/// Calls a host's callback. An empty one is no fault, and what one throws stays the host's own.
void answer(const auto& done, auto&& with) noexcept {
  try {
    if (done)
      done(std::forward<decltype(with)>(with));
  } catch (...) {
  }
}

/// Turns an answer into what a call promises: `convert` is given the answer of type A.
template <class T, class A, class F>
std::function<void(host_answer)> expecting(callback<T> done, F convert) {
  if (!done)
    return [](host_answer) {};
  return [done = std::move(done), convert = std::move(convert)](host_answer a) {
    if (auto* failed = std::get_if<failure>(&a))
      return done(std::move(*failed));
    if (auto* right = std::get_if<A>(&a))
      return done(convert(std::move(*right)));
    done(failure{errc::internal, "an answer of the wrong kind"});
  };
}

result<void> nothing_or(errc code, std::string detail = {}) {
  return code == errc::ok ? result<void>{} : result<void>{code, std::move(detail)};
}

/// What became of feedback on one impression.
std::function<void(host_answer)> verdict_on(user_id user, impression_id impression, callback<void> done) {
  return expecting<void, feedback_verdict>(std::move(done), [=](const feedback_verdict& m) {
    const auto about = "user " + std::to_string(raw(user)) + ", impression " + std::to_string(raw(impression));
    return nothing_or(m.code, m.detail.empty() ? about : about + ": " + m.detail);
  });
}

result<creation_receipt> receipt_of(const auto& m) {
  if (m.code != errc::ok)
    return {m.code, m.detail};
  return creation_receipt(m);
}

result<slate> slate_of(const slate_delivery& m) {
  if (m.code != errc::ok)
    return {m.code, "user " + std::to_string(raw(m.user))};
  return slate{m.user, m.round, false, m.slate};
}

/// An item as it may be shown, or null where none can be made.
shared_item item_of(const subspace_kind& kind, const std::vector<fact>& facts) {
  auto told = rendered(kind, facts);
  return check(told) ? std::make_shared<const item>(std::move(told)) : nullptr;
}

/// What contents bring as Goal Buddies, each with its item.
std::vector<goal_spec> goals_of(const options& deployment, const std::vector<content>& contents) {
  std::vector<goal_spec> out;
  for (auto& g : content_goals(deployment, contents)) {
    const auto at = raw(g.subspace);
    const auto& facts = contents[at].items[g.content & 0xFFFFFFFFu].facts;
    out.push_back({.goal = g.goal,
                   .owner = g.owner,
                   .subspace = deployment.subspaces[at].name,
                   .grounded = std::move(g.grounded.values),
                   .content = g.content,
                   .budget_micros = g.budget_micros,
                   .policy = std::move(g.policy),
                   .facts = std::move(g.facts),
                   .item = item_of(*deployment.kinds.find(deployment.subspaces[at].kind), facts)});
  }
  return out;
}

} // namespace

struct runtime::impl {
  impl(options o, std::unique_ptr<actor_graph> w, std::shared_ptr<interests> m)
    : deployment(std::move(o)), space(w->space()), meaning(std::move(m)), ctx(w->context()), actors(std::move(w)) {}

  static result<std::unique_ptr<runtime>> start(options deployment, host_policies host, creator_policy_maker creators);

  options deployment;
  layout space;
  std::shared_ptr<interests> meaning; ///< shared with whoever writes
  context_ptr ctx;
  std::unique_ptr<actor_graph> actors; ///< gone once stopped
  std::shared_ptr<std::atomic<std::uint32_t>> under_way = std::make_shared<std::atomic<std::uint32_t>>(0);
  std::atomic<std::uint64_t> next_key{1};
  std::shared_mutex stopping; ///< held shared by calls, exclusively by stop
  bool stopped = false;
  std::mutex ending; ///< held by stop to its end

  void ask(host_question q, std::function<void(host_answer)> done) {
    std::shared_lock lock(stopping);
    if (stopped) {
      lock.unlock(); // a callback may call again
      return answer(done, failure{errc::stopped, {}});
    }
    if (under_way->fetch_add(1, std::memory_order_acq_rel) >= deployment.limits.requests_under_way) {
      under_way->fetch_sub(1, std::memory_order_acq_rel);
      lock.unlock();
      ctx->refused(this, errc::overloaded);
      return answer(done, failure{errc::overloaded, "more than " + std::to_string(deployment.limits.requests_under_way) +
                                                      " requests under way (limits.requests_under_way)"});
    }
    hand_over(*ctx, the_host, host_call{std::move(q), std::make_shared<ticket>(std::move(done), under_way)});
  }

  void refuse(const failure& why, const auto& done) {
    ctx->refused(this, why.code);
    answer(done, why);
  }

  [[nodiscard]] std::uint32_t width(subspace_id s) const { return space.coordinates(s).width; }
};

result<std::unique_ptr<runtime>> runtime::start(options deployment, host_policies host,
                                                creator_policy_maker creators) {
  return without_exceptions([&] { return impl::start(std::move(deployment), std::move(host), std::move(creators)); });
}

result<std::unique_ptr<runtime>> runtime::impl::start(options deployment, host_policies host, creator_policy_maker creators) {
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  if (auto granted = enough_threads(threads_of(deployment)); !granted)
    return granted.error();
  auto contents = contents_of(deployment);
  if (!contents)
    return contents.error();
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  auto meaning = std::make_shared<interests>(*space);
  auto senses = senses_of(*contents);
  for (std::size_t at = 0; at < senses.size(); ++at) // by the embedder of then: a host may set its own
    senses[at].embed = [meaning, at](std::string_view text) {
      return meaning->understood(subspace_id{static_cast<std::uint16_t>(at)}, text);
    };
  auto made = actor_graph::make(
      deployment,
      {.users = std::move(host), .creators = std::move(creators), .writers = [&](std::function<void(errc)> noted) {
         return generators_of(deployment, std::move(senses), std::move(noted));
       }});
  if (!made)
    return made.error();

  auto& w = **made;
  auto state = std::make_unique<impl>(std::move(deployment), std::move(*made), std::move(meaning));
  w.context()->routes.open(the_host, w.system().spawn(ammo::bridge, std::make_shared<bridge_setup>(bridge_setup{
    .ctx = w.context(),
    .shards = w.shards(),
    .subspaces = w.subspaces(),
    .evolves = w.evolves(),
    .timeout = std::chrono::milliseconds{state->deployment.limits.request_timeout_ms}})));
  w.start({.clocked = false, .push = true, .host = the_host, .people = {}});
  // CAF has given this thread a share of its logger, and a system ends only when no other thread has one: without
  // this, `stop` on any other thread would wait for ever.
  caf::logger::set_current_actor_system(nullptr);

  std::unique_ptr<runtime> rt(new runtime(std::move(state)));
  for (std::size_t at = 0; at < contents->size(); ++at)
    if (const auto& words = (*contents)[at].words)
      (void)rt->set_embedder(rt->impl_->deployment.subspaces[at].name, [words](std::string_view t) { return words->embed(t); });
  rt->impl_->ctx->note(log_level::info, "deployment_started",
                       {{"name", std::string_view(rt->impl_->deployment.name)}, {"subspaces", std::uint64_t{w.subspaces()}},
                        {"shards", std::uint64_t{w.shards()}}});
  // Real content becomes Goal Buddies, all at once, so that they share periods.
  auto goals = goals_of(rt->impl_->deployment, *contents);
  auto at_once = std::min<std::size_t>(4096, rt->impl_->deployment.limits.requests_under_way);
  std::vector<std::future<result<creation_receipt>>> added;
  for (auto& g : goals) {
    added.push_back(rt->add_goal(std::move(g), use_future));
    if (added.size() == at_once || &g == &goals.back()) {
      for (auto& a : added)
        if (auto r = a.get(); !r)
          return r.error();
      added.clear();
    }
  }
  return rt;
}

result<std::unique_ptr<runtime>> runtime::start(const std::string& toml_file, host_policies host,
                                                creator_policy_maker creators) {
  auto deployment = options::from_file(toml_file);
  if (!deployment)
    return deployment.error();
  return start(std::move(*deployment), std::move(host), std::move(creators));
}

runtime::runtime(std::unique_ptr<impl> state) : impl_(std::move(state)) {}
runtime::~runtime() { stop(); }

void runtime::stop() {
  std::lock_guard one_at_a_time(impl_->ending); // whoever returns finds no actor at work, the second caller too
  {
    std::unique_lock lock(impl_->stopping);
    if (std::exchange(impl_->stopped, true))
      return;
  }
  hand_over(*impl_->ctx, the_host, host_stops{});
  impl_->actors.reset(); // waits for every actor's end
  impl_->ctx->note(log_level::info, "deployment_stopped", {{"name", std::string_view(impl_->deployment.name)}});
}

// -- the callback forms --------------------------------------------------------------------------------------

void runtime::add_user(user_id user, callback<void> done) {
  impl_->ask(admit_user{user, 0}, expecting<void, admission>(std::move(done), [](const admission& m) { return nothing_or(m.code, m.detail); }));
}

void runtime::add_user(user_id user, stated_interest interest, callback<void> done) {
  if (auto meant = impl_->meaning->statement_of(user, interest); !meant)
    return impl_->refuse(meant.error(), done);
  add_user(user, [this, user, interest = std::move(interest), done = std::move(done)](result<void> added) mutable {
    if (!added)
      return answer(done, std::move(added));
    state_interest(user, std::move(interest), std::move(done));
  });
}

void runtime::state_interest(user_id user, stated_interest interest, callback<void> done) {
  auto meant = impl_->meaning->statement_of(user, interest);
  if (!meant)
    return impl_->refuse(meant.error(), done);
  impl_->ask(std::move(*meant), expecting<void, feedback_verdict>(std::move(done), [=](const feedback_verdict& m) {
               return nothing_or(m.code, "an interest of user " + std::to_string(raw(user)));
             }));
}

result<void> runtime::set_embedder(const std::string& subspace, text_embedder embedder) {
  auto set = impl_->meaning->set_embedder(subspace, std::move(embedder));
  if (!set)
    impl_->ctx->refused(impl_.get(), set.code());
  return set;
}

void runtime::remove_user(user_id user, callback<void> done) {
  impl_->ask(dismiss_user{user, 0}, expecting<void, admission>(std::move(done), [](const admission& m) { return nothing_or(m.code, m.detail); }));
}

void runtime::add_goal(goal_spec g, callback<creation_receipt> done) {
  const auto& all = impl_->deployment.subspaces;
  auto it = std::find_if(all.begin(), all.end(), [&](const auto& s) { return s.name == g.subspace; });
  if (it == all.end())
    return impl_->refuse({errc::unknown_subspace, in_quotes(g.subspace) + ", wanted by Goal Buddy " + std::to_string(raw(g.goal))}, done);
  subspace_id at{static_cast<std::uint16_t>(it - all.begin())};
  if (auto fine = check_embedding(g.grounded, *it, impl_->width(at)); !fine)
    return impl_->refuse(fine.error(), done);
  auto budget = g.budget_micros == -1 ? impl_->deployment.goal.budget_micros : g.budget_micros;
  if (budget < 0)
    return impl_->refuse({errc::budget_negative, std::to_string(budget) + " micro-units for Goal Buddy " + std::to_string(raw(g.goal))}, done);
  if (budget < it->price_micros)
    return impl_->refuse({errc::budget_exceeded, "the first creation costs " + std::to_string(it->price_micros) +
                                                   " micro-units, the budget is " + std::to_string(budget)},
                         done);
  if (auto fine = check(g.facts); !fine)
    return impl_->refuse(fine.error(), done);
  if (auto fine = g.item ? check(*g.item) : result<void>{}; !fine)
    return impl_->refuse(fine.error(), done);
  impl_->ask(admit_goal{.goal = g.goal,
                        .owner = g.owner,
                        .subspace = at,
                        .content = g.content,
                        .grounded = {std::move(g.grounded)},
                        .budget_micros = budget,
                        .policy = std::move(g.policy),
                        .request = 0,
                        .facts = std::move(g.facts),
                        .shown = std::move(g.item)},
             expecting<creation_receipt, admission>(std::move(done), [](const admission& m) { return receipt_of(m); }));
}

void runtime::create(creation_spec c, callback<creation_receipt> done) {
  if (c.key >= host_keys)
    return impl_->refuse({errc::bad_value, "key " + std::to_string(c.key) + " of a creation of Goal Buddy " +
                                               std::to_string(raw(c.goal)) + "; keys are below 2^62"}, done);
  if (auto fine = c.item ? check(*c.item) : result<void>{}; !fine)
    return impl_->refuse(fine.error(), done);
  creation_offer offer;
  offer.shown = std::move(c.item);
  offer.goal = c.goal;
  offer.key = c.key != 0 ? host_keys | c.key : fresh_keys | impl_->next_key.fetch_add(1);
  offer.replaces = c.replaces;
  offer.content = c.content;
  offer.grounded.values = c.grounded.empty() ? c.e : std::move(c.grounded);
  offer.e.values = std::move(c.e);
  impl_->ask(std::move(offer), expecting<creation_receipt, creation_verdict>(
                                 std::move(done), [](const creation_verdict& m) { return receipt_of(m); }));
}

void runtime::write(writing_spec what, callback<written_receipt> done) {
  auto asked = request_of(std::move(what));
  if (!asked)
    return impl_->refuse(asked.error(), done);
  impl_->ask(std::move(*asked), expecting<written_receipt, written_news>(std::move(done), [](written_news m) {
               return written_receipt_of(std::move(m));
             }));
}

void runtime::withdraw(goal_id goal, creation_id creation, callback<void> done) {
  impl_->ask(creation_withdrawal{goal, creation, 0},
             expecting<void, creation_verdict>(std::move(done), [](const creation_verdict& m) { return nothing_or(m.code, m.detail); }));
}

void runtime::ask(user_id user, std::uint32_t n, callback<slate> done) {
  if (n > max_slots)
    return impl_->refuse({errc::too_many_slots, std::to_string(n) + " slots, at most " + std::to_string(max_slots)}, done);
  impl_->ask(slate_request{user, 0, n}, expecting<slate, slate_delivery>(std::move(done), [](const slate_delivery& m) { return slate_of(m); }));
}

void runtime::feedback(user_id user, impression_id impression, double value, callback<void> done) {
  impl_->ask(ammo::feedback{user, impression, value, 0}, verdict_on(user, impression, std::move(done)));
}

void runtime::feedback(user_id user, impression_id impression, signal what, callback<void> done) {
  impl_->ask(graded_feedback{.user = user, .impression = impression, .what = what},
             verdict_on(user, impression, std::move(done)));
}

void runtime::feedback(user_id user, impression_id impression, std::string_view signal, callback<void> done) {
  if (signal.empty())
    return impl_->refuse({errc::unknown_signal, "a signal without a name"}, done);
  impl_->ask(graded_feedback{.user = user, .impression = impression, .name = std::string(signal)},
             verdict_on(user, impression, std::move(done)));
}

void runtime::prefer(user_id user, impression_id better, impression_id worse, callback<void> done) {
  impl_->ask(stated_preference{user, better, worse, 0},
             expecting<void, feedback_verdict>(std::move(done), [=](const feedback_verdict& m) {
               return nothing_or(m.code, "user " + std::to_string(raw(user)) + ", impressions " + std::to_string(raw(better)) +
                                           ", " + std::to_string(raw(worse)));
             }));
}

void runtime::regret(user_id user, callback<user_belief> done) {
  impl_->ask(belief_request{user, 0}, expecting<user_belief, belief>(std::move(done), [](belief m) -> result<user_belief> {
               return user_belief{m.rounds, m.observations, m.believed_regret, m.regret_bound, std::move(m.mean.values), m.group_regret};
             }));
}

void runtime::statistics(callback<runtime_statistics> done) {
  impl_->ask(statistics_request{0}, expecting<runtime_statistics, runtime_statistics>(
                                      std::move(done), [](runtime_statistics m) -> result<runtime_statistics> { return m; }));
}

void runtime::evolution(callback<evolution_standing> done) {
  impl_->ask(evolution_request{},
             expecting<evolution_standing, evolution_report>(
               std::move(done), [this](const evolution_report& m) -> result<evolution_standing> {
                 const auto& o = impl_->deployment;
                 return evolution_standing{m.generation, o.evolution.diversity_floor, what_evolved(o, m)};
               }));
}

void runtime::on_push(std::function<void(const slate&)> callback) {
  std::shared_lock lock(impl_->stopping);
  if (!impl_->stopped)
    hand_over(*impl_->ctx, the_host, host_listens{std::move(callback)});
}

} // namespace ammo
