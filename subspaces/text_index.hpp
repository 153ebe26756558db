/// What somebody means by some words, in a subspace's own coordinates.
/// Lives here: words to a direction. May not live here: whose words, files.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ammo {

/// The words of a subspace's items. A text becomes the mean of the embeddings of the items whose words are most like it,
/// weighted by likeness (cosine of tf-idf): wherever a subspace's coordinates come from (words, measured columns, what
/// people chose), a stated interest lies among the items that it speaks of. Immutable, usable from any thread.
class text_index {
public:
  /// Item i has `texts[i]` and row i of `embeddings`, texts.size() × dim.
  text_index(const std::vector<std::string>& texts, std::vector<float> embeddings, std::uint32_t dim);

  /// A direction of norm 1, dim coordinates. Errors: `bad_text` where no item has any of the words.
  [[nodiscard]] result<std::vector<float>> embed(std::string_view text) const;

  /// The words whose items lie most in direction v (dim coordinates), at most `most`, best first; only words that some items
  /// share, so that they name what is there and no single item. O(items · dim + words).
  [[nodiscard]] std::vector<std::string> nearest_words(std::span<const float> v, std::size_t most) const;

private:
  static constexpr std::size_t neighbours = 16;

  using posting = std::pair<std::uint32_t, float>; // item, weight
  std::unordered_map<std::string, std::vector<posting>> items_with_;
  std::vector<float> embeddings_;
  std::uint32_t dim_;
};

} // namespace ammo
