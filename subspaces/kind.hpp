/// Kinds of subspace: what a kind must say so that its content can be played. coin, job and edu are three of them; a
/// host describes its own the same way and adds it with the same call (`kind_list::add`). Lives here: the description,
/// standard library only. May not live here: any kind's own files or words.
#ifndef AMMO_KIND_HPP // hosts see this file as ammo/kind.hpp: one guard for both
#define AMMO_KIND_HPP

#include "actors/base/export.hpp"
#include "actors/base/item.hpp"
#include "actors/base/result.hpp"
#include "actors/protocol/signal.hpp"
#include "actors/protocol/written.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

class text_index;

/// One piece of content that a Goal Buddy stands for.
struct content_item {
  std::string key{};            ///< stable name in the data ("ethereum/USDC", "15-1252.00", "11.0701"); unique
  std::string title{};          ///< for people
  std::uint64_t owner = 0;      ///< who stands behind it: a coin's origin chain, a programme's family, a film's studio
  std::vector<fact> facts{};    ///< what may be written of it; a "title" comes first, the item's where none is said
  std::string text{};           ///< words that tell where it lies; empty once the content is loaded
  std::vector<float> columns{}; ///< measures that tell where it lies; empty once the content is loaded
  std::vector<std::uint32_t> tags{}; ///< what an ask can name it by (`content_set::tags`); at most 64
};

/// A person whose real choices are known, before some are held out. A unit is held out as a whole: an item, or all
/// items of a platform.
struct real_choices {
  std::string key{}; ///< "osmosis", "15-1252.00", "survey 4711"
  /// Positions in the items; two units or more, no item in two of them.
  std::vector<std::vector<std::uint32_t>> units{};
};

/// A person whose real choices are known: positions in `content::items`.
struct chooser {
  std::string key;
  std::vector<std::uint32_t> chosen;   ///< what is learned from
  std::vector<std::uint32_t> held_out; ///< what isn't; a slate that shows one of them is a hit
};

/// How many coordinates an embedding has, how the held-out choices are drawn, and the seed of both.
struct content_options {
  std::uint32_t dim = 0; ///< 0: the kind's default
  /// Share of each chooser's units that is held out, rounded down, but one at least; 0: none. In [0, 1).
  double hold_out = 0.3;
  std::uint64_t seed = 1;
};

/// Everything that a deployment needs to know of a subspace's content.
struct content {
  std::uint32_t dim = 0;
  std::vector<content_item> items;
  std::vector<float> embeddings;           ///< items.size() × dim, row-major; norm ≤ 1: the grounded facts
  std::vector<chooser> choosers;           ///< may be empty
  std::vector<std::uint32_t> popularity;   ///< how often each item was chosen, held-out choices not counted
  std::shared_ptr<const text_index> words; ///< what a stated interest means here; null where no item has words
  std::string attribution;                 ///< what has to be said of the data, with its licence

  /// Where the facts of an item lie. Valid as long as the embeddings.
  [[nodiscard]] std::span<const float> embedding(std::size_t position) const {
    return std::span(embeddings).subspan(position * dim, dim);
  }
};

/// What a kind has read: its items, its people, and (where the library's way doesn't fit) how items become coordinates.
struct read_content {
  std::vector<content_item> items{};
  std::vector<real_choices> choices{}; ///< of people whose choices are known; may be empty
  std::string attribution{};           ///< what has to be said of the data, with its licence; or empty
  /// What grounds the creation of one item, where that depends on choices that aren't held out; empty: the item's
  /// `facts`.
  std::function<std::vector<fact>(const content& known, std::size_t position)> facts{};
  /// Embeddings of all items, items × `options.dim`, row-major, norm ≤ 1. `known` has items, choosers and popularity,
  /// and nothing of what is held out. Empty: `embed_columns` where items have columns, `embed_texts` where they don't.
  std::function<result<std::vector<float>>(const content& known, const content_options& options)> embed{};
};

/// Texts as coordinates: tf-idf, projected to its principal axes, centred, norm 1. O(words · dim²).
[[nodiscard]] AMMO_EXPORT result<std::vector<float>> embed_texts(const content& known, const content_options& options);
/// Columns as coordinates: scaled to norm 1, and where there are more than `options.dim`, projected to principal axes.
/// Their scales are the caller's business (z-scores). Errors: `bad_layout` where items have fewer columns than `dim`,
/// or differ.
[[nodiscard]] AMMO_EXPORT result<std::vector<float>> embed_columns(const content& known, const content_options& options);

