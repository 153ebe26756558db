/// The people as a Goal Buddy can guess them: from the public creations, how often each was seen and how it was
/// rewarded, and what itself experienced.
#pragma once

#include "actors/goal_buddy/goal_policy.hpp"
#include "actors/space/top_n.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// Typical people, each a direction with a threshold and a weight. 256 are imagined, each liking a random mixture of up to
/// eight creations, drawn as often as they were seen, or (an eighth of them) what explains the rewards around one creation
/// by kernel ridge regression. The slate of each is the best N of the public creations (N: the impressions a round), and a
/// new creation is shown to them where it beats the last of it. Then they are weighed so that
/// together they explain how often each creation was seen: ten steps of expectation–maximisation, which lower the
/// Kullback–Leibler divergence (Shepp & Vardi, "Maximum likelihood reconstruction for emission tomography", 1982). The 64
/// heaviest stay. Others are imagined each time, so that whoever relies on them again and again isn't led by one guess.
/// Sees others' creations only, never the one of the view.
class audience {
public:
  /// A place where its creation was, and how visible it was there.
  struct experience {
    std::vector<float> e;
    double visibility = 0;
    double reward = 0; ///< mean engagement of those who saw it; 0 where nobody did
  };

  static constexpr std::size_t most = 64; ///< people

  /// Nobody, where no catalogue of this block's width was seen or nothing in it was shown. 256 top-N searches.
  /// All thresholds are then moved by the amount, and softened by the width, that agree best with what was experienced
  /// (least squares over a grid of 27); without experience by up to −0.2 at random: hope.
  audience(const goal_view& view, std::span<const experience> known, splitmix64& g);

  [[nodiscard]] bool empty() const noexcept { return people_.empty(); }
  /// What one of them likes, drawn by weight; a vector of length 1. Not when empty.
  [[nodiscard]] std::span<const float> someone(splitmix64& g) const;
  /// Guessed visibility of x: the weight of those whose threshold it beats, softened by `softness` (a logistic).
  [[nodiscard]] double visibility_at(std::span<const float> x) const;
  /// Where guessed visibility − λ·½|x − grounded|² is highest, by hill-climbing from `from` and from the four most
  /// promising places on the ways from the facts to one person's likes: a step wins one more person by the shortest
  /// way, or leads back towards the facts. At most 48 steps a climb; O(most²) each.
  [[nodiscard]] std::vector<float> best_response(std::span<const float> from) const;

private:
  struct typical {
    std::vector<float> likes; ///< length 1
    std::vector<scored> slate;
    double weight = 0;
    double threshold = 0;
  };
  struct place; // a point by its products with everything

  void imagine(const goal_view& view, std::span<const experience> known, splitmix64& g);
  void calibrate(std::span<const experience> known, splitmix64& g);
  void reweigh(std::span<const experience> known, std::span<const double> dots);
  [[nodiscard]] double chance(const typical& person, double dot) const;
  void weigh(std::span<const exposure> seen, double rounds);
  [[nodiscard]] double guess(std::span<const double> dots) const;
  [[nodiscard]] double utility(std::span<const double> dots, double square, double facts) const;
  [[nodiscard]] place at(std::vector<float> x) const;
  [[nodiscard]] std::vector<place> promising() const;
  [[nodiscard]] place climbed(place here) const;

  const goal_view& view_;
  std::vector<typical> people_;
  std::vector<double> gram_; ///< people × people
  struct {
    double square = 0;
    std::vector<double> dots;
  } facts_;                  ///< products with the facts
  double offset_ = 0, softness_ = 0.01, margin_ = 0.02;
};

/// Dot product of x with the nearest public creation of another; 0 where none is known.
[[nodiscard]] double nearness(const goal_view& view, std::span<const float> x);

} // namespace ammo
