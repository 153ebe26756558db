#include "subspaces/text.hpp"

#include "actors/base/random.hpp"

#include <algorithm>
#include <cmath>
#include <unordered_map>

namespace ammo {
namespace {

bool in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c & 0x80);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// FNV-1a: a word's identity for its signs, the same on every machine.
std::uint64_t hash(std::string_view word) {
  std::uint64_t h = 0xCBF29CE484222325ull;
  for (unsigned char c : word)
    h = (h ^ c) * 0x100000001B3ull;
  return h;
}

/// ±1/sqrt(dim) for each word and coordinate: words × dim.
std::vector<float> random_axes(const std::vector<std::string>& words, std::uint32_t dim, std::uint64_t seed) {
  std::vector<float> axes;
  axes.reserve(words.size() * dim);
  const float unit = 1 / std::sqrt(static_cast<float>(dim));
  for (const auto& word : words) {
    auto g = generator(seed, stream::data, hash(word), 0);
    for (std::uint32_t k = 0; k < dim; ++k)
      axes.push_back(g() >> 63 ? unit : -unit);
  }
  return axes;
}

void add(float* to, const float* from, float weight, std::uint32_t dim) {
  for (std::uint32_t k = 0; k < dim; ++k)
    to[k] += weight * from[k];
}

/// texts × axes.
std::vector<float> coordinates(const weighted_words& texts, const std::vector<float>& axes, std::uint32_t dim) {
  std::vector<float> out(texts.rows.size() * dim);
  for (std::size_t i = 0; i < texts.rows.size(); ++i)
    for (auto [word, weight] : texts.rows[i])
      add(&out[i * dim], &axes[std::size_t{word} * dim], weight, dim);
  return out;
}

/// textsᵀ × coordinates.
std::vector<float> pulled_back(const weighted_words& texts, const std::vector<float>& coordinates, std::uint32_t dim) {
  std::vector<float> out(texts.words.size() * dim);
  for (std::size_t i = 0; i < texts.rows.size(); ++i)
    for (auto [word, weight] : texts.rows[i])
      add(&out[std::size_t{word} * dim], &coordinates[i * dim], weight, dim);
  return out;
}

/// Takes columns 0 … k−1 (orthonormal) out of column k, and scales it to norm 1; zero where nothing is left.
void orthonormalise_column(std::vector<float>& rows, std::uint32_t dim, std::uint32_t k) {
  std::vector<double> inner(dim);
  for (auto row = rows.begin(); row != rows.end(); row += dim)
    for (std::uint32_t j = 0; j <= k; ++j)
      inner[j] += static_cast<double>(row[j]) * row[k];
  double left = 0;
  for (auto row = rows.begin(); row != rows.end(); row += dim) {
    double rest = row[k];
    for (std::uint32_t j = 0; j < k; ++j)
      rest -= inner[j] * row[j];
    row[k] = static_cast<float>(rest);
    left += rest * rest;
  }
  const auto scale = left > 1e-10 * inner[k] ? 1 / std::sqrt(left) : 0;
  for (auto row = rows.begin(); row != rows.end(); row += dim)
    row[k] = static_cast<float>(row[k] * scale);
}

void orthonormalise(std::vector<float>& rows, std::uint32_t dim) {
  for (std::uint32_t k = 0; k < dim; ++k)
    for (int pass = 0; pass < 2; ++pass) // Gram and Schmidt lose orthogonality in one
      orthonormalise_column(rows, dim, k);
}

/// How often each text has each word.
weighted_words counted(const std::vector<std::string>& texts) {
  weighted_words out;
  std::unordered_map<std::string, std::uint32_t> number;
  for (const auto& text : texts) {
    std::vector<std::uint32_t> found;
    for (auto& word : tokens(text)) {
      auto [entry, fresh] = number.try_emplace(std::move(word), static_cast<std::uint32_t>(number.size()));
      if (fresh)
        out.words.push_back(entry->first);
      found.push_back(entry->second);
    }
    std::sort(found.begin(), found.end());
    auto& row = out.rows.emplace_back();
    for (auto word : found)
      if (!row.empty() && row.back().first == word)
        ++row.back().second;
      else
        row.emplace_back(word, 1.0f);
  }
  return out;
}

} // namespace

std::vector<std::string> tokens(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    std::string word;
    while (at < text.size() && (in_word(text[at]) || (!word.empty() && (text[at] == '+' || text[at] == '#'))))
      word += lower(text[at++]);
    if (word.empty())
      ++at;
    else
      out.push_back(std::move(word));
  }
  return out;
}

weighted_words tf_idf(const std::vector<std::string>& texts) {
  auto out = counted(texts);
  std::vector<float> texts_with(out.words.size());
  for (const auto& row : out.rows)
    for (auto [word, count] : row)
      ++texts_with[word];
  for (auto& row : out.rows) {
    float square = 0;
    for (auto& [word, weight] : row) {
      weight = (1 + std::log(weight)) * std::log(static_cast<float>(texts.size()) / texts_with[word]);
      square += weight * weight;
    }
    if (square > 0)
      for (auto& entry : row)
        entry.second /= std::sqrt(square);
  }
  return out;
}

weighted_words weighted(const std::vector<float>& rows, std::uint32_t width) {
  weighted_words out;
  for (std::uint32_t k = 0; k < width; ++k)
    out.words.push_back(std::to_string(k));
  out.rows.resize(rows.size() / width);
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.rows[i / width].emplace_back(i % width, rows[i]);
  return out;
}

std::vector<float> projected(const weighted_words& texts, std::uint32_t dim, std::uint64_t seed, int refinements) {
  auto axes = random_axes(texts.words, dim, seed);
  auto out = coordinates(texts, axes, dim);
  centre(out, dim);
  for (; refinements > 0; --refinements) {
    axes = pulled_back(texts, out, dim);
    orthonormalise(axes, dim);
    out = coordinates(texts, axes, dim);
    centre(out, dim);
  }
  return out;
}

void centre(std::vector<float>& rows, std::uint32_t dim) {
  std::vector<double> sum(dim);
  for (std::size_t i = 0; i < rows.size(); ++i)
    sum[i % dim] += rows[i];
  const auto count = static_cast<double>(rows.size() / dim);
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] -= static_cast<float>(sum[i % dim] / count);
}

void normalise(std::vector<float>& rows, std::uint32_t dim) {
  for (auto row = rows.begin(); row != rows.end(); row += dim) {
    double square = 0;
    for (auto k = row; k != row + dim; ++k)
      square += static_cast<double>(*k) * *k;
    if (square == 0)
      continue;
    const auto scale = (1 - 1e-6) / std::sqrt(square);
    std::transform(row, row + dim, row, [scale](float x) { return static_cast<float>(x * scale); });
  }
}

std::vector<float> embedded(std::vector<float> rows, std::uint32_t dim) {
  normalise(rows, dim);
  centre(rows, dim);
  normalise(rows, dim);
  return rows;
}

float dot(const float* a, const float* b, std::uint32_t dim) {
  float sum = 0;
  for (std::uint32_t k = 0; k < dim; ++k)
    sum += a[k] * b[k];
  return sum;
}

} // namespace ammo
