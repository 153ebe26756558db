/// Creations written for a request, before any is offered: what `ammo write` shows.
#pragma once

#include "ammo/export.hpp"
#include "ammo/options.hpp"
#include "ammo/written.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ammo {

/// What somebody looks for.
struct writing_wish {
  std::string text;                  ///< in their words, UTF-8
  std::uint32_t count = 3;           ///< Goal Buddies that write, of each subspace: those whose facts lie nearest to the words,
                                     ///< of an owner one, while there are others
  writing_style style{0.7, 0.4};
};

/// One of the creations.
struct draft {
  std::string subspace, key; ///< whose Goal Buddy: "coin", "stride/STRD"
  double match = 0;          ///< cosine between what is looked for and the facts
  errc code = errc::ok;      ///< else nothing was written, and `detail` says why
  std::string detail;
  written_creation text;
  double distance = 0;          ///< ½|e − grounded|² of the text
  std::int64_t cost_micros = 0; ///< what offering it would cost
};

/// Everything that was written for a wish, by subspace, best match first.
struct AMMO_EXPORT drafts {
  std::string wish;
  std::string generator; ///< "template", or a command line
  std::vector<draft> all;
  std::vector<std::string> attributions; ///< what has to be said of the data

  [[nodiscard]] std::string to_text() const; ///< control characters in what was refused are shown as "?"
  [[nodiscard]] std::string to_html() const; ///< a page of its own
};

/// Has the Goal Buddies whom a wish concerns write, by `deployment.goal.generator` ("template" where it is empty); nothing is
/// offered, and nobody pays. `deployment.seed` varies the texts. Blocks until all have written or run out of time. Errors:
/// those of `options::check` and of the content, `bad_text` (no subspace knows a word of the wish), `generator_failed` (its
/// program can't be started).
[[nodiscard]] AMMO_EXPORT result<drafts> write_drafts(const options& deployment, const writing_wish& wish);

} // namespace ammo
