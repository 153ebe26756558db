/// What evolution holds, as values: populations of strains, what hubs have reported of them, and the hubs' own books.
#pragma once

#include "actors/protocol/messages/evolution.hpp"

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

namespace ammo {

/// An agent of a hub's book: its period, and its past.
struct fitness_state {
  std::uint64_t agent = 0;
  std::uint32_t rounds = 0, rewarded = 0, satisfied = 0, firsts = 0, accurate = 0; ///< of the period
  double reward = 0;                                                               ///< of the period
  double given = 0;                                                                ///< all its rewards
  std::uint64_t impressions = 0;                                                   ///< how many these are
  double scores = 0;                                                               ///< Σ of the generation's periods
  std::uint32_t periods = 0;
  bool known = false; ///< has it a past
  double past = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.agent, s.rounds, s.rewarded, s.satisfied, s.firsts, s.accurate, s.reward, s.given, s.impressions,
                    s.scores, s.periods, s.known, s.past);
  }
};

struct fitness_book_state {
  std::uint64_t generation = 0;
  std::uint32_t strains = 0;
  std::vector<fitness_state> agents; ///< by agent, ascending
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.generation, s.strains, s.agents); }
};

struct pbt_member_state {
  std::uint64_t id = 0;
  std::uint32_t specialisation = 0;
  std::vector<double> genes;
  std::uint64_t born = 0;
  std::optional<double> score;
  bool checkpoint = false;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.id, s.specialisation, s.genes, s.born, s.score, s.checkpoint);
  }
};

struct lineage_state {
  std::uint64_t id = 0;
  std::uint32_t specialisation = 0;
  std::uint64_t predecessor = 0, parent = 0, born = 0;
  std::vector<double> genes;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.id, s.specialisation, s.predecessor, s.parent, s.born, s.genes);
  }
};

struct strain_population_state {
  std::uint64_t random = 0; ///< of its generator
  std::vector<pbt_member_state> members;
  std::vector<lineage_state> lineage; ///< by id, ascending
  std::uint64_t next = 1, forgotten = 0, generation = 0;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.random, s.members, s.lineage, s.next, s.forgotten, s.generation);
  }
};

/// A strain's score over its last generations.
struct standing_state {
  std::uint64_t whose = 0;
  std::uint32_t generations = 0;
  double score = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.whose, s.generations, s.score); }
};

/// When a hub was heard of.
struct hub_state {
  std::uint32_t source = 0;
  std::uint64_t period = 0;   ///< the last one
  bool in_generation = false; ///< was it in this generation
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.source, s.period, s.in_generation); }
};

/// All strains of User Buddies, or of the Goal Buddies of one subspace.
struct strain_group_state {
  std::vector<strain_tally> tallies;     ///< by place
  std::vector<standing_state> standings; ///< by place
  std::vector<hub_state> heard;          ///< by source, ascending
  std::vector<generation_record> records;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.tallies, s.standings, s.heard, s.records); }
};

struct evolution_mind_state {
  static constexpr std::uint16_t kind = 7;
  std::uint64_t generation = 0;
  std::optional<strain_population_state> users, goals;
  std::vector<strain_group_state> groups; ///< that of User Buddies, where they evolve, then those of subspaces
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.generation, s.users, s.goals, s.groups); }
};

} // namespace ammo
