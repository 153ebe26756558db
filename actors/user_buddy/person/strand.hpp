/// One line of belief about a person's q: a posterior, how noisy rewards are, how big q is, and how well it foresaw.
/// Pure. A person has one, and one for each situation in which they differ from themselves.
#pragma once

#include "actors/protocol/state/person_state.hpp"
#include "actors/user_buddy/person/reward_kind.hpp"
#include "actors/user_buddy/person/root_posterior.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// What is known of people before one of them is.
struct strand_prior {
  double log_lambda = 0;          ///< mean of ln λ over people; λ = noise variance / variance of a coordinate of q
  double log_lambda_variance = 9; ///< of it between people
  double base = -1;               ///< logistic: mean intercept
  double base_variance = 4;       ///< of it between people
  double log_noise = 0;           ///< line: mean log₂ σ of rewards
  double noise_worth = 0;         ///< line: so many observations say as much of a person's σ; 0: nothing is known of it
  double level = 0;               ///< line: mean expected reward of a creation at 0, over σ
  double level_variance = 0;      ///< line: of it between people; 0: nothing is known of it
  friend bool operator==(const strand_prior&, const strand_prior&) = default;
};

/// How rewards are turned into what a strand learns.
struct reward_scale {
  reward_kind kind = reward_kind::two_valued;
  int exponent = 0;   ///< rewards are counted in units of 2^exponent
  double zero = 0;    ///< linear: this is subtracted, in units; where a lower slot isn't looked at nothing is
  double low = 0;     ///< two-valued: that which isn't a success
  [[nodiscard]] float value(double reward) const noexcept;
  friend bool operator==(const reward_scale&, const reward_scale&) = default;
};

/// A round's observations: x (m × dim, coordinate 0 is 1), values by `reward_scale`, and how likely each slot is looked at.
/// `preferred`: differences e − e' of creations of which the first was preferred, by rows.
struct observations {
  std::vector<float> x, values, looks, preferred;
  double temperature = 1; ///< of a preference, in units of the noise
  int sign = 1;           ///< −1 where a larger value is a worse reward
  [[nodiscard]] std::size_t size() const noexcept { return values.size(); }
};

struct strand {
  static constexpr std::size_t remembered = 32;

  root_posterior belief;
  reward_kind kind = reward_kind::two_valued;
  double lambda = 1, base_precision = 1, base = 0;
  double observed = 0; ///< observations
  double squares = 0;  ///< penalised sum of squared residuals
  double retune_at = 0;
  double wild = 1;       ///< variance of a round's misfit, beside a normal noise's: heavy tails make it large
  std::uint32_t rounds = 0, restarts = 0;
  /// How well each of the last rounds was foreseen, given all before: ln p = volume − misfit / 2σ² and what doesn't depend on
  /// what is believed.
  struct foresight {
    float volume = 0, misfit = 0;
    float count = 0; ///< observations; two-valued: variance that ln p is expected to have
    friend bool operator==(const foresight&, const foresight&) = default;
  };
  std::array<foresight, remembered> foreseen{};
  std::vector<float> centre; ///< prior mean of the slopes; empty: 0

  strand() = default;
  /// `usual`: of a line, is a reward of 0 what a creation at 0 is worth, as far as nothing else is known?
  strand(std::size_t dim, const reward_scale& scale, const strand_prior& prior, bool usual);
  /// The group likes `liked` (of the slopes; length ≤ 1), `sign` as in `observations`: q's prior mean is that, times the length that q is
  /// expected to have. Exactly the belief of one that had begun so. Empty: as before. O(d²).
  void hear(std::span<const float> liked, int sign);
  struct look {
    double mean = 0, precision = 0;
  };
  /// What the rewards alone say of the intercept, in units of the noise; precision 0: nothing.
  [[nodiscard]] look own_level() const;
  /// Of c·θ, as `root_posterior::pull` of c shares it out, where c's intercept is 0: what each reward has brought in, as far as it was better than
  /// `usual`. Of clicks by their derivatives at what is believed now, whatever was believed when they came. O(d) a reward.
  [[nodiscard]] std::vector<double> parts(std::span<const double> pull, const observations& o, double usual) const;
  /// The same of what the group likes.
  [[nodiscard]] double part_of_centre(std::span<const double> pull) const noexcept;
  /// As if nothing had been learned but how noisy rewards are and how big q is.
  [[nodiscard]] strand afresh() const;
  /// Two-valued: what was a success is none, and the other way round.
  void mirror();

  /// The λ that the rewards speak for.
  [[nodiscard]] double told_lambda() const noexcept;
  /// σ: of a reward around the line; 1 for two-valued rewards.
  [[nodiscard]] double noise() const noexcept;
  /// A round `back` rounds ago.
  [[nodiscard]] const foresight& recent(std::uint32_t back) const noexcept { return foreseen[(rounds - 1 - back) % remembered]; }
  /// Learns a round; ln of how likely it was.
  double learn(const observations& o, const reward_scale& scale, const strand_prior& prior);
  /// Chooses λ anew: the mode of its posterior given all that was learned. O(d³).
  void retune(const reward_scale& scale, const strand_prior& prior);

  [[nodiscard]] std::size_t dim() const noexcept { return belief.dim(); }
  friend bool operator==(const strand&, const strand&) = default;

  [[nodiscard]] strand_state save() const;
  /// Nothing where the state contradicts itself or isn't one of `dim` coordinates.
  [[nodiscard]] static std::optional<strand> restored(std::size_t dim, const strand_state& s);

private:
  double learn_line(const observations& o);
  double learn_clicks(const observations& o);
  void learn_preferences(const observations& o);
  [[nodiscard]] std::vector<double> prior_diagonal(double slope_precision) const;
  [[nodiscard]] double centre_squares() const noexcept;
};

} // namespace ammo
