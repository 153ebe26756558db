/// How a runtime starts as a node of a cluster.
#include "actors/protocol/arriving.hpp"
#include "runtime/config/deployment_content.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/host/runtime_impl.hpp"
#include "runtime/system/machine.hpp"

#include <algorithm>
#include <future>
#include <set>
#include <unordered_set>
#include <utility>

namespace ammo {
namespace {

/// A snapshot before the units are given up: whoever has them next reads little.
constexpr std::chrono::seconds longest_snapshot{10};
/// The same of units that another node should have: while one is waited for nothing is taken.
constexpr std::chrono::seconds snapshot_of_some{2};

} // namespace

/// Where a node's units are at work: a runtime of their own within the one that the host holds.
class runtime::impl::units final : public seat {
public:
  using subspace_set = std::set<std::uint32_t>;
  /// `filled`: subspaces whose configured content this process has added, in any run.
  units(std::unique_ptr<runtime> rt, unit_numbers numbers, std::shared_ptr<const std::vector<content>> contents, std::shared_ptr<subspace_set> filled)
    : rt_(std::move(rt)), numbers_(numbers), contents_(std::move(contents)), filled_(std::move(filled)) {}

  void call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given, store::unit_id unit) override {
    hand_over(*all().ctx, the_host, host_call{.question = std::move(q), .asker = std::move(asker), .key = key, .given = given, .unit = numbers_.address_of_unit(unit)});
  }
  result<void> arrive(address to, std::span<const std::byte> bytes) override { return ammo::arrive(*all().ctx, to, bytes); }
  [[nodiscard]] result<void> release(const std::string& part) override { return rt_->release(part); }

  [[nodiscard]] result<std::vector<store::claim>> take(store::state_store& by, std::vector<store::claim> free, const std::function<void(std::span<const store::claim>)>& mine) override {
    auto taken = all().keeper->take(by, std::move(free), all().actors->configs());
    if (!taken)
      return taken.error();
    for (const auto& [c, why] : taken->unread) { // it stays this node's: another would read no more of it
      all().ctx->refused(this, why.code);
      all().ctx->note(log_level::error, "unit_not_read", {{"unit", std::uint64_t{store::raw(c.unit)}}, {"code", name_of(why.code)}, {"detail", std::string_view(why.detail)}});
    }
    auto all_mine = taken->mine;
    for (const auto& [c, why] : taken->unread)
      all_mine.push_back(c);
    mine(all_mine);
    if (taken->mine.empty())
      return std::vector<store::claim>{};
    std::unordered_set<std::uint64_t> known;
    for (const auto& g : taken->minds.buddies->goals)
      known.insert(raw(g.goal));
    const auto which = set_of(taken->mine);
    auto here = std::make_shared<std::promise<void>>();
    const auto served = here->get_future();
    all().actors->come(which, std::move(taken->minds), std::move(taken->answers), [p = std::move(here)] { p->set_value(); });
    served.wait(); // also where the word was lost for want of memory: the supervisor's failure is counted, and calls end at their deadlines
    all().keeper->serves(taken->mine);
    auto fresh = which; // what a host has removed since doesn't come back with a unit that does
    std::erase_if(fresh.subspaces, [&](std::uint32_t at) { return !filled_->insert(at).second; });
    if (fresh.subspaces.empty())
      return std::move(taken->mine);
    if (auto added = add_contents(*rt_, *contents_, [&](const goal_spec& g) {
          const auto at = all().space.find(g.subspace);
          return at && fresh.has_subspace(raw(*at)) && !known.contains(raw(g.goal));
        });
        !added) {
      all().ctx->refused(this, added.code());
      all().ctx->note(log_level::error, "content_not_added", {{"code", name_of(added.code())}, {"detail", std::string_view(added.error().detail)}});
    }
    return std::move(taken->mine);
  }
  [[nodiscard]] std::size_t entities(store::unit_id unit) override { return all().keeper->entities(unit); }
  void prepare(std::vector<store::unit_id> some) override {
    auto& keeper = *all().keeper;
    (void)(some.empty() ? keeper.snapshot(longest_snapshot) : keeper.snapshot(std::move(some), snapshot_of_some));
  }
  [[nodiscard]] result<store::verdict> give(const store::claim& c) override {
    const auto one = set_of(std::span(&c, 1)); // first: what they have noted is of this term
    one.shards.empty() ? all().actors->go(one) : all().actors->quiet(one); // a shard's people are many, and nobody waits for their end
    all().keeper->let_go(c.unit);
    return all().keeper->release(c, longest_snapshot);
  }
  void part(std::span<const store::claim> given) override {
    auto left = set_of(given);
    left.subspaces.clear();
    left.rest = false;
    all().actors->go(left);
  }
  void write() override { (void)all().keeper->written(longest_snapshot); }
  void end() override { (void)rt_->stop(); }

private:
  [[nodiscard]] impl& all() const noexcept { return *rt_->impl_; }
  /// Claims by unit, ascending.
  [[nodiscard]] unit_set set_of(std::span<const store::claim> claims) const {
    unit_set out;
    for (const auto& c : claims)
      if (const auto n = store::raw(c.unit); n == 0)
        out.rest = true;
      else if (n <= numbers_.shards)
        out.shards.push_back(n - 1);
      else
        out.subspaces.push_back(n - 1 - numbers_.shards);
    return out;
  }
  const std::unique_ptr<runtime> rt_;
  const unit_numbers numbers_;
  const std::shared_ptr<const std::vector<content>> contents_;
  const std::shared_ptr<subspace_set> filled_;
};

