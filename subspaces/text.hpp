/// How words become coordinates: tokens, tf-idf, signed random projection. Everything is a function of its arguments;
/// the same seed gives the same bits.
/// Lives here: the mathematics. May not live here: files, or what any subspace's text means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ammo {

/// Words in lower case: runs of ASCII letters, digits and bytes of other alphabets; '+' and '#' only inside ("c++").
[[nodiscard]] std::vector<std::string> tokens(std::string_view text);

/// A sparse matrix whose columns have names: row i has weight `second` in column `words[first]`, ascending.
struct weighted_words {
  std::vector<std::string> words;
  std::vector<std::vector<std::pair<std::uint32_t, float>>> rows;
};

/// Weight (1 + ln count)·ln(texts / texts with the word), each row of norm 1 (zero where no word tells anything).
/// Salton, Buckley 1988, "Term-weighting approaches in automatic text retrieval".
[[nodiscard]] weighted_words tf_idf(const std::vector<std::string>& texts);
/// Dense rows of `width` numbers, their columns named "0", "1", …
[[nodiscard]] weighted_words weighted(const std::vector<float>& rows, std::uint32_t width);

/// Signed random projection to `dim` coordinates, rows × dim, centred (Achlioptas 2003, "Database-friendly random
/// projections"): a word's signs follow from (seed, word) alone. Each refinement turns the random axes towards the
/// principal ones (Halko, Martinsson, Tropp 2011, "Finding structure with randomness", algorithm 4.4), so that as many
/// coordinates tell more texts apart. O(refinements · words · dim²).
[[nodiscard]] std::vector<float> projected(const weighted_words& texts, std::uint32_t dim, std::uint64_t seed,
                                           int refinements = 2);

/// Takes the rows' mean out of each: what all have in common ranks nothing.
void centre(std::vector<float>& rows, std::uint32_t dim);
/// Scales each row to norm 1, less a millionth so that rounding never lifts it over a cap of 1. A zero row stays zero.
void normalise(std::vector<float>& rows, std::uint32_t dim);
/// The embedding of rows with nothing special to them: scaled to norm 1, centred, scaled again.
[[nodiscard]] std::vector<float> embedded(std::vector<float> rows, std::uint32_t dim);

[[nodiscard]] float dot(const float* a, const float* b, std::uint32_t dim);

} // namespace ammo
