/// The people of a still world, as a Goal Buddy gets to know them: whom its creation was shown to, told apart by whose
/// place it took and what that was worth to them, and what they may like.
#pragma once

#include "actors/goal_buddy/response.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// Who is shown the own creation loses the last of a slate. So once it is known what is seen of the others where the own
/// creation is shown to nobody, each further place tells of each other creation how many lost it, and what it was worth
/// to them in all: that is where their slates end, so what the own creation has to score. *Groups* are people who were
/// so far always met together; a group is split when a part of it is met, and is known again by its number and worth.
///
/// What a group likes (a direction) is guessed several times over. Each guess has to agree with all that was seen, and
/// what it says for the rest is left to chance:
///   - the creation it loses scores what that was worth, and is the last of a slate of creations that somebody saw;
///   - the own creation scored more than that at each place where it was shown to the group, and less elsewhere;
///   - together, those whom it was shown to at a place gave it the rewards that it got there.
/// After each turn the guesses are shaken a little and projected on these one by one (Kaczmarz 1937; a half-space where
/// it is violated).
///
/// All this is for a world in which others don't move and people choose alike each time. Where impressions that weren't
/// taken by the own creation come or go, all is forgotten. Embeddings are read from the snapshot, never kept.
class audience {
public:
  static constexpr std::size_t guesses = 4; ///< of each group
  static constexpr std::size_t remembered = 256; ///< places; of more, the oldest are forgotten

  /// What was heard of the place where the creation is.
  void hear(const goal_view& view, splitmix64& g);
  /// Has nothing changed lately but by the own creation?
  [[nodiscard]] bool still() const noexcept { return still_; }
  /// Is it known what is seen of others where the own creation isn't?
  [[nodiscard]] bool open() const noexcept { return !alone_.empty(); }
  [[nodiscard]] bool empty() const noexcept { return groups_.empty(); }
  /// Everybody it knows, by one guess; without one, by all, each for its part.
  [[nodiscard]] std::vector<taste> people(std::optional<std::size_t> guess) const;
  /// The way to somebody it may not know: towards a creation that is close and seen more often than by those whom it
  /// knows. Empty: there is none.
  [[nodiscard]] std::vector<float> unknown(const goal_view& view, splitmix64& g) const;
  [[nodiscard]] bool was_at(std::span<const float> x) const;

private:
  using vec = std::vector<float>;
  struct attention {
    double people = 0, worth = 0; ///< impressions, and the sum of their rewards
  };
  struct group {
    std::uint32_t loses = 0; ///< row
    double people = 0, worth = 0;
    std::vector<std::int8_t> shown; ///< at each place: 1, 0, or `maybe`
    std::vector<vec> likes;         ///< `guesses` of length 1
    [[nodiscard]] double least() const noexcept { return worth / people; }
  };
  struct loss {
    std::uint32_t row = 0;
    attention of;
    bool explained = false; ///< is it known which groups'?
  };
  struct place {
    vec e;
    attention own;
    std::vector<loss> losses;
  };
  static constexpr std::int8_t maybe = -1;

  // What was seen (audience.cpp).
  [[nodiscard]] bool note(const goal_view& view, std::span<const attention> now, attention own);
  void forget();
  void explain();
  [[nodiscard]] bool explain(std::size_t at, loss& l);
  void meet(std::size_t at, const loss& l, attention rest, std::optional<std::size_t> part_of);
  [[nodiscard]] double margin(const group& one, std::span<const float> x) const;

  // What may be liked (imagination.cpp).
  void imagine(const goal_view& view, splitmix64& g);
  [[nodiscard]] vec guess(const group& one, std::span<const float> demand, splitmix64& g) const;
  void agree_on_rewards(std::size_t guess);
  void agree_on_loss(const group& one, vec& likes) const;
  void agree_on_slate(const group& one, vec& likes) const;
  void agree_on_places(const group& one, vec& likes) const;
  [[nodiscard]] vec embedding(std::uint32_t row) const;

  const catalogue_epoch* now_ = nullptr; ///< of the view that it heard last
  creation_id mine_ = no_creation;
  double rounds_ = 0;
  std::size_t slots_ = 1;
  bool still_ = false;
  attention last_own_;
  std::vector<attention> last_, alone_; ///< by row, of others: where it was last, and where it is shown to nobody
  std::vector<place> places_;           ///< since it is open
  std::vector<group> groups_;
};

} // namespace ammo
