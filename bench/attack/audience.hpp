/// The people of a still world, as a Goal Buddy gets to know them: whom its creation was shown to, told apart by whose
/// place it took and what that was worth to them, and what they may like.
#pragma once

#include "bench/attack/taste_belief.hpp"
#include "bench/attack/expected_utility.hpp"
#include "bench/attack/response.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace ammo {

/// Who is shown the own creation loses the last of a slate. So once it is known what is seen of the others where the own
/// creation is shown to nobody, each further place tells of each other creation how many lost it, and what it was worth
/// to them in all: that is where their slates end, so what the own creation has to score. *Groups* are people who were
/// so far always met together. What was lost of a creation at various places is explained by as few people as will do;
/// a loss that others may have had as likely stays open until more is known.
///
/// What a group likes, q, is believed to be a Gaussian. At first that is a spread of guesses (some of what is close to what
/// it loses, and what everybody demands, such that the group's slate is one that is seen), then it is narrowed:
///   - the creation it loses scores what that was worth, and what nobody sees scores less;
///   - the own creation scored more than that at each place where it was shown to the group, and less elsewhere;
///   - together, those whom it was shown to at a place gave it the rewards that it got there.
///
/// All this is for a world in which others don't move and people choose alike each time. Where impressions that weren't
/// taken by the own creation come or go, all is forgotten. Embeddings are read from the snapshot, never kept.
class audience {
public:
  static constexpr std::size_t remembered = 256;         ///< places; of more, the oldest are forgotten
  static constexpr std::size_t remembered_losses = 65536; ///< at all of them
  /// Groups that it knows at most: what is believed of them takes no more than 8 MB.
  [[nodiscard]] static constexpr std::size_t most_groups_of(std::size_t width) noexcept {
    return std::min<std::size_t>(256, 2'000'000 / (width * width + 1));
  }

  /// What was heard of the place where the creation is.
  void hear(const goal_view& view, splitmix64& g);
  /// Has nothing changed lately but by the own creation?
  [[nodiscard]] bool still() const noexcept { return still_; }
  /// Is it known what is seen of others where the own creation isn't?
  [[nodiscard]] bool open() const noexcept { return !alone_.empty(); }
  /// Everybody it knows. Valid until it hears more.
  [[nodiscard]] std::vector<likely_taste> people() const;
  /// The same, each a draw from what is believed.
  [[nodiscard]] std::vector<taste> sampled(splitmix64& g) const;
  /// The way to somebody it may not know: towards a creation that is close and seen more often than by those whom it
  /// knows. Empty: there is none.
  [[nodiscard]] std::vector<float> towards_unknown(const goal_view& view, splitmix64& g) const;
  [[nodiscard]] bool was_at(std::span<const float> x) const;

private:
  using vec = std::vector<float>;
  struct attention {
    double people = 0, worth = 0; ///< impressions, and the sum of their rewards
    friend attention operator+(attention a, attention b) noexcept { return {a.people + b.people, a.worth + b.worth}; }
    friend attention operator-(attention a, attention b) noexcept { return {a.people - b.people, a.worth - b.worth}; }
  };
  /// What a place says of a group.
  struct presence {
    std::optional<bool> shown;              ///< unknown where a loss is open
    bool compared = false, counted = false; ///< is that believed, and what it was worth?
    taste_belief::factor said = {};
  };
  struct group {
    std::uint32_t loses = 0; ///< row
    attention of;
    std::vector<presence> at; ///< each place
    taste_belief q;             ///< empty where nothing is believed yet
    [[nodiscard]] double least() const noexcept { return of.worth / of.people; }
  };
  struct loss {
    std::uint32_t row = 0;
    attention of;
    bool explained = false; ///< is it known which groups'?
    bool contested = false; ///< as likely others'
  };
  struct place {
    vec e;
    attention own;
    std::vector<loss> losses;
  };

  // What was seen (audience.cpp).
  void learn_broadcast(const goal_view& view, splitmix64& g);
  [[nodiscard]] bool note(const goal_view& view, std::span<const attention> now, attention own);
  void forget();
  void forget_oldest();

  // Whose losses they were (explanation.cpp).
  struct distinct_loss {
    attention of;                  ///< losses of one creation
    std::vector<std::uint32_t> at; ///< places
    bool contested = false;
  };
  struct sum {
    attention of;
    std::size_t parts = 0; ///< a bit for each
  };
  struct surprise {
    double met = 0, unmet = 0; ///< nats
  };
  static bool same(attention a, attention b) noexcept;
  static std::vector<sum> sums_of(std::span<const group> parts);
  static std::span<const sum> equal(std::span<const sum> sums, attention a);
  void explain();
  void explain(std::uint32_t row, std::vector<distinct_loss> distinct);
  [[nodiscard]] std::vector<distinct_loss> distinct_losses_of(std::span<const std::pair<std::uint32_t, std::uint32_t>> losses) const;
  static const group* same_group_before(attention of, std::span<const group> known, std::span<char> taken);
  [[nodiscard]] std::vector<group> parts_of(std::span<distinct_loss> distinct, std::uint32_t row,
                                            std::span<const group> known);
  void add_parts(std::vector<group>& parts, std::uint32_t row, std::span<distinct_loss> distinct, std::span<const group> known);
  [[nodiscard]] bool add_part(std::vector<group>& parts, std::span<const sum> sums, std::uint32_t row,
                              std::span<const distinct_loss> distinct, distinct_loss& s);
  [[nodiscard]] std::optional<std::size_t> made_of(std::span<const group> parts, std::span<const sum> sums,
                                                   const distinct_loss& s) const;
  [[nodiscard]] std::vector<surprise> surprises(std::span<const group> parts, const distinct_loss& s) const;
  void assign_groups(std::vector<group> parts, std::span<const distinct_loss> distinct, std::uint32_t row,
                     std::span<const group> known);

  // What may be liked (imagination.cpp).
  void update_beliefs(const goal_view& view, splitmix64& g);
  [[nodiscard]] taste_belief first_of(const group& one, std::span<const float> demand, splitmix64& g) const;
  [[nodiscard]] vec guess(const group& one, std::span<const float> demand, splitmix64& g) const;
  void agree_on_loss(const group& one, vec& likes) const;
  void agree_on_slate(const group& one, vec& likes) const;
  void compare_with_places(group& one) const;
  void learn_rewards(std::uint32_t at);
  [[nodiscard]] bool is_seen(std::uint32_t row) const noexcept { return row < alone_.size() && alone_[row].people > 0; }
  [[nodiscard]] vec embedding(std::uint32_t row) const;

  const catalogue_version* now_ = nullptr; ///< of the view that it heard last
  creation_id mine_ = no_creation;
  double rounds_ = 0;
  std::size_t slots_ = 1;
  bool still_ = false;
  attention last_own_;
  std::vector<attention> last_, alone_; ///< by row, of others: where it was last, and where it is shown to nobody
  std::vector<place> places_;           ///< since it is open
  std::vector<group> groups_;
  std::size_t looks_ = 0;               ///< at what a part would explain, in this turn
};

} // namespace ammo
