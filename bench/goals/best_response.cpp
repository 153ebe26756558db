#include "bench/goals/best_response.hpp"

#include "actors/space/ball.hpp"
#include "actors/space/top_n.hpp"
#include "bench/attack/response.hpp"

namespace ammo::bench {
namespace {

constexpr double worth_moving = 5e-4; ///< of utility

/// Each person's slots + 1 best public creations by the true q: found once a catalogue version, for all who are asked.
class thresholds {
public:
  thresholds(std::vector<std::vector<float>> q, std::size_t slots) : q_(std::move(q)), slots_(slots) {}

  /// What a creation must beat to be in each person's slate.
  std::vector<taste> without(creation_id own, const catalogue_version& live) {
    if (version_ != live.version()) {
      version_ = live.version();
      best_.clear();
      for (const auto& q : q_) {
        auto& best = best_.emplace_back(slots_ + 1);
        best.resize(top_n(live, q, best.size(), best));
      }
    }
    std::vector<taste> out;
    for (std::size_t j = 0; j < q_.size(); ++j) {
      auto others = best_[j];
      std::erase_if(others, [&](const scored& s) { return s.creation == own; });
      const float least = others.size() < slots_ ? 0.0f : std::max(0.0f, others[slots_ - 1].score);
      auto likes = q_[j];
      const double size = ball::norm(likes);
      if (!(size > 0))
        continue;
      ball::rescale(likes, 1);
      out.push_back({std::move(likes), static_cast<float>(least / size) + response::surely, 1.0f / static_cast<float>(q_.size())});
    }
    return out;
  }

private:
  std::vector<std::vector<float>> q_;
  std::size_t slots_;
  std::uint64_t version_ = 0;
  std::vector<std::vector<scored>> best_;
};

class best_responder final : public goal_strategy {
public:
  explicit best_responder(std::shared_ptr<thresholds> known) : known_(std::move(known)) {}

  std::optional<goal_move> move(const goal_view& view) override {
    if (!view.creations)
      return std::nullopt;
    auto people = known_->without(view.creation, *view.creations);
    std::vector<float> here(view.e.begin(), view.e.end()), middle(here.size());
    for (const auto& p : people)
      ball::add(middle, p.likes, 1);
    ball::rescale(middle, view.config.norm_cap);
    const response answer(view, std::move(people));
    auto to = answer.best({here, middle}, {});
    if (answer.utility(to) <= answer.utility(here) + worth_moving)
      return std::nullopt;
    return goal_move{to, to};
  }

private:
  std::shared_ptr<thresholds> known_;
};

} // namespace

goal_strategy_maker best_responders(std::vector<std::vector<float>> q, std::size_t slots) {
  return [known = std::make_shared<thresholds>(std::move(q), slots)](goal_id) { return std::make_unique<best_responder>(known); };
}

} // namespace ammo::bench
