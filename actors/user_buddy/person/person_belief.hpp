/// What a User Buddy believes of its person, whatever the rewards look like.
/// Pure: no CAF, no clock. Its state is a value: two copies that learn the same believe the same, bit for bit.
#pragma once

#include "actors/base/shared_copy.hpp"
#include "actors/protocol/state/person_state.hpp"
#include "actors/user_buddy/belief/belief.hpp"
#include "actors/user_buddy/person/pooled.hpp"
#include "actors/user_buddy/person/strand.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

/// A reward of one shown creation, or that it is preferred to another one.
struct outcome {
  creation_id creation = no_creation;
  creation_id than = no_creation; ///< `creation` is preferred to that one, and `reward` says nothing; `no_creation`: a reward
  double reward = 0;
  std::uint32_t slot = 0; ///< from 0
};

/// A round that was learned.
struct learned_round {
  std::uint64_t round = 0;
  std::uint32_t situation = 0;
  std::vector<outcome> outcomes; ///< by slot
  [[nodiscard]] bool has_rewards() const noexcept {
    return std::ranges::any_of(outcomes, [](const outcome& o) { return o.than == no_creation; });
  }
};

struct person_options : people_options {
  std::uint32_t dim = 0;     ///< of creations
  double temperature = 1;    ///< of a preference between two, in units of the noise
  std::uint32_t window = 64; ///< W: as many rounds may come in any order; up to twice as many are kept
};

class person_belief {
public:
  /// What was believed before something came, so that it can be taken back.
  class earlier;

  explicit person_belief(const person_options& options);

  /// Takes rewards of a round, which may be any round, in one or several parts. `shuffled`: its slots were in random order.
  /// Finite rewards only, up to ±1e15 (the caller checks). What is believed is the same as if rounds had come in order, bit by
  /// bit, for all that comes within W rounds. What comes later is learned as it comes. Where it throws, nothing has changed.
  earlier learn(std::uint64_t round, std::uint32_t situation, bool shuffled, std::span<const outcome> outcomes, const creation_lookup& where);
  /// Keeps between one and two windows before what is newest. Call it once a round that was learned won't be taken back. Where it finds no memory, the
  /// next call does it.
  void move_window(const creation_lookup& where) noexcept;
  /// Learns what was taken since. Call it before reading what is believed: so a round in parts is learned once, and all that
  /// came out of order costs one pass, O(W · N d²) at most. Where it throws, it has still to be done, of
  /// all rounds since the middle of the window: as what is known of people is by then.
  void catch_up(const creation_lookup& where);
  /// The person is interested in a direction (of length 1, in the coordinates of the factor): a belief that begins looks there first.
  /// `situation`: in that one alone; 0: in all. Where it throws, nothing has changed.
  void take_interest(std::span<const float> direction, double confidence, const creation_lookup& where, std::uint32_t situation = 0);
  /// What is known of people in general from now on. Where it throws, nothing has changed.
  earlier hear(const common_belief& common);
  /// Takes back the last thing that was learned or heard since.
  void take_back(earlier before) noexcept;
  /// What the group likes, in the coordinates of the factor, of length ≤ 1: how much of a q it explains. In place of what was heard before.
  /// Where it throws, nothing has changed.
  void hear_group(std::span<const float> liked);
  /// What this person adds to the sums over people.
  [[nodiscard]] pooled_sums statistics() const;

