/// What a User Buddy believes of its person, whatever the rewards look like: the default learner.
/// Pure: no CAF, no clock. Its state is a value: two copies that learn the same believe the same, bit for bit.
#pragma once

#include "bench/people/learner/pooled.hpp"
#include "bench/people/learner/strand.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <span>
#include <vector>

namespace ammo {

/// Where a creation is; asked for creations of the last rounds when they have to be learned again.
struct embeddings {
  virtual ~embeddings() = default;
  /// e of a creation, to `out`.
  virtual void copy(std::uint64_t creation, std::span<float> out) const = 0;
};

/// A reward of one shown creation.
struct outcome {
  std::uint64_t creation = 0;
  double reward = 0;
  std::uint32_t slot = 0; ///< from 0
};

/// A round that was learned.
struct learned_round {
  std::uint64_t round = 0;
  std::uint32_t situation = 0;
  std::vector<outcome> outcomes; ///< by slot
};

struct person_options {
  std::uint32_t dim = 0;      ///< of creations
  std::uint32_t window = 64;  ///< W: rounds that may come in any order
  double change_threshold = 8;///< ln of the Bayes factor at which what was learned before a change is let go
  double split_threshold = 8; ///< ln of the Bayes factor at which situations are told apart
  bool drift = true, situations = true, positions = true, heavy = true, two_valued = true;
};

class person_belief {
public:
  explicit person_belief(const person_options& options);

  /// Learns rewards of a round, which may be any round, in one or several parts. `shuffled`: its slots were in random order.
  /// Finite rewards only, up to ±1e15 (the caller checks).
  void learn(std::uint64_t round, std::uint32_t situation, bool shuffled, std::span<const outcome> outcomes,
             const embeddings& where);
  /// Learns the window's rounds again where something came out of order since. Call it before reading what is believed: so
  /// much that is late costs one pass. O(W · N d²) at most.
  void catch_up(const embeddings& where);
  /// What is known of people in general from now on.
  void hear(const common_belief& common);
  /// What this person adds to the sums over people.
  [[nodiscard]] pooled_sums statistics() const;

  /// The strand that speaks for a situation.
  [[nodiscard]] const strand& believed(std::uint32_t situation) const;
  /// +1, or −1 where a larger value of the strand is a worse reward (of two values the first was the better one).
  [[nodiscard]] int sign() const noexcept;
  [[nodiscard]] const look_weights& looks() const noexcept { return looks_; }
  [[nodiscard]] bool looks_matter() const noexcept { return looks_[1] < 1; }
  [[nodiscard]] bool splits() const noexcept;
  /// ln of how much better situations foresaw apart than together.
  [[nodiscard]] double split_evidence() const noexcept { return now_.split; }
  [[nodiscard]] const reward_scale& scale() const noexcept { return scale_; }
  [[nodiscard]] std::uint32_t dim() const noexcept { return options_.dim + 1; }
  [[nodiscard]] std::size_t restarts() const noexcept { return now_.shared.restarts; }

private:
  struct beliefs {
    strand shared;
    std::map<std::uint32_t, strand> separate;
    double split = 0; ///< ln of how much better the separate ones foresaw
  };

  [[nodiscard]] const strand_prior& prior() const noexcept;
  void choose_scale();
  void measure();
  void begin(beliefs& b) const;
  void advance(beliefs& b, std::size_t at, const embeddings& where) const;
  void look_for_change(strand& s, std::size_t at, bool alone, const embeddings& where) const;
  [[nodiscard]] observations observe(const learned_round& r, const embeddings& where) const;

  person_options options_;
  common_belief common_;
  reward_counts counts_;
  reward_scale scale_;
  bool scaled_ = false;
  look_weights looks_;
  std::array<double, most_positions> shown_{}, seen_{}, seen2_{};
  beliefs base_, now_;                ///< before the window, and now
  std::deque<learned_round> rounds_;  ///< look-back and window, ascending
  bool behind_ = false;               ///< `now_` isn't up to date
  std::size_t in_base_ = 0;           ///< of `rounds_`, how many `base_` has learned
};

} // namespace ammo
