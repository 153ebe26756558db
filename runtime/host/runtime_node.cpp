/// How a runtime starts as a node of a cluster.
#include "runtime/config/deployment_content.hpp"
#include "runtime/config/deployment_layout.hpp"
#include "runtime/host/runtime_impl.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

/// A snapshot before the units are given up: whoever has them next reads little.
constexpr std::chrono::seconds longest_snapshot{10};

} // namespace

/// A node's units: a runtime of their own within the one that the host holds.
class runtime::impl::units final : public seat {
public:
  explicit units(std::unique_ptr<runtime> rt) : rt_(std::move(rt)) {}
  void call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given) override {
    hand_over(*rt_->impl_->ctx, the_host, host_call{std::move(q), std::move(asker), key, given});
  }
  [[nodiscard]] result<void> release(const std::string& part) override { return rt_->release(part); }
  void prepare() override {
    if (rt_->impl_->keeper)
      (void)rt_->impl_->keeper->snapshot(longest_snapshot);
  }
  void write() override {
    if (rt_->impl_->keeper)
      (void)rt_->impl_->keeper->written(longest_snapshot);
  }
  void end() override { (void)rt_->stop(); }

private:
  const std::unique_ptr<runtime> rt_;
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
                    variety = all.variety](node_seat at) -> result<std::shared_ptr<seat>> {
    auto up = without_exceptions([&] { return start_units(*o, host, creators, units_of_node{std::move(at), contents, meaning, callbacks, variety}); });
    if (!up)
      return up.error();
    return std::shared_ptr<seat>(std::make_shared<units>(std::move(*up)));
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