  /// The strand that speaks for a situation: its own where situations are told apart, else the shared one, with what the person says that
  /// they like in this situation. Valid until something is learned.
  [[nodiscard]] const strand& believed(std::uint32_t situation) const;
  /// The reward, in the host's unit, that a value of a strand (intercept and all) stands for.
  [[nodiscard]] double expected(double value) const noexcept;
  /// Why e, in the coordinates of the factor, is expected to earn what it is. Call `catch_up` before. O(d²), and O(d) a reward that is kept.
  [[nodiscard]] belief_reasons reasons(std::uint32_t situation, std::span<const float> e, const creation_lookup& where) const;
  /// +1, or −1 where a larger value of the strand is a worse reward (of two values the first was the better one).
  [[nodiscard]] int sign() const noexcept;
  [[nodiscard]] const look_weights& looks() const noexcept { return looks_; }
  [[nodiscard]] bool looks_matter() const noexcept { return looks_.back() < 1; }
  /// Is it known by now what slots are worth?
  [[nodiscard]] bool tells_slots_apart() const noexcept;
  [[nodiscard]] bool splits() const noexcept;
  /// ln of how much better situations foresaw apart than together.
  [[nodiscard]] double split_evidence() const noexcept { return now_->split; }
  [[nodiscard]] const reward_scale& scale() const noexcept { return scale_; }
  [[nodiscard]] const reward_counts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::uint32_t dim() const noexcept { return options_.dim + 1; }
  [[nodiscard]] std::size_t restarts() const noexcept { return now_->shared.restarts; }
  [[nodiscard]] std::size_t rounds_kept() const noexcept { return rounds_.size(); }
  /// Adds the creations that it may look up again.
  void refer(std::vector<creation_id>& to) const;

  [[nodiscard]] person_belief_state save() const;
  /// Nothing where the state contradicts itself or doesn't fit the options.
  [[nodiscard]] static std::optional<person_belief> restored(const person_options& options, const person_belief_state& s);

private:
  struct beliefs {
    strand shared;
    std::map<std::uint32_t, strand> separate;
    double split = 0;        ///< ln of how much better the separate ones foresaw
    std::size_t learned = 0; ///< of `rounds_`, how many it has learned
  };
  /// Of which moment `now_` has to begin again.
  enum class from : std::uint8_t { now,
                                   middle,
                                   base };

  [[nodiscard]] const strand_prior& prior() const noexcept;
  void choose_scale();
  void look_for_slots();
  void measure();
  void tell_level(pooled_sums& p, const strand& s) const;
  [[nodiscard]] beliefs beginning() const;
  /// The same to all three moments: those that are one stay one. Where it throws, nothing has changed.
  template <class F> void to_each(F change);
  void begin_again();
  [[nodiscard]] strand afresh(const strand& s, std::uint32_t situation) const;
  /// What the person says they like: in all situations, and where `situation` isn't 0 in this one.
  void interest(strand& s, std::uint32_t situation) const;
  void absorb(strand& s, const heard_interest& i) const;
  void go_back(from where) noexcept;
  /// `round`: the one that is about to be learned; nothing: none.
  [[nodiscard]] earlier before(std::optional<std::uint64_t> round) const;
  void take(std::uint64_t round, std::uint32_t situation, bool shuffled, std::span<const outcome> outcomes, const creation_lookup& where);
  void learn_late(std::uint32_t situation, std::span<const outcome> outcomes, const creation_lookup& where);
  void advance(beliefs& b, const creation_lookup& where) const;
  void look_for_change(strand& s, std::size_t at, bool alone, const creation_lookup& where) const;
  [[nodiscard]] observations observe(std::span<const outcome> outcomes, const creation_lookup& where) const;

  person_options options_;
  shared_copy<common_belief> common_{common_belief{}};
  reward_counts counts_;
  reward_scale scale_;
  bool scaled_ = false;
  look_weights looks_;
  struct slot_sums {
    std::array<double, most_positions> shown{}, seen{}, seen2{};
  };
  shared_copy<slot_sums> by_slot_{slot_sums{}}; ///< of rounds in random order: how often, and what came of it
  shared_copy<beliefs> base_, middle_, now_; ///< before the window, in it, and now: what comes late is learned from there on
  from behind_ = from::now;
  std::vector<learned_round> rounds_; ///< look-back and window, ascending
  std::vector<heard_interest> interests_;
  mutable std::map<std::uint32_t, strand> leaning_; // by situation: the shared strand with its interests, made when it is asked for
  std::vector<float> group_; ///< that was heard last; empty: nothing
};

class person_belief::earlier {
  friend person_belief;
  shared_copy<common_belief> common;
  reward_counts counts;
  reward_scale scale;
  bool scaled = false;
  look_weights looks{};
  shared_copy<slot_sums> by_slot;
  shared_copy<beliefs> base, middle, now;
  from behind = from::now;
  std::optional<std::uint64_t> round; ///< that was learned
  std::vector<outcome> outcomes;      ///< of it, that were known; empty: it wasn't
};

} // namespace ammo
