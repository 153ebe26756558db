/// Evolution: strains of hyper-parameters, how they do, where they came from.
#pragma once

#include "actors/base/ids.hpp"
#include "actors/protocol/gene.hpp"
#include "actors/protocol/messages/values.hpp"

#include <cstdint>
#include <tuple>
#include <vector>

namespace ammo {

/// A hyper-parameter and its value.
struct gene_value {
  gene which = gene::noise;
  double value = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.which, s.value); }
  friend bool operator==(const gene_value&, const gene_value&) = default;
};

/// Hyper-parameters that many buddies of one kind play under.
struct strain {
  std::uint64_t lineage = 0;
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{}; ///< of Goal Buddies
  std::vector<gene_value> genes;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.lineage, s.kind, s.subspace, s.genes); }
  friend bool operator==(const strain&, const strain&) = default;
};

/// The strains that play from now on. Who plays which follows from its id and the generation (`dealt_to`).
struct strain_news {
  static constexpr std::uint16_t type = 49;
  std::uint64_t generation = 0;
  std::vector<strain> strains; ///< by kind and subspace, each in its place
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.generation, s.strains); }
  friend bool operator==(const strain_news&, const strain_news&) = default;
};

/// How the agents of one strain did in a period. A Goal Buddy has one round of one impression a period, and its utility for
/// reward.
struct strain_tally {
  std::uint64_t agents = 0;      ///< that had a round
  std::uint64_t judged = 0;      ///< of those, whose own past is known
  std::uint64_t rounds = 0;
  std::uint64_t impressions = 0; ///< with a reward
  std::uint64_t satisfied = 0;   ///< of those, with a reward above 0
  std::uint64_t firsts = 0;      ///< first slots of a slate with a reward
  std::uint64_t accurate = 0;    ///< of those, with no less than their user gives on average
  fixed_sum reward;
  fixed_sum gain;                ///< Σ over the judged agents: what each scored beyond its own past
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.agents, s.judged, s.rounds, s.impressions, s.satisfied, s.firsts, s.accurate, s.reward, s.gain);
  }
  friend bool operator==(const strain_tally&, const strain_tally&) = default;
};

/// How each strain did in a period.
struct strain_report {
  static constexpr std::uint16_t type = 50;
  std::uint64_t period = 0;
  std::uint64_t generation = 0;
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{};            ///< of Goal Buddies
  std::uint32_t shard = 0;           ///< of User Buddies
  std::vector<strain_tally> strains; ///< by place
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.period, s.generation, s.kind, s.subspace, s.shard, s.strains);
  }
  friend bool operator==(const strain_report&, const strain_report&) = default;
};

/// Somebody asks what has evolved. Answered with `evolution_report`.
struct evolution_request {
  static constexpr std::uint16_t type = 51;
  std::uint64_t request = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request); }
  friend bool operator==(const evolution_request&, const evolution_request&) = default;
};

/// A generation of one kind of buddy, as it was when it ended.
struct generation_record {
  std::uint64_t generation = 0;   ///< from 1
  double welfare = 0;             ///< mean reward of a round; of Goal Buddies the mean utility
  double satisfaction = 0;        ///< share of impressions with a reward above 0
  double accuracy = 0;            ///< share of first slots with no less than their user gives on average
  double diversity = 0;           ///< of the generation that followed
  std::uint64_t replaced = 0;     ///< strains that gave way
  std::uint64_t newcomers = 0;    ///< of the new ones, drawn afresh for diversity's sake
  bool complete = false;          ///< everyone who should have reported had
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.generation, s.welfare, s.satisfaction, s.accuracy, s.diversity, s.replaced, s.newcomers, s.complete);
  }
  friend bool operator==(const generation_record&, const generation_record&) = default;
};

/// Where a strain came from: whose place it took, and of whom it is a copy; 0: of nobody.
struct ancestry {
  std::uint64_t lineage = 0, predecessor = 0, parent = 0;
  std::uint64_t born = 0; ///< after which generation
  std::vector<double> genes;
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.lineage, s.predecessor, s.parent, s.born, s.genes);
  }
  friend bool operator==(const ancestry&, const ancestry&) = default;
};

/// A strain that plays now: how it does, the better the higher; nothing before it was judged.
struct strain_standing {
  std::uint64_t lineage = 0;
  bool judged = false;
  double score = 0;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.lineage, s.judged, s.score); }
  friend bool operator==(const strain_standing&, const strain_standing&) = default;
};

/// One kind of buddy, as it has evolved.
struct evolved_kind {
  buddy_kind kind = buddy_kind::user;
  subspace_id subspace{}; ///< of Goal Buddies
  std::vector<gene> genes;
  std::uint64_t best = 0; ///< lineage of the strain that did best of late
  std::vector<double> best_genes;
  std::vector<generation_record> generations;
  std::vector<ancestry> lineage; ///< oldest first
  std::vector<strain_standing> strains; ///< each of them is in `lineage`
  double diversity = 0;                 ///< of these
  template <class S> static constexpr auto fields(S& s) {
    return std::tie(s.kind, s.subspace, s.genes, s.best, s.best_genes, s.generations, s.lineage, s.strains, s.diversity);
  }
  friend bool operator==(const evolved_kind&, const evolved_kind&) = default;
};

/// What has evolved: generations, strains and their scores, lineage.
struct evolution_report {
  static constexpr std::uint16_t type = 52;
  std::uint64_t request = 0;
  std::uint64_t generation = 0; ///< how many have ended
  std::vector<evolved_kind> kinds;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.request, s.generation, s.kinds); }
  friend bool operator==(const evolution_report&, const evolution_report&) = default;
};

} // namespace ammo
