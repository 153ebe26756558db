/// How a runtime starts and ends.
#include "runtime/config/deployment_content.hpp"
#include "runtime/host/runtime_impl.hpp"
#include "runtime/system/content_goals.hpp"
#include "runtime/system/machine.hpp"
#include "runtime/writing/generators.hpp"

#include <algorithm>
#include <random>
#include <thread>

namespace ammo {
namespace {

const context* mark_of(const context_ptr& ctx) noexcept { return ctx.get(); }

/// An item as it may be shown, or null where none can be made.
shared_item item_of(const options& deployment, std::size_t at, const std::vector<fact>& facts) {
  const auto& s = deployment.subspaces[at];
  auto told = rendered(*deployment.kinds.find(s.kind), facts, item_form_of(s));
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
                   .item = item_of(deployment, at, facts)});
  }
  return out;
}

/// Those that were here before their subspace was retired.
std::vector<goal_id> goals_of_retired(const options& deployment, const recovered_minds& before) {
  std::vector<goal_id> out;
  for (const auto& g : before.buddies->goals)
    if (deployment.subspaces[raw(g.subspace)].retired)
      out.push_back(g.goal);
  return out;
}

/// Calls of a start that are under way together.
std::size_t most_at_once(const limit_options& limits) { return std::min<std::size_t>(4096, limits.requests_under_way); }

} // namespace

runtime::impl::impl(options o, std::unique_ptr<actor_graph> w, std::shared_ptr<interests> m, std::shared_ptr<callback_runner> run_by)
  : deployment(std::make_shared<const options>(std::move(o))),
    space(w->space()),
    meaning(std::move(m)),
    ctx(w->context()),
    actors(std::move(w)),
    callbacks(std::move(run_by)),
    salt(std::random_device{}() % 1'024) {
  const bool own = callbacks == nullptr;
  if (own)
    callbacks = callback_runner::start({.ctx = ctx,
                                      .run_on = deployment->executor,
                                      .threads = deployment->limits.callback_threads,
                                      .pushes = deployment->limits.pushes_waiting});
  const std::chrono::nanoseconds target = std::chrono::milliseconds{deployment->limits.request_timeout_ms} / 10;
  double squares = 0;
  for (const block& factor : space.factors())
    squares += static_cast<double>(factor.width) * factor.width;
  window = std::make_shared<admission_window>(deployment->limits.requests_under_way, target, admission_window::burst_of(squares, target),
                                              std::chrono::milliseconds{deployment->state.empty() ? 0 : deployment->durability.commit_ms});
  sessions = std::make_shared<session_book>(session_limits{.open = deployment->limits.sessions,
                                                           .of_a_user = sessions_of_a_user,
                                                           .age = std::chrono::minutes{deployment->limits.session_minutes},
                                                           .questions = deployment->limits.session_questions});
  variety = std::make_shared<reward_variety>(deployment->subspaces.size());
  policies = policy_runner::make(ctx, deployment->limits.policies_at_once);
  try {
    deadlines = std::make_unique<deadline_keeper>(ctx->time, std::chrono::milliseconds{deployment->limits.request_timeout_ms});
  } catch (...) {
    if (own)
      callbacks->close({});
    throw;
  }
}

runtime::impl::~impl() = default;

