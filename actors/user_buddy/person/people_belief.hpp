/// The learner `people`: a `person_belief` of each factor, behind the belief interface.
/// Lives here: the currency in which factors are compared. May not live here: what a person_belief makes of rewards.
#pragma once

#include "actors/user_buddy/person/person_belief.hpp"

#include <memory>
#include <vector>

namespace ammo {

/// Values are in units of each person's own rewards, a power of two: neither unit nor offset matters. Where a layout has several
/// factors they are compared in expected reward, each in a straight line about what a creation at 0 is worth.
/// Widths are in units of `belief_options::noise`, as of every belief: they are wider or narrower as the person is noisier.
class people_belief final : public belief_model {
public:
  explicit people_belief(const belief_options& options);
  /// Null where the state doesn't fit the options.
  [[nodiscard]] static std::unique_ptr<people_belief> restored(const belief_options& options, const belief_state& saved);

  [[nodiscard]] std::unique_ptr<belief_model> clone() const override { return std::make_unique<people_belief>(*this); }
  void mean(std::size_t factor, std::span<float> out) const override;
  void sample(std::size_t factor, std::span<const float> z, float scale, std::span<float> out) const override;
  [[nodiscard]] float width(std::size_t factor, std::span<const float> e) const override;
  void confidence(std::size_t factor, std::span<const float> e, std::uint32_t first, std::span<float, side_by_side> means,
                  std::span<float, side_by_side> widths) const override;

  [[nodiscard]] bool learn(const belief_options& options, const observed_round& r, const creation_lookup& where) override;
  void catch_up(const creation_lookup& where) const override;
  void situate(std::uint32_t situation) noexcept override { situation_ = situation; }
  [[nodiscard]] std::uint32_t situation() const noexcept override { return situation_; }
  [[nodiscard]] bool take(const belief_options& options, std::size_t factor, const belief_interest& interest,
                          const creation_lookup& where) override;
  [[nodiscard]] std::vector<double> moments(const belief_options&, std::span<const gaussian_prior>) const override { return {}; }
  [[nodiscard]] bool newcomer(std::uint64_t round) const override;
  [[nodiscard]] bool shuffles(splitmix64& g) const override;
  [[nodiscard]] double unit(std::size_t factor) const noexcept override;
  [[nodiscard]] double level(std::size_t factor, double reward) const override;
  [[nodiscard]] double bound_level(std::size_t factor, double reward) const noexcept override;
  void refer(std::vector<creation_id>& to) const override;
  [[nodiscard]] std::size_t rounds_kept() const noexcept override;
  [[nodiscard]] belief_state save() const override;
  [[nodiscard]] reward_facts facts(std::size_t factor) const override;
  [[nodiscard]] belief_reasons reasons(const belief_options& options, std::size_t factor, std::span<const float> e,
                                       std::optional<std::uint32_t> situation, const creation_lookup& where) const override;
  [[nodiscard]] std::vector<pooled_sums> statistics() const override;
  [[nodiscard]] bool hear(const belief_options& options, std::size_t factor, const shared_consensus& group) override;
  [[nodiscard]] bool hear_people(std::span<const pooled_sums> of_people) override;

private:
  /// What a value of a factor counts for, beside those of other factors.
  struct currency {
    double unit = 1, offset = 0;
  };
  [[nodiscard]] const strand& believed(std::size_t factor) const { return of_[factor].believed(situation_); }
  [[nodiscard]] float spread(std::size_t factor) const;
  /// What a creation at 0 is believed to be worth, in the factor's own units.
  [[nodiscard]] double base(std::size_t factor) const;
  void exchange() const;
  /// Does something with each factor that can be taken back: with all of them, or where it throws with none.
  template <class F> void to_all(F each);

  double noise_;
  std::uint32_t situation_ = 0;           // of which is asked
  mutable std::vector<person_belief> of_; // by factor; `catch_up` learns what was taken before
  mutable std::vector<currency> worth_;   // by factor
};

} // namespace ammo