result<std::unique_ptr<runtime>> runtime::impl::start_node(options deployment, host_policies host, creator_policy_maker creators) {
  auto read = contents_of(deployment);
  if (!read)
    return read.error();
  auto space = layout_of(deployment);
  if (!space)
    return space.error();
  auto made = actor_graph::make(deployment, {.users = host, .creators = creators, .writers = {}}); // can it be played here?
  if (!made)
    return made.error();
  const unit_numbers numbers{std::max(1u, deployment.shards), static_cast<std::uint32_t>(space->size())};
  auto meaning = std::make_shared<interests>(*space);
  std::unique_ptr<runtime> rt(new runtime(std::make_shared<impl>(std::move(deployment), std::move(*made), meaning)));
  auto& all = *rt->impl_;
  all.actors.reset(); // those of the units are made with them
  const auto contents = std::make_shared<const std::vector<content>>(std::move(*read));
  all.understand(*contents);
  const auto sit = [o = all.deployment, host = std::move(host), creators = std::move(creators), contents, meaning, callbacks = all.callbacks,
                    variety = all.variety, numbers, filled = std::make_shared<units::subspace_set>()](node_seat at, std::shared_ptr<outward> others) -> result<std::shared_ptr<seat>> {
    auto up = without_exceptions([&] { return start_units(*o, host, creators, units_of_node{std::move(at), std::move(others), contents, meaning, callbacks, variety}); });
    if (!up)
      return up.error();
    return std::shared_ptr<seat>(std::make_shared<units>(std::move(*up), numbers, contents, filled));
  };
  auto joined = node_body::join({.deployment = all.deployment,
                                 .ctx = all.ctx,
                                 .layout = state_keeper::layout_of(all.space, numbers),
                                 .keep = [d = all.deadlines.get()](std::shared_ptr<ticket> t) { d->keep(std::move(t)); },
                                 .push = [c = all.callbacks](slate s, std::function<void(bool)> outcome) { c->push(std::move(s), std::move(outcome), true); },
                                 .sit = sit});
  if (!joined)
    return joined.error();
  all.node = std::move(*joined);
  all.callbacks->pass_on([at = std::weak_ptr(all.node)](slate s, std::function<void(bool)> outcome) {
    const auto node = at.lock();
    node ? node->push(std::move(s), std::move(outcome)) : outcome(false);
  });
  all.ctx->note(log_level::info, "node_joined",
                {{"node", std::string_view(all.deployment->node.name)}, {"address", std::string_view(all.node->address())}, {"incarnation", std::string_view(all.node->incarnation())}});
  return rt;
}

failure runtime::node_ended() {
  if (impl_->forked())
    return {errc::forked, {}};
  std::shared_lock lock(impl_->stopping);
  return impl_->node && !impl_->stopped ? impl_->node->ended() : failure{errc::ok, {}};
}

result<std::string> runtime::node_status() {
  if (impl_->forked())
    return errc::forked;
  std::shared_lock lock(impl_->stopping);
  if (impl_->stopped)
    return errc::stopped;
  if (!impl_->node)
    return {errc::bad_value, "this process plays alone: node.name is empty"};
  return impl_->node->status();
}

} // namespace ammo
