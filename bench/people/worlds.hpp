/// The worlds of "People as they are": what people's rewards look like when nobody has arranged them.
/// Pure; all randomness follows from (seed, person, round).
#pragma once

#include "actors/space/catalogue.hpp"
#include "actors/base/random.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace people_bench {

enum class response : std::uint8_t {
  line,     ///< offset + slope u + N(0, sigma²)
  stars,    ///< 3 + 2u + N(0, 0.8²), rounded into 1…5
  clicks,   ///< Bernoulli, logit = logit(base) + 4u
  revenue,  ///< exp(1.5 u + 1.5 z)
  purchase, ///< with probability `base` exp(2u + z), else 0
  heart,    ///< −1 for the first quarter whatever is shown, then 0.5 + 0.5u + N(0, 0.1²)
};

enum class drift : std::uint8_t { none, slow, jumps };

struct world {
  std::string name;
  response answers = response::line;
  std::uint32_t rounds = 1500;
  double bar = 0; ///< most mean regret; 0: none is stated. Of `heart`: most rounds to come back
  double today = 0; ///< what validation.md says of today's default; 0: nothing
  std::uint32_t dim = 16, creations = 500;
  double offset = 0, slope = 1, sigma = 0.3, base = 0.02;
  double told_scale = 1, told_offset = 0; ///< people's rewards are coded as scale · r + offset
  std::uint32_t delay = 0, spread = 0;    ///< told `delay` rounds later, and up to `spread` more
  drift drifts = drift::none;
  std::uint32_t pieces = 5;     ///< q's of a person who drifts
  std::uint32_t situations = 1, daypart = 7;
  double alike = 1;             ///< cosine of two situations' q
  bool positions = false;       ///< looked at with 1/rank, else 0
};

inline constexpr std::size_t slots = 5;

/// The listed worlds, then variants of them that are not listed.
[[nodiscard]] std::vector<world> listed_worlds();
[[nodiscard]] std::vector<world> unlisted_worlds();

/// Creations, uniform on the unit sphere, and who looks at them.
struct subspace_of_people {
  world where;
  std::uint64_t seed = 0;
  std::shared_ptr<const ammo::catalogue_version> live;
  std::vector<std::vector<float>> rows;                   ///< by content
  std::vector<std::vector<std::vector<float>>> directions; ///< by person: pieces of a drift, or situations
};
[[nodiscard]] subspace_of_people make_people(const world& w, std::uint64_t seed, std::size_t people);

/// A person's q in a round.
[[nodiscard]] std::vector<float> preference(const subspace_of_people& s, std::size_t person, std::uint32_t round);
[[nodiscard]] std::uint32_t situation(const world& w, std::uint32_t round);
/// Expected reward, before it is coded, of a creation looked at, and how likely the slot is looked at.
[[nodiscard]] double expected(const world& w, double u, std::uint32_t round);
[[nodiscard]] double looked_at(const world& w, std::size_t slot);
/// What the person's host says, coded: the same numbers whoever shows it.
[[nodiscard]] double reward(const subspace_of_people& s, std::size_t person, std::uint32_t round, std::uint64_t content,
                            std::size_t slot, double u);

} // namespace people_bench
