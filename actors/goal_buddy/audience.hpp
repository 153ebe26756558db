/// The people as a Goal Buddy can guess them: from the public creations, how often each was seen and how it was
/// rewarded, and what it experienced itself.
#pragma once

#include "actors/goal_buddy/response.hpp"
#include "actors/space/top_n.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace ammo {

/// As many typical people as there are rounds, at most 256, each a direction of length 1 whose slate is the best N of the
/// others' creations (N: the impressions a round). They are kept from turn to turn, and changed one at a time (Metropolis
/// et al., 1953), so that together they explain
///   - how often each creation was seen, and its mean reward;
///   - how many saw the own creation at each place where it was, and their rewards;
///   - in a still world, from whom it took each impression there: who is shown it loses the last of a slate.
/// A world is still as long as no more of the others' impressions change from turn to turn than the own creation took and
/// gave back. In one that isn't, what was experienced is forgotten after a few turns.
/// A change likes a creation more or less, makes the slate's scores its mean rewards, copies another, or begins anew with a
/// mixture of creations or with what explains the rewards around one; or it turns what the slate says nothing of, its
/// scores kept, towards or away from a place where too few or too many are guessed.
/// A turn costs some 1,000 top-N searches, the first one 20 times that. Kept are a copy of all creations, and of at most
/// 160 places what was left to and taken from each creation that was seen.
class audience {
public:
  /// What was heard of the place where the creation is. Half of the changes are of those who are shown what is at `home`
  /// or nearly so.
  void hear(const goal_view& view, std::span<const float> home, splitmix64& g);
  [[nodiscard]] bool empty() const noexcept { return who_.empty(); }
  [[nodiscard]] std::vector<taste> people() const;
  /// Was the creation within 0.001 of x, as far as is remembered?
  [[nodiscard]] bool was_at(std::span<const float> x) const;

private:
  struct person {
    std::vector<float> likes, scores_there; ///< likes: length 1; scores of the places
    std::array<std::uint32_t, max_slots> rows{};
    std::array<float, max_slots> scores{};
    std::size_t shown = 0; ///< rows of the slate, best first
    float least = 0;       ///< what a creation has to score to be shown
    [[nodiscard]] std::uint32_t last() const noexcept { return shown > 0 ? rows[shown - 1] : 0; }
  };
  /// Of a public creation, in people: how many saw it and their mean reward, and what the guessed people say.
  struct creation {
    std::vector<float> e;
    float seen = 0, mean = 0, guessed = 0, guessed_reward = 0;
    std::size_t column = 0; ///< in a place's `left` and `taken`; 0: never seen
  };
  /// Where the own creation was.
  struct place {
    std::vector<float> e;
    double viewers = 0, reward = 0, guessed = 0, guessed_reward = 0;
    std::vector<float> left;  ///< impressions of each other creation (by column); empty where it isn't known
    std::vector<float> taken; ///< from each, as guessed
  };
  using vec = std::vector<float>;

  void note(const goal_view& view);
  void forget(std::size_t kept);
  void recount();
  [[nodiscard]] person of(vec likes) const;
  void count(const person& p, float sign);
  [[nodiscard]] double misfit(const creation& c) const;
  [[nodiscard]] double misfit(const place& p, std::uint32_t row) const;
  [[nodiscard]] double misfit(const person& a, const person& b) const;
  void imagine(std::span<const float> home, bool first, splitmix64& g);
  void replace(std::size_t j, vec likes, double temperature, splitmix64& g);
  [[nodiscard]] vec changed(const person& p, splitmix64& g) const;
  void push(vec& likes, const person& p, splitmix64& g) const;
  [[nodiscard]] vec rewarded(const person& p, double rate) const;
  [[nodiscard]] vec mixture(splitmix64& g) const;
  [[nodiscard]] vec explanation(splitmix64& g) const;
  [[nodiscard]] vec turned(const person& p, vec towards, double by) const;
  void turn(std::size_t j, std::span<const std::size_t> close, splitmix64& g);
  [[nodiscard]] std::vector<std::uint32_t> neighbours(std::span<const float> x, std::size_t n) const;
  [[nodiscard]] std::uint32_t near(std::span<const float> x, std::size_t n, splitmix64& g) const;
  [[nodiscard]] std::uint32_t drawn(bool unexplained, splitmix64& g) const;

  const catalogue_epoch* now_ = nullptr; ///< while it hears
  creation_id mine_ = no_creation;
  std::size_t dim_ = 0, slots_ = 1, columns_ = 0;
  std::vector<creation> creations_; ///< by row
  std::vector<std::uint32_t> seen_; ///< rows
  std::vector<place> places_;       ///< oldest first; bounded
  std::vector<person> who_;
};

/// Dot product of x with the nearest public creation of another; 0 where none is known.
[[nodiscard]] double nearness(const goal_view& view, std::span<const float> x);

} // namespace ammo
