/// A belief about a q that changes abruptly, and nobody says when. Pure, like all of this room's models.
#pragma once

#include "actors/user_buddy/belief/posterior.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// What is expected of the changes.
struct drift_options {
  double noise = 1;          ///< σ of a reward around e·q; > 0
  double hazard = 1e-4;      ///< probability that q changes before a round; > 0
  std::uint32_t runs = 8;    ///< most hypotheses kept, each a `ridge_posterior`; ≥ 3
  std::uint32_t spacing = 8; ///< rounds from one moment at which a change is considered to the next; hazard·spacing < 1
};

/// Bayesian online change-point detection (Adams, MacKay, arXiv 0710.3742) over ridge regression, for Thompson sampling
/// in switching environments (Mellor, Shapiro, arXiv 1302.3721). A run is the hypothesis that q last changed when the
/// run began: a `ridge_posterior` of all that came since, with its probability given all that was seen,
///   p(run | rewards to t) ∝ p(run | rewards to t−1) · (1 − h) · p(rewards_t | run),
/// and h for a run that begins; h = hazard·spacing, as one begins only every `spacing` rounds. Belief is the most
/// probable run's. So q is learned anew as soon as the Bayes factor for a change outweighs how rare changes are, from
/// the rounds since the change alone; and a false alarm is taken back as soon as the older run explains more again.
/// When there is no room for another run, the least probable goes. A change is seen only along what is shown: one that
/// leaves the rewards of the shown creations as they were costs what it costs until another is shown.
/// `noise` must not be below the rewards' own, or surprise is taken for change: in the setting of bench/drift.cpp half of
/// it makes a restart every 20 rounds; twice of it finds each change later, and costs less. Hazards from 1e-5 to 1e-3 and
/// 3 to 16 runs differ little there. State and time are those of at most `runs` ridge posteriors, and one more
/// that is shared.
template <class Real>
class drifting_posterior {
public:
  /// The hypothesis that q last changed after `start` rounds.
  struct run {
    std::uint64_t start;
    double log_weight; ///< ln of its probability
    ridge_posterior<Real> posterior;
  };

  /// `dim` and `lambda` as of `ridge_posterior`, `options` in their ranges (asserted).
  drifting_posterior(std::uint32_t dim, Real lambda, const drift_options& options);
  /// Each run begins as a copy of `fresh` (not null), which many may share.
  drifting_posterior(std::shared_ptr<const ridge_posterior<Real>> fresh, const drift_options& options);
  /// The one that had these runs, by number of the believed one, after so many rounds and restarts. Nothing where that
  /// isn't possible.
  [[nodiscard]] static std::optional<drifting_posterior>
  restored(std::shared_ptr<const ridge_posterior<Real>> fresh, const drift_options& options, std::vector<run> runs,
           std::size_t believed, std::uint64_t rounds, std::uint64_t restarts);

  [[nodiscard]] std::uint32_t dim() const noexcept { return believed().dim(); }
  /// One round: learns as `ridge_posterior::observe`, in each run, and weighs the runs by how well they foresaw it.
  /// A round without observations changes nothing. O(runs · m d²).
  [[nodiscard]] bool observe(std::span<const Real> e, std::span<const Real> rewards);
  /// Learns what is known from elsewhere, in each run: foreseen or not, it says nothing of a change. O(runs · m d²).
  [[nodiscard]] bool take(std::span<const Real> e, std::span<const Real> rewards);
  /// What is believed of q now: the most probable run's posterior. Valid until the next `observe`.
  [[nodiscard]] const ridge_posterior<Real>& believed() const noexcept { return runs_[believed_].posterior; }
  /// The hypotheses, oldest first, and which of them is believed. Valid until the next `observe`.
  [[nodiscard]] std::span<const run> runs() const noexcept { return runs_; }
  [[nodiscard]] std::size_t believed_run() const noexcept { return believed_; }
  [[nodiscard]] std::uint64_t rounds() const noexcept { return rounds_; }
  /// Rounds observed before the believed run began: 0 while no change is believed.
  [[nodiscard]] std::uint64_t believed_since() const noexcept { return runs_[believed_].start; }
  /// How often belief went over to a younger run.
  [[nodiscard]] std::uint64_t restarts() const noexcept { return restarts_; }
  /// As of `ridge_posterior`, under what is believed.
  void mean(std::span<Real> out) const noexcept { believed().mean(out); }
  void sample(std::span<const Real> z, Real scale, std::span<Real> out) const noexcept {
    believed().sample(z, scale, out);
  }
  [[nodiscard]] Real width(std::span<const Real> e) const noexcept { return believed().width(e); }

private:
  void begin_run();
  void normalise() noexcept;

  drift_options options_;
  std::shared_ptr<const ridge_posterior<Real>> fresh_; // what a run begins with
  std::vector<run> runs_; // oldest first, never empty
  std::size_t believed_ = 0;
  std::uint64_t rounds_ = 0, restarts_ = 0;
};

extern template class drifting_posterior<float>;
extern template class drifting_posterior<double>;

} // namespace ammo
