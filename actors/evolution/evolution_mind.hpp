/// The mind of Evolution: the populations of strains of both kinds of buddy, what their agents' hubs have reported of them, and
/// the next generation. Pure.
#pragma once

#include "actors/evolution/pbt.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/space/regret.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace ammo {

struct evolution_config {
  std::uint32_t strains = 20;         ///< of User Buddies, and of Goal Buddies in each subspace; ≥ 2
  std::vector<gene> user_genes{};     ///< empty: User Buddies don't evolve
  std::vector<gene> goal_genes{};     ///< empty: Goal Buddies don't
  std::uint32_t shards = 1;           ///< that report on User Buddies
  std::uint32_t subspaces = 1;        ///< each reports on its Goal Buddies
  double truncation = 0.2;            ///< see `pbt_options`; 0: nobody is ever replaced
  std::uint32_t patience = 3;         ///< generations that a strain lives at least
  double diversity_floor = 0.05;      ///< see `strain_population::diversity`
  std::uint64_t seed = 1;
};

struct evolution_mind_state;
struct strain_group_state;

class evolution_mind {
public:
  /// Founders at random. Errors: `bad_value`, `empty_population` where no kind of buddy has genes or there are no strains.
  static result<evolution_mind> found(evolution_config config);

  /// The strains that play now.
  [[nodiscard]] strain_news news() const;
  /// How they do. Errors (nothing changes): `stale_epoch` for another generation or a period heard before of the same
  /// source, `bad_value` for a shard that there isn't, `wrong_dimension` for another number of strains, `empty_population` for
  /// a kind of buddy (or a subspace) that doesn't evolve.
  errc take(const strain_report& r);
  /// Has everyone reported in this generation?
  [[nodiscard]] bool complete() const noexcept;
  /// Ends a generation. A strain's score is the mean gain of its agents, less the mean of all strains, averaged over its last
  /// generations; it is complete, and the strain a possible parent, once everyone who reports on it has. Where somebody hasn't,
  /// nothing is judged by halves: that kind of buddy keeps its strains and scores as they are. Returns how many
  /// kinds were left so.
  std::size_t close();
  [[nodiscard]] evolution_report told() const;
  [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; } ///< ended so far
  [[nodiscard]] const evolution_config& config() const noexcept { return config_; }

  [[nodiscard]] evolution_mind_state save() const;
  /// The same mind again, to the bit. Errors: `bad_state` where the state contradicts itself or doesn't fit the
  /// configuration, and those of `found`.
  [[nodiscard]] static result<evolution_mind> restore(evolution_config config, const evolution_mind_state& state);

private:
  /// What is remembered of a strain's scores.
  struct standing {
    lineage_id whose = 0;
    std::uint32_t generations = 0;
    double score = 0;
  };
  /// All strains of User Buddies, or of the Goal Buddies of one subspace.
  struct group {
    buddy_kind kind;
    subspace_id subspace;
    std::uint32_t sources; // that report on it
    std::vector<strain_tally> tallies{};            // by place; of the generation under way
    std::vector<standing> standings{};              // by place
    std::map<std::uint32_t, std::uint64_t> heard{}; // period that a source was heard of last
    std::set<std::uint32_t> complete{};             // sources heard in this generation
    std::vector<generation_record> records{};
  };

  static constexpr std::size_t remembered_generations = 1'024;

  explicit evolution_mind(evolution_config config) : config_(std::move(config)) {}
  [[nodiscard]] pbt_options options_for(const std::vector<gene>& genes) const;
  /// Its groups, as the configuration has them, with nothing in them; and whether that is a sound one.
  result<void> group_up();
  result<void> restore(group& g, const strain_group_state& state) const;
  [[nodiscard]] result<strain_population> populate(const std::vector<gene>& genes, std::uint32_t specialisations, std::uint64_t salt) const;
  [[nodiscard]] const std::vector<gene>& genes_of(buddy_kind kind) const noexcept;
  [[nodiscard]] strain_population& strains_of(buddy_kind kind) noexcept { return *(kind == buddy_kind::user ? users_ : goals_); }
  [[nodiscard]] const strain_population& strains_of(buddy_kind kind) const noexcept { return *(kind == buddy_kind::user ? users_ : goals_); }
  [[nodiscard]] std::vector<const pbt_member*> members(const group& g) const;
  void judge(group& g);
  [[nodiscard]] static generation_record summary(const group& g);
  [[nodiscard]] evolved_kind told(const group& g) const;

  evolution_config config_;
  std::optional<strain_population> users_, goals_;
  std::vector<group> groups_;
  std::uint64_t generation_ = 0;
};

/// Do the same strains play?
[[nodiscard]] bool same_strains(const evolution_mind_state& a, const evolution_mind_state& b) noexcept;
/// What another process goes on from: strains that play, their scores and the last generations, without those that are gone and without the hubs, which begin to count anew there.
[[nodiscard]] evolution_mind_state without_history(evolution_mind_state whole);

} // namespace ammo
