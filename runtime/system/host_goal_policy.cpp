#include "runtime/system/host_goal_policy.hpp"

namespace ammo {
namespace {

class hosted final : public goal_strategy {
public:
  explicit hosted(std::unique_ptr<creator_policy> policy) : policy_(std::move(policy)) {}

  std::optional<goal_move> move(const goal_view& view) override {
    auto wanted = policy_->move(creator_view(view));
    if (!wanted)
      return std::nullopt;
    return goal_move{std::move(wanted->to), std::move(wanted->home)};
  }
  void not_moved() override { policy_->not_moved(); }
  goal_strategy_state save() const override {
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
    try {
      return bytes->empty() || policy_->restore(*bytes) ? errc::ok : errc::policy_failed;
    } catch (...) {
      return errc::policy_failed;
    }
  }

private:
  std::unique_ptr<creator_policy> policy_;
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

goal_strategy_maker hosted_goals(const creator_policy_maker& creators) {
  if (!creators)
    return {};
  return [creators](goal_id goal) -> std::unique_ptr<goal_strategy> {
    auto policy = creators(goal);
    return policy ? std::make_unique<hosted>(std::move(policy)) : nullptr;
  };
}

} // namespace ammo
