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

/// Runs of ASCII letters and digits (with '+' and '#' inside a word: "c++", "c#") in lower case; bytes of other
/// alphabets count as letters.
[[nodiscard]] std::vector<std::string> tokens(std::string_view text);

/// Number of a word, and its weight in one text.
using word_weights = std::vector<std::pair<std::uint32_t, float>>;

/// A vocabulary and its texts' tf-idf rows: weight (1 + ln count)·ln(texts / texts with the word), each row of norm 1
/// (zero for a text of no words). Salton, Buckley 1988, "Term-weighting approaches in automatic text retrieval".
struct weighted_texts {
  std::vector<std::string> words;
  std::vector<word_weights> rows;
};
[[nodiscard]] weighted_texts tf_idf(const std::vector<std::string>& texts);

/// Signed random projection to `dim` coordinates (Achlioptas 2003, "Database-friendly random projections"): a word's
/// signs follow from (seed, word) alone, so that a text's row doesn't depend on the other texts' order. Rows × dim.
[[nodiscard]] std::vector<float> projected(const weighted_texts& texts, std::uint32_t dim, std::uint64_t seed);

/// The same for dense rows of `width` numbers.
[[nodiscard]] std::vector<float> projected(const std::vector<float>& rows, std::uint32_t width, std::uint32_t dim,
                                           std::uint64_t seed);

/// Takes the rows' mean out of each: what all have in common ranks nothing.
void centre(std::vector<float>& rows, std::uint32_t dim);
/// Scales each row to norm 1 (to the last bit at most 1); a zero row stays zero.
void normalise(std::vector<float>& rows, std::uint32_t dim);
[[nodiscard]] float dot(const float* a, const float* b, std::uint32_t dim);

} // namespace ammo
