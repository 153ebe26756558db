#include "runtime/system/host_goal_policy.hpp"

#include "actors/base/host_code.hpp"

#include <atomic>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace ammo {
namespace {

class hosted_creator final : public goal_strategy {
public:
  /// `deployment`: whose host's code it is (see `in_host_code`).
  hosted_creator(std::unique_ptr<creator_policy> policy, const void* deployment) : policy_(std::move(policy)), deployment_(deployment) {}

  std::optional<goal_move> move(const goal_view& view) override {
    if (std::exchange(failed_, false))
      throw errc::policy_failed; // what it threw at `not_moved` is told now
    in_host_code here(deployment_);
    auto wanted = policy_->move(creator_view(view));
    if (!wanted)
      return std::nullopt;
    return goal_move{std::move(wanted->to), std::move(wanted->home)};
  }
  void not_moved() override {
    in_host_code here(deployment_);
    try {
      policy_->not_moved();
    } catch (...) { // whatever a host throws
      failed_ = true;
    }
  }
  goal_strategy_state save() const override {
    in_host_code here(deployment_);
    try {
      return policy_->save();
    } catch (...) {
      return std::vector<std::byte>{}; // it starts anew, as one that saves nothing
    }
  }
  errc restore(const goal_strategy_state& state, std::size_t) override {
    const auto* bytes = std::get_if<std::vector<std::byte>>(&state);
    if (!bytes)
      return errc::bad_state;
    in_host_code here(deployment_);
    try {
      return bytes->empty() || policy_->restore(*bytes) ? errc::ok : errc::policy_failed;
    } catch (...) {
      return errc::policy_failed;
    }
  }

private:
  std::unique_ptr<creator_policy> policy_;
  const void* deployment_;
  bool failed_ = false;
};

/// What a Goal Buddy sees, of its own: valid after the turn.
struct owned_view {
  explicit owned_view(const goal_view& v)
    : config(v.config),
      grounded(v.grounded.begin(), v.grounded.end()),
      e(v.e.begin(), v.e.end()),
      interests(v.interests.begin(), v.interests.end()),
      heard(v.heard),
      creations(v.kept),
      view{config, v.goal, grounded, e, v.creation, v.utility, v.asked, heard, interests, creations.get(), creations} {}
  owned_view(const owned_view&) = delete;
  owned_view& operator=(const owned_view&) = delete;

  const goal_config config;
  const std::vector<float> grounded, e, interests;
  const regret_feedback heard;
  const std::shared_ptr<const catalogue_version> creations;
  const goal_view view;
};

/// A host's policy that thinks on a thread of its own. It is used by one thread at a time: the Goal Buddy's, while nothing is asked.
class elsewhere final : public goal_strategy {
public:
  elsewhere(std::shared_ptr<hosted_creator> policy, std::shared_ptr<const policy_place> where)
    : policy_(std::move(policy)), where_(std::move(where)) {}

  std::optional<goal_move> move(const goal_view& view) override {
    if (const auto asked = asked_; asked && asked->done.load(std::memory_order_acquire)) {
      asked_ = nullptr;
      if (!asked->late) {
        if (asked->failed)
          throw errc::policy_failed;
        return std::move(asked->wanted);
      }
      where_->ctx->count.add(counter::policies_dropped, this);
    }
    if (asked_)
      note_if_late();
    else
      ask(view);
    return std::nullopt;
  }
  void not_moved() override {
    if (!asked_)
      policy_->not_moved();
  }
  goal_strategy_state save() const override { return asked_ ? goal_strategy_state{std::vector<std::byte>{}} : policy_->save(); }
  errc restore(const goal_strategy_state& state, std::size_t dim) override { return policy_->restore(state, dim); }

private:
  struct question {
    explicit question(const goal_view& v) : seen(v) {}
    const owned_view seen;
    time_source::instant due{};
    bool counted = false;           // the Goal Buddy's
    std::optional<goal_move> wanted; // the rest is the policy's until it is done
    bool failed = false, late = false;
    std::atomic<bool> done{false};
  };

  void ask(const goal_view& view) {
    auto q = std::make_shared<question>(view);
    q->due = where_->ctx->time->now() + where_->budget;
    const bool begun = where_->runner->run([q, policy = policy_, ctx = where_->ctx] {
      try {
        q->wanted = policy->move(q->seen.view);
      } catch (...) { // whatever a host throws
        q->failed = true;
      }
      q->late = ctx->time->now() > q->due;
      q->done.store(true, std::memory_order_release);
    });
    if (begun)
      asked_ = std::move(q);
    else
      where_->ctx->refused(this, errc::policy_busy);
  }
  void note_if_late() {
    if (where_->ctx->time->now() > asked_->due && !std::exchange(asked_->counted, true))
      where_->ctx->refused(this, errc::policy_late);
  }

  std::shared_ptr<hosted_creator> policy_;
  std::shared_ptr<const policy_place> where_;
  std::shared_ptr<question> asked_;
};

} // namespace

goal_id creator_view::goal() const noexcept { return view_.goal; }
std::span<const float> creator_view::grounded() const noexcept { return view_.grounded; }
std::span<const float> creator_view::e() const noexcept { return view_.e; }
creation_id creator_view::creation() const noexcept { return view_.creation; }
double creator_view::utility() const noexcept { return view_.utility; }
double creator_view::lambda() const noexcept { return view_.config.lambda; }
double creator_view::norm_cap() const noexcept { return view_.config.norm_cap; }
std::uint64_t creator_view::asked() const noexcept { return view_.asked; }
std::uint64_t creator_view::seed() const noexcept { return view_.randomness()(); }
std::uint64_t creator_view::rounds() const noexcept { return view_.heard.rounds; }
std::span<const float> creator_view::demand() const noexcept { return view_.heard.demand.values; }
std::int64_t creator_view::slot_price_micros() const noexcept { return view_.heard.slot_price_micros; }

void creator_view::each_seen(const std::function<void(const seen_creation&)>& what) const {
  for (const auto& x : view_.heard.exposures)
    what({x.creation, x.impressions});
}

void creator_view::each_live(const std::function<void(const live_creation&)>& what) const {
  if (!view_.creations)
    return;
  const catalogue_version& all = *view_.creations;
  std::vector<float> e(all.coordinates().width);
  for (std::uint32_t row = 0; row < all.rows(); ++row)
    if (const creation_info& c = all.info(row); c.id != no_creation) {
      all.embedding(row, e);
      what({c.id, all.subspace(), c.goal, c.owner, c.content, e});
    }
}

goal_strategy_maker hosted_goals(const creator_policy_maker& creators, std::shared_ptr<const policy_place> where) {
  if (!creators)
    return {};
  return [creators, where = std::move(where)](goal_id goal) -> std::unique_ptr<goal_strategy> {
    const void* deployment = where ? static_cast<const context*>(where->ctx.get()) : nullptr;
    in_host_code here(deployment);
    auto policy = creators(goal);
    if (!policy)
      return nullptr;
    auto in_place = std::make_unique<hosted_creator>(std::move(policy), deployment);
    if (!where || !where->runner)
      return in_place;
    return std::make_unique<elsewhere>(std::move(in_place), where);
  };
}

} // namespace ammo
