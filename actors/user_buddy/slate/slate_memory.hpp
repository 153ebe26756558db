/// The slates that a User Buddy has proposed and whose feedback it still awaits, in few bytes.
/// Lives here: which creations were in a round's slate, and which of them were learned. Pure.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/protocol/state/user_state.hpp"

#include <boost/container/small_vector.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// What a slate's rewards are to be understood by.
struct circumstances {
  bool shuffled : 1 = false;  ///< its slots are in random order
  bool by_chance : 1 = false; ///< its creations were drawn at random
  std::uint8_t situation = 0; ///< in which it was asked for; 0: none in particular
};

/// A bounded memory of slates, oldest first. A slate whose feedback is complete goes when the next one comes; so the
/// last one is always there. 16 bytes a slate and 12 a creation; no allocation in the steady state.
class slate_memory {
public:
  /// What is known of a creation in a round.
  enum class standing : std::uint8_t { forgotten,
                                       not_in_slate,
                                       awaited,
                                       learned };

  /// Adds a round's slate of at most `slots` shown creations (`slate` may hold spares behind them) and forgets those
  /// that are complete, and the oldest ones beyond `most`. Where it throws, nothing has changed.
  void remember(std::uint64_t round, std::span<const candidate> slate, std::uint32_t slots, std::uint32_t most,
                circumstances of = {});
  /// Of a round's slate; what is forgotten had none.
  [[nodiscard]] circumstances of(std::uint64_t round) const noexcept;
  [[nodiscard]] standing of(std::uint64_t round, creation_id creation) const noexcept;
  /// What the policy ranked it by; nothing where it isn't in a slate that is remembered.
  [[nodiscard]] std::optional<float> score(std::uint64_t round, creation_id creation) const noexcept;
  [[nodiscard]] bool knows(std::uint64_t round) const noexcept;
  /// `awaited` → `learned`.
  void mark_learned(std::uint64_t round, creation_id creation) noexcept;
  /// Adds the creations that await feedback, spares among them.
  void refer(std::vector<creation_id>& to) const;
  [[nodiscard]] bool awaits(creation_id creation) const noexcept;
  /// The oldest round of which a shown creation still awaits feedback; the next one's where there is none.
  [[nodiscard]] std::uint64_t oldest_awaited(std::uint64_t next) const noexcept {
    const auto first = std::find_if(slates_.begin(), slates_.end(), [](const entry& s) { return s.awaited > 0; });
    return first == slates_.end() ? next : first->round;
  }
  /// The creations that the last slate would show, best first.
  [[nodiscard]] per_slot<creation_id> last() const;
  /// N of the last slate; 0 when there was none.
  [[nodiscard]] std::uint32_t last_slots() const noexcept { return slates_.empty() ? 0 : slates_.back().slots; }
  /// Oldest first.
  [[nodiscard]] std::vector<remembered_slate> save() const;
  /// The memory that was saved. Nothing where the slates aren't ones.
  [[nodiscard]] static std::optional<slate_memory> restored(std::span<const remembered_slate> slates);

private:
  struct entry {
    std::uint64_t round;
    std::uint16_t slots;   ///< N
    std::uint16_t size;    ///< creations, spares included
    std::uint16_t awaited; ///< shown creations not learned
    circumstances of;
  };
  /// A learned creation is marked in its topmost bit; ids of subspaces leave it free.
  static constexpr std::uint64_t learned_bit = std::uint64_t{1} << 63;
  static bool is_learned(creation_id c) noexcept { return raw(c) & learned_bit; }
  static creation_id plain(creation_id c) noexcept { return creation_id{raw(c) & ~learned_bit}; }

  /// Where the round's slate starts in `creations_`, and its entry; {0, nullptr} when forgotten.
  struct place {
    std::size_t first;
    const entry* found;
  };
  [[nodiscard]] place find(std::uint64_t round) const noexcept;
  void forget(std::size_t index);

  boost::container::small_vector<entry, 1> slates_;
  std::vector<creation_id> creations_; // of all slates, one after the other
  std::vector<float> scores_;          // of each
};

} // namespace ammo
