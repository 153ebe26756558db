/// How a subspace's real data enters the game: content becomes embeddings, facts ground creations, real choices become
/// the preferences of people. One loader for each of coin, job, edu; a host brings its own content as the same struct.
/// Lives here: the shape. May not live here: actors, CAF, printing.
#pragma once

#include "actors/protocol/written.hpp"
#include "subspaces/text_index.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// One piece of content that a Goal Buddy stands for.
struct content_item {
  std::string key;       ///< stable name in the data ("ethereum/USDC", "15-1252.00", "11.0701")
  std::string title;     ///< for people
  std::uint64_t goal = 0;  ///< the Goal Buddy (position in `content::items`, unless several items share one)
  /// Who stands behind it: a coin's origin chain, an occupation's major group, a programme's family, a resource's host.
  std::uint64_t owner = 0;
  std::vector<fact> facts{}; ///< what the data say of it, "title" first: what may be written of it
};

/// A person whose real choices are known: indices into `content::items`.
struct chooser {
  std::string key;                   ///< "osmosis", "15-1252.00", "survey 4711"
  std::vector<std::uint32_t> chosen; ///< what is learned from
  std::vector<std::uint32_t> held_out; ///< what isn't; a slate that shows one of them is a hit
};

/// Everything that a deployment needs to know of a subspace's data.
struct content {
  std::uint32_t dim = 0;
  std::vector<content_item> items;
  std::vector<float> embeddings;     ///< items.size() × dim, row-major; norm ≤ 1: the grounded facts
  std::vector<chooser> choosers;     ///< may be empty
  std::vector<std::uint32_t> popularity; ///< how often each item was chosen, held-out choices not counted
  std::shared_ptr<const text_index> words; ///< what a stated interest means here; null where no item has words
  std::string attribution;           ///< what has to be said of the data, with its licence

  /// Where the facts of an item lie. Valid as long as the embeddings.
  [[nodiscard]] std::span<const float> embedding(std::size_t item) const {
    return std::span(embeddings).subspan(item * dim, dim);
  }
};

/// How many coordinates, and how the held-out choices are drawn.
struct content_options {
  std::uint32_t dim = 0;        ///< 0: the subspace's default
  /// Share of each chooser's choices that is held out, rounded down, but one at least; 0: none. Choices are items of
  /// coin and job (choosers have three or more), and whole platforms of edu (choosers have two or more).
  double hold_out = 0.3;
  std::uint64_t seed = 1;       ///< of the hold-out and of the projections
};

/// Loads coin, job or edu from `data_root`/NAME/data (edu also reads job's). Errors: `unknown_subspace` (with the names
/// that exist), `missing_data` (which file), `bad_data_line` (file, line, what was expected), `bad_layout` for a dim
/// that the subspace can't give (coin 1 to 256, job 1 to 96, edu 4 to 256), `bad_value` for a hold_out outside [0, 1).
result<content> load_content(std::string_view name, const std::string& data_root, const content_options& options);

/// A host's own content: a CSV file with the columns key, title, owner and text, one item a row; title and text become
/// coordinates as a coin's do (1 to 256, default 32). No choosers. Errors: as `load_content`.
result<content> load_csv_content(const std::string& path, const content_options& options);

/// What lies close to an item: other items by the distance of their facts, nearest first, `most_neighbours` at most.
[[nodiscard]] std::vector<neighbour> neighbours_of(const content& c, std::size_t item);

/// Default number of coordinates of coin, job, edu; 0 for an unknown name.
[[nodiscard]] std::uint32_t default_dim(std::string_view name) noexcept;

/// The hidden q of a simulated person who stands for a chooser: the normalised mean of the chosen items' embeddings;
/// every further person of the same chooser (`copy` ≥ 1) is a bootstrap resample of the choices. A chooser that isn't
/// there or has chosen nothing: a random direction.
[[nodiscard]] std::vector<float> preference_of(const content& c, std::size_t chooser, std::uint64_t copy,
                                               std::uint64_t seed);

} // namespace ammo