std::uint64_t runtime::impl::fresh_key() noexcept {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(ctx->time->wall().time_since_epoch()).count();
  const std::uint64_t now = (static_cast<std::uint64_t>(us) << 10 | salt) & ((std::uint64_t{1} << 62) - 1);
  auto last = last_key.load(std::memory_order_relaxed);
  for (auto next = std::max(now, last + 1'024); !last_key.compare_exchange_weak(last, next, std::memory_order_relaxed); next = std::max(now, last + 1'024)) {}
  return std::max(now, last + 1'024);
}

result<std::unique_ptr<runtime>> runtime::start(options deployment, host_policies host,
                                                creator_policy_maker creators) {
  return without_exceptions([&] { return impl::start(std::move(deployment), std::move(host), std::move(creators)); });
}

result<std::unique_ptr<runtime>> runtime::impl::start(options deployment, host_policies host, creator_policy_maker creators) {
  if (auto fine = deployment.check(); !fine)
    return fine.error();
  if (auto granted = enough_threads(threads_of(deployment)); !granted)
    return granted.error();
  return deployment.node.name.empty() ? start_units(std::move(deployment), std::move(host), std::move(creators), {})
                                      : start_node(std::move(deployment), std::move(host), std::move(creators));
}

result<std::unique_ptr<runtime>> runtime::impl::start_units(options deployment, host_policies host, creator_policy_maker creators, std::optional<units_of_node> of) {
  auto contents = of ? of->contents : nullptr;
  if (!contents) {
    auto read = contents_of(deployment);
    if (!read)
      return read.error();
    contents = std::make_shared<const std::vector<content>>(std::move(*read));
  }
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  auto meaning = of ? of->meaning : std::make_shared<interests>(*space);
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

  std::unique_ptr<runtime> rt(new runtime(std::make_shared<impl>(std::move(deployment), std::move(*made), std::move(meaning), of ? of->callbacks : nullptr)));
  auto& all = *rt->impl_;
  if (of) {
    all.of_node = true;
    all.variety = of->variety;
    all.ctx->others = of->others;
  }
  const auto& limits = all.deployment->limits;
  auto before = all.recover(of ? std::optional(of->at) : std::nullopt);
  if (!before)
    return before.error();
  const auto gone = *before ? goals_of_retired(*all.deployment, **before) : std::vector<goal_id>{};
  all.start_actors(std::move(*before));
  if (all.keeper)
    if (auto begun = all_begun(*rt); !begun)
      return begun.error();
  for (std::size_t i = 0; i < gone.size(); i += most_at_once(limits)) {
    std::vector<std::future<result<void>>> left;
    for (std::size_t k = i; k < std::min(gone.size(), i + most_at_once(limits)); ++k)
      left.push_back(rt->remove_goal(gone[k], use_future));
    for (auto& l : left)
      if (auto r = l.get(); !r)
        return r.error();
  }

  if (!of)
    all.understand(*contents);
  all.ctx->note(log_level::info, "deployment_started",
                {{"name", std::string_view(all.deployment->name)}, {"subspaces", std::uint64_t{all.actors->subspaces()}}, {"shards", std::uint64_t{all.actors->shards()}}});
  if (!of) // a node's come with its units
    if (auto added = add_contents(*rt, *contents, {}); !added)
      return added.error();
  return rt;
}

result<void> runtime::impl::add_contents(runtime& rt, const std::vector<content>& contents, const std::function<bool(const goal_spec&)>& wanted) {
  const auto& all = *rt.impl_;
  auto goals = goals_of(*all.deployment, contents);
  if (wanted)
    std::erase_if(goals, [&](const goal_spec& g) { return !wanted(g); });
  const auto at_once = most_at_once(all.deployment->limits);
  std::vector<std::future<result<creation_receipt>>> added;
  for (auto& g : goals) {
    added.push_back(rt.add_goal(std::move(g), use_future));
    if (added.size() == at_once || &g == &goals.back()) {
      for (auto& a : added)
        if (auto r = a.get(); !r && !(all.keeper && r.code() == errc::duplicate_goal)) // it was here before the restart
          return r.error();
      added.clear();
    }
  }
  return {};
}

void runtime::impl::understand(const std::vector<content>& contents) {
  for (std::size_t at = 0; at < contents.size(); ++at)
    if (const auto& words = contents[at].words)
      (void)meaning->set_embedder(deployment->subspaces[at].name, [words](std::string_view t) { return words->embed(t); });
}

result<std::optional<recovered_minds>> runtime::impl::recover(std::optional<node_seat> as) {
  std::optional<recovered_minds> before;
  if (deployment->state.empty())
    return before;
  auto opened = state_keeper::open(*deployment, space, ctx, std::move(as));
  if (!opened)
    return opened.error();
  auto found = (*opened)->recover(actors->configs());
  if (!found)
    return found.error();
  keeper = *std::move(opened);
  before = std::move(*found);
  return before;
}

void runtime::impl::start_actors(std::optional<recovered_minds> before) {
  auto& w = *actors;
  bridge_setup host{.ctx = ctx,
                    .shards = w.shards(),
                    .subspaces = w.subspaces(),
                    .evolves = w.evolves(),
                    .callbacks = callbacks,
                    .patience = std::max(std::chrono::milliseconds{60'000}, 2 * std::chrono::milliseconds{deployment->limits.request_timeout_ms}),
                    .units_move = of_node};
  if (before) {
    for (const auto& mind : before->buddies->users)
      host.users.push_back(mind->user());
    for (const auto& g : before->buddies->goals)
      host.goals.emplace_back(g.goal, g.subspace);
    host.keys = keeper->answers();
    host.strict_slates = deployment->durability.slates == "strict";
    ctx->frames = keeper;
    keeper->start([to = ctx](std::uint64_t place) { hand_over(*to, the_host, log_durable{place}); });
  }
  ctx->routes.open(the_host, w.system().spawn(ammo::bridge, std::make_shared<bridge_setup>(std::move(host))));
  w.start({.clocked = false, .push = true, .host = the_host, .policies = policies, .people = {}, .variety = variety, .recovered = std::move(before), .units_move = of_node});
  // CAF has given this thread a share of its logger, and a system ends only when no other thread has one: without
  // this, `stop` on any other thread would wait for ever.
  caf::logger::set_current_actor_system(nullptr);
}

/// Every actor answers behind what it does when it begins.
result<void> runtime::impl::all_begun(runtime& rt) {
  for (;;) {
    if (auto counted = rt.statistics(); counted)
      return {};
    else if (counted.code() != errc::timed_out)
      return counted.error();
  }
}

result<std::unique_ptr<runtime>> runtime::start(const std::string& toml_file, host_policies host,
                                                creator_policy_maker creators) {
  auto deployment = options::from_file(toml_file);
  if (!deployment)
    return deployment.error();
  return start(std::move(*deployment), std::move(host), std::move(creators));
}

runtime::runtime(std::shared_ptr<impl> all) : impl_(std::move(all)) {}

runtime::~runtime() {
  const auto ended = stop();
  if (ended == errc::inside_callback)
    impl::stop_elsewhere(std::move(impl_));
  else if (ended == errc::forked)
    (void)new std::shared_ptr<impl>(std::move(impl_)); // its threads are another process's: nothing here can end them
}

errc runtime::stop() { return impl_->stop(); }

errc runtime::impl::stop() {
  if (forked()) {
    ctx->count.refused(this, errc::forked); // no record: the sink's locks may be held for ever in a child
    return errc::forked;
  }
  if (in_host_code::of(mark_of(ctx))) {
    ctx->refused(this, errc::inside_callback);
    ctx->note(log_level::error, "stop_refused", {{"code", name_of(errc::inside_callback)}});
    return errc::inside_callback;
  }
  stops.store(true, std::memory_order_release);
  std::lock_guard one_at_a_time(ending); // whoever returns finds no actor at work, the second caller too
  {
    std::unique_lock lock(stopping);
    if (std::exchange(stopped, true))
      return ended_as;
  }
  if (node)
    node->leave();
  if (keeper)
    keeper->stop(std::chrono::seconds{of_node ? 10 : 60}, !of_node);
  deadlines->end_all();
  hand_over(*ctx, the_host, host_stops{});
  if (keeper)
    keeper->part_from_bodies();
  actors.reset(); // waits for every actor's end
  if (keeper)
    keeper->close();
  if (node)
    callbacks->pass_on({});
  std::unique_lock away(stopping);
  auto gone = std::move(node);
  away.unlock();
  gone.reset();
  deadlines.reset();
  const auto at_most = std::chrono::milliseconds{deployment->limits.stop_wait_ms};
  const auto begun = ctx->time->now();
  const bool quiet = of_node || callbacks->close(at_most);
  const auto left = at_most - std::chrono::duration_cast<std::chrono::milliseconds>(ctx->time->now() - begun);
  if (!policies->close(std::max(left, std::chrono::milliseconds{0})) || !quiet) {
    ended_as = errc::callback_running;
    ctx->refused(this, ended_as);
    ctx->note(log_level::warning, "callback_running", {{"waited_ms", std::uint64_t(at_most.count())}});
  }
  ctx->note(log_level::info, "deployment_stopped", {{"name", std::string_view(deployment->name)}});
  return ended_as;
}

void runtime::impl::stop_elsewhere(std::shared_ptr<impl> all) noexcept {
  auto kept = std::make_unique<std::shared_ptr<impl>>(std::move(all));
  try {
    std::thread([mine = *kept] { mine->stop(); }).detach();
  } catch (...) {
    (void)kept.release(); // it goes on for nobody: that does no harm, an end inside of its own code would
  }
}

result<void> runtime::set_embedder(const std::string& subspace, text_embedder embedder) {
  if (impl_->forked())
    return errc::forked;
  auto set = without_exceptions([&] { return impl_->meaning->set_embedder(subspace, std::move(embedder)); });
  if (!set)
    impl_->ctx->refused(impl_.get(), set.code());
  return set;
}

void runtime::on_push(std::function<void(const slate&)> callback) { on_push(std::move(callback), {}); }

void runtime::on_push(std::function<void(const slate&)> callback, std::function<bool(user_id)> wanted) {
  if (impl_->forked())
    return;
  const bool listens = callback != nullptr;
  try {
    impl_->callbacks->listen(std::move(callback), std::move(wanted));
    if (const auto node = impl_->as_node())
      node->on_listening(listens);
  } catch (...) { // no memory for a listener
    impl_->ctx->refused(impl_.get(), errc::not_enough_memory);
  }
}

} // namespace ammo
