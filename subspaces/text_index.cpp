#include "subspaces/text_index.hpp"

#include "subspaces/text.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace ammo {
namespace {

constexpr std::size_t shared_by = 3; // items that have a word which says where they lie
constexpr std::size_t shortest = 3;  // bytes of it
constexpr float shrinkage = 0.3f;    // weight of no direction at all, against words of few items

} // namespace

text_index::text_index(const std::vector<std::string>& texts, std::vector<float> embeddings, std::uint32_t dim)
  : embeddings_(std::move(embeddings)), dim_(dim) {
  const auto weights = tf_idf(texts);
  for (std::uint32_t item = 0; item < weights.rows.size(); ++item)
    for (auto [word, weight] : weights.rows[item])
      if (weight > 0)
        items_with_[weights.words[word]].emplace_back(item, weight);
}

result<std::vector<float>> text_index::embed(std::string_view text) const {
  const std::size_t items = embeddings_.size() / dim_;
  std::vector<std::pair<float, std::uint32_t>> likeness(items);
  for (std::uint32_t i = 0; i < items; ++i)
    likeness[i].second = i;
  for (const auto& word : tokens(text))
    if (auto found = items_with_.find(word); found != items_with_.end()) {
      const auto rarity = std::log(static_cast<float>(items) / static_cast<float>(found->second.size()));
      for (auto [item, weight] : found->second)
        likeness[item].first += rarity * weight;
    }
  const auto last = likeness.begin() + static_cast<std::ptrdiff_t>(std::min(neighbours, items));
  std::ranges::partial_sort(likeness, last, std::greater{});
  std::vector<float> out(dim_);
  for (auto near = likeness.begin(); near != last && near->first > 0; ++near)
    for (std::uint32_t k = 0; k < dim_; ++k)
      out[k] += near->first * embeddings_[std::size_t{near->second} * dim_ + k];
  normalise(out, dim_);
  if (std::ranges::all_of(out, [](float x) { return x == 0; }))
    return {errc::bad_text, "no item has a word of \"" + std::string(text.substr(0, 80)) + '"'};
  return out;
}

std::vector<std::string> text_index::nearest_words(std::span<const float> v, std::size_t most) const {
  std::vector<float> along(embeddings_.size() / dim_);
  for (std::size_t i = 0; i < along.size(); ++i)
    along[i] = dot(&embeddings_[i * dim_], v.data(), dim_);
  std::vector<std::pair<float, std::string_view>> words;
  for (const auto& [word, items] : items_with_) {
    if (items.size() < shared_by || word.size() < shortest || std::ranges::all_of(word, [](char c) { return c >= '0' && c <= '9'; }))
      continue;
    float sum = 0, weights = shrinkage;
    for (auto [item, weight] : items) {
      sum += weight * along[item];
      weights += weight;
    }
    words.emplace_back(-sum / weights, word);
  }
  const auto last = words.begin() + static_cast<std::ptrdiff_t>(std::min(most, words.size()));
  std::ranges::partial_sort(words, last); // equals by the alphabet
  std::vector<std::string> out;
  for (auto near = words.begin(); near != last && near->first < 0; ++near)
    out.emplace_back(near->second);
  return out;
}

} // namespace ammo
