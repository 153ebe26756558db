/// Population-based training (Jaderberg et al., arXiv 1711.09846): who of a population goes, who is copied in its
/// place, and with which hyper-parameters. Lives here: the decisions, the lineage and the measure of diversity. The
/// members' states (checkpoints) stay with their owners, who copy them as told. Pure.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/random.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ammo {

using lineage_id = std::uint64_t; ///< of one member, never given twice

/// The range of one hyper-parameter.
struct gene_range {
  double low = 0, high = 1;
  bool logarithmic = false; ///< distances are ratios: of a scale, such as a standard deviation; low > 0 then

  [[nodiscard]] double place_of(double value) const noexcept; ///< in [0, 1], of a value in the range
  [[nodiscard]] double at(double place) const noexcept;
};

struct pbt_options {
  std::vector<gene_range> ranges; ///< one for each hyper-parameter
  double truncation = 0.2;        ///< share of a specialisation that is replaced and, at the other end, copied; (0, ½]
  double down = 0.8, up = 1.2;    ///< an heir's hyper-parameters are multiplied by one of the two, by lot
  double inherited = 0.5;         ///< chance that an heir's hyper-parameter is its parent's, not its predecessor's
  std::size_t patience = 3;       ///< generations that a member lives at least
  double diversity_floor = 0.05;  ///< see `strain_population::diversity`; in [0, 0.2]
};

/// One member; only members of one specialisation are compared.
struct pbt_member {
  lineage_id id = 0;
  std::uint32_t specialisation = 0;
  std::vector<double> genes; ///< hyper-parameters, within their ranges
  std::size_t born = 0;      ///< in which generation
  std::optional<double> score; ///< as last reported
  bool checkpoint = false;   ///< its state is stored whole: it may be copied
};

/// A replacement: the owner of `heir` starts from `parent`'s checkpoint, with the heir's hyper-parameters.
struct succession {
  lineage_id retired = 0, parent = 0; ///< parent 0: nobody could be copied, it starts from nothing
  pbt_member heir;
  bool newcomer = false; ///< its hyper-parameters were drawn afresh, to keep the population diverse
};

/// Where a member comes from.
struct lineage_record {
  lineage_id id = 0;
  std::uint32_t specialisation = 0;
  lineage_id predecessor = 0, parent = 0; ///< 0: none, a founder
  std::size_t born = 0;
  std::vector<double> genes;
};

struct strain_population_state;

/// A population that evolves, a generation at a time.
class strain_population {
public:
  /// Errors: `bad_value` for options out of range, `not_finite`.
  static result<strain_population> found(pbt_options options, std::uint64_t seed);

  /// Hyper-parameters at random, each uniform over its range (its logarithm, where the range says so).
  [[nodiscard]] std::vector<double> draw();
  /// A founder with hyper-parameters of its own. Its id.
  /// Errors: `wrong_dimension`, `not_finite`, `gene_out_of_range`.
  result<lineage_id> admit(std::uint32_t specialisation, std::vector<double> genes);
  /// The same under an id that was given elsewhere (a checkpoint).
  /// Errors also: `duplicate_lineage` for 0, an id that has been here, and one older than a forgotten one.
  result<void> admit_as(lineage_id id, std::uint32_t specialisation, std::vector<double> genes);
  /// How well a member does (more is better), and whether its checkpoint is complete.
  /// Errors: `unknown_goal` for an id that isn't (or no longer) here, `not_finite`.
  result<void> report(lineage_id id, double score, bool checkpoint);

  /// Ends a generation: in each specialisation, of the members with a score, the worst share that is old enough gives
  /// way to copies of those of the best share that have a checkpoint; one to one at least, by rank where scores are
  /// equal. Where diversity is below its floor then, heirs and then the worst, of any age, get hyper-parameters drawn
  /// afresh until it isn't. Heirs start without score and checkpoint. Copy all parents before anyone starts: a parent
  /// may itself be retired. O(members log members); O(members²) where diversity is restored.
  /// The specialisations of `left_alone` stay as they are.
  std::vector<succession> next_generation(std::span<const std::uint32_t> left_alone = {});

  /// Records that are kept beside those of members.
  static constexpr std::size_t remembered = 4'096;
  [[nodiscard]] std::size_t generation() const noexcept { return generation_; }
  [[nodiscard]] std::span<const pbt_member> members() const noexcept { return members_; }
  [[nodiscard]] std::span<const lineage_record> lineage() const noexcept { return lineage_; } ///< oldest first; of the gone, the last `remembered`
  /// The mean over hyper-parameters of their standard deviation within a specialisation, in units of their range (`place_of`); 0 of
  /// fewer than two members. At most ½.
  [[nodiscard]] double diversity(std::uint32_t specialisation) const;

  [[nodiscard]] strain_population_state save() const;
  /// The same population again. Errors: those of `found`, `bad_state`.
  [[nodiscard]] static result<strain_population> restore(pbt_options options, const strain_population_state& state);

private:
  [[nodiscard]] bool in_range(const std::vector<double>& genes) const noexcept;

  strain_population(pbt_options options, std::uint64_t seed);
  [[nodiscard]] std::vector<std::size_t> group(std::uint32_t specialisation) const;
  void forget();
  void select(std::uint32_t specialisation, std::vector<succession>& changes);
  void succeed(std::size_t place, lineage_id parent, std::vector<double> genes, bool newcomer,
               std::vector<succession>& changes);
  void diversify(std::uint32_t specialisation, std::vector<succession>& changes);
  [[nodiscard]] std::vector<double> recombine(const pbt_member& own, const pbt_member& parent);
  [[nodiscard]] std::vector<double> far_from(const std::vector<std::size_t>& places, std::size_t place) const;

  pbt_options options_;
  splitmix64 random_;
  std::vector<pbt_member> members_;
  std::vector<lineage_record> lineage_;
  lineage_id next_ = 1, forgotten_ = 0; // the newest id of which no record is kept; no older one is taken again
  std::size_t generation_ = 0;
};

} // namespace ammo
