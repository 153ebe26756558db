/// Beliefs that keep a ridge posterior of each factor: what they have in common, and the two of them.
#pragma once

#include "actors/base/boxed.hpp"
#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/belief/factor_models.hpp"
#include "actors/user_buddy/belief/gaussian_prior.hpp"
#include "actors/user_buddy/belief/round_history.hpp"

#include <concepts>
#include <memory>
#include <utility>
#include <vector>

namespace ammo {

/// A stated interest as linear observations of a factor, row-major.
struct interest_observations {
  std::vector<float> e, values;
};
[[nodiscard]] interest_observations observations_of(const belief_options& options, std::size_t factor, const belief_interest& i);

/// What is asked of a belief, answered by `Models`: one of factor_models.hpp.
template <class Models>
class ridge_belief : public belief_model {
public:
  explicit ridge_belief(Models models) : models_(std::move(models)) {}

  void mean(std::size_t factor, std::span<float> out) const noexcept final { models_.believed(factor).mean(out); }
  void sample(std::size_t factor, std::span<const float> z, float scale, std::span<float> out) const noexcept final {
    models_.believed(factor).sample(z, scale, out);
  }
  [[nodiscard]] float width(std::size_t factor, std::span<const float> e) const noexcept final {
    return models_.believed(factor).width(e);
  }
  void confidence(std::size_t factor, std::span<const float> e, std::uint32_t first, std::span<float, side_by_side> means,
                  std::span<float, side_by_side> widths) const final {
    models_.believed(factor).confidence(e, first, means, widths);
  }
  [[nodiscard]] std::vector<double> moments(const belief_options& options,
                                            std::span<const gaussian_prior> priors) const final {
    const auto& factors = options.space.factors();
    if (priors.size() != factors.size())
      return {};
    std::vector<double> out;
    for (std::size_t f = 0; f < factors.size(); ++f) {
      const std::size_t d = factors[f].width, before = out.size();
      if (priors[f].mean.size() != d || priors[f].covariance.size() != triangle(d))
        return {};
      out.resize(before + moments_size(d));
      if (!moments_of(models_.believed(f), options.start(f), options.noise, priors[f], std::span(out).subspan(before)))
        return {};
    }
    return out;
  }

protected:
  Models models_;
};

/// Linear rewards of a person who stays as they are: exact in any order of rounds, so nothing is kept but the posteriors.
class linear_belief final : public ridge_belief<factor_posteriors> {
public:
  explicit linear_belief(factor_posteriors models, std::vector<consensus> heard = {});

  [[nodiscard]] std::unique_ptr<belief_model> clone() const override { return std::make_unique<linear_belief>(*this); }
  [[nodiscard]] bool learn(const belief_options& options, const observed_round& r, const creation_lookup& where) override;
  [[nodiscard]] bool take(const belief_options& options, std::size_t factor, const belief_interest& interest,
                          const creation_lookup& where) override;
  [[nodiscard]] bool hear(const belief_options& options, std::size_t factor, const shared_consensus& group) override;
  [[nodiscard]] belief_state save() const override;

private:
  [[nodiscard]] bool learn_rewards(const belief_options& options, std::span<const observation> all,
                                   const creation_lookup& where);

  boxed<std::vector<std::shared_ptr<const consensus>>> heard_; // by factor, once any was heard
};

/// A belief that depends on the order of rounds: rounds that come late are put in their place by its history.
template <class Models>
class ordered_belief final : public ridge_belief<Models> {
public:
  explicit ordered_belief(Models models) : ridge_belief<Models>(models), history_(std::move(models)) {}
  ordered_belief(Models now, round_history<Models> history)
    : ridge_belief<Models>(std::move(now)), history_(std::move(history)) {}

  [[nodiscard]] std::unique_ptr<belief_model> clone() const override { return std::make_unique<ordered_belief>(*this); }
  [[nodiscard]] bool learn(const belief_options& options, const observed_round& r, const creation_lookup& where) override {
    return acceptable(options, r.all, where) && all_or_nothing([&](ordered_belief& b) {
      b.history_.settle(options, r.settled, where);
      return b.history_.take(options, r, where, b.models_);
    });
  }
  [[nodiscard]] bool compares() const noexcept override { return !std::same_as<Models, drifting_factors>; }
  [[nodiscard]] bool take(const belief_options& options, std::size_t factor, const belief_interest& interest,
                          const creation_lookup& where) override {
    const auto [e, values] = observations_of(options, factor, interest);
    return all_or_nothing([&](ordered_belief& b) { return b.history_.base().take(factor, e, values) && b.history_.replay(options, where, b.models_); });
  }
  void refer(std::vector<creation_id>& to) const override {
    for (const kept_round& r : history_.rounds())
      for (const observation& o : r.all) {
        to.push_back(o.creation);
        if (o.than != no_creation)
          to.push_back(o.than);
      }
  }
  [[nodiscard]] std::size_t rounds_kept() const noexcept override { return history_.rounds().size(); }
  [[nodiscard]] belief_state save() const override {
    return {this->models_.save(), {history_.base().save()}, {history_.rounds().begin(), history_.rounds().end()}, {}, {}, 0};
  }

private:
  /// A copy of it changes, and where that succeeds takes its place.
  template <class F>
  bool all_or_nothing(F change) {
    ordered_belief changed = *this;
    const bool all = change(changed);
    if (all)
      *this = std::move(changed);
    return all;
  }

  round_history<Models> history_;
};

} // namespace ammo