/// A sentence with places for facts ("{title} comes from {chain}."); used where all of its facts are there. "{nearby}"
/// is what is offered close by, two titles at most, never its own. `each`: the form is one fact alone, whose sentences
/// may be told each for itself.
struct form {
  std::string text{};
  double weight = 0; ///< told before others; 2 and more: always
  bool each = false;
};

/// How items of a kind are rendered: title, sentences from facts, and a link.
struct forms {
  std::vector<form> told{};         ///< in the order of reading
  std::string action = "Read more"; ///< what a person may do at the link
};

/// How a subspace is shown to people. Plain texts: a page escapes them.
struct presentation {
  std::string label{};  ///< what people call it: "Coins"; empty: its name
  std::string emblem{}; ///< a character or two that stand for it; or empty
  std::string accent{}; ///< its colour, as "#b45309"; empty: the page's own
  std::string action{}; ///< what a person may do at an item's link; empty: as `forms::action` says
  friend bool operator==(const presentation&, const presentation&) = default;
};

/// An item's title, body and link as texts with places for facts: "{title} ({symbol})". One that is empty, or that lacks a fact, leaves that
/// part as it is.
struct item_form {
  std::string title{}, body{}, link{};
  [[nodiscard]] bool any() const noexcept { return !title.empty() || !body.empty() || !link.empty(); }
  friend bool operator==(const item_form&, const item_form&) = default;
};

/// How many coordinates a kind's content can have, and has where nobody says.
struct width_range {
  std::uint32_t least = 1, usual = 32, most = 256; ///< usual 0: the deployment must say
};

/// A kind of subspace. Filled by name; immutable once added. Its functions are called on any thread, and must not
/// throw.
struct subspace_kind {
  std::string name{}; ///< what `[[subspace]] kind` says; unique
  width_range width{};
  /// Reads all content. `data_root` is the deployment's. Errors by name, `missing_data` and `bad_data_line` above all.
  /// Empty: the kind has no content of its own, the host adds Goal Buddies while it runs.
  std::function<result<read_content>(const std::string& data_root)> read{};
  forms writing{{{"{text}", 1, true}}, "Read more"}; ///< how an item is told of
  /// An item as a person sees it, from its facts; empty: by `writing`.
  std::function<item(const std::vector<fact>& facts)> render{};
  signal_table signals = default_signals(); ///< what a person can do, and what it is worth; in the order of a page's buttons
  presentation look{};                      ///< how the subspace is shown
};

/// The kinds that a deployment may name: those added here, and coin, job, edu and host. A value; copies share their
/// kinds.
class AMMO_EXPORT kind_list {
public:
  /// Errors: `bad_value` for a name that is empty or taken, a range of widths without its usual one, a signal without a
  /// name or named twice; `reward_out_of_range` or `not_finite` for a signal's worth.
  result<void> add(subspace_kind kind);
  /// Null where there is none of that name.
  [[nodiscard]] std::shared_ptr<const subspace_kind> find(std::string_view name) const noexcept;
  /// All names: coin, job, edu, host, and those added, in this order.
  [[nodiscard]] std::vector<std::string_view> names() const;
  friend bool operator==(const kind_list&, const kind_list&) = default; ///< the same kinds, not only the same names

private:
  std::vector<std::shared_ptr<const subspace_kind>> added_;
};

/// The kind of a CSV file with the columns key, title, owner and text, one item a row; title and text become
/// coordinates. A column "tags", where there is one, has whole numbers with blanks between. Errors of its content: `missing_data`, `bad_data_line`.
[[nodiscard]] AMMO_EXPORT subspace_kind csv_kind(std::string name, std::string path);

/// An item of a kind as a person sees it.
[[nodiscard]] AMMO_EXPORT item rendered(const subspace_kind& kind, const std::vector<fact>& facts);
/// The same, with the parts that `how` says made by it.
[[nodiscard]] AMMO_EXPORT item rendered(const subspace_kind& kind, const std::vector<fact>& facts, const item_form& how);

} // namespace ammo

#endif
