#include "subspaces/text.hpp"

#include "actors/space/random.hpp"

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

/// ±1/sqrt(dim) for each coordinate.
std::vector<float> signs(std::uint64_t who, std::uint32_t dim, std::uint64_t seed) {
  auto g = generator(seed, stream::data, who, dim);
  std::vector<float> out(dim);
  const float unit = 1 / std::sqrt(static_cast<float>(dim));
  std::uint64_t bits = 0;
  for (std::uint32_t k = 0; k < dim; ++k, bits >>= 1) {
    if (k % 64 == 0)
      bits = g();
    out[k] = bits & 1 ? unit : -unit;
  }
  return out;
}

void add(float* to, const std::vector<float>& from, float weight) {
  for (std::size_t k = 0; k < from.size(); ++k)
    to[k] += weight * from[k];
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

weighted_texts tf_idf(const std::vector<std::string>& texts) {
  weighted_texts out;
  std::unordered_map<std::string, std::uint32_t> number;
  std::vector<float> texts_with;
  for (const auto& text : texts) {
    std::vector<std::uint32_t> found;
    for (auto& word : tokens(text)) {
      auto [entry, fresh] = number.try_emplace(std::move(word), static_cast<std::uint32_t>(number.size()));
      if (fresh) {
        out.words.push_back(entry->first);
        texts_with.push_back(0);
      }
      found.push_back(entry->second);
    }
    std::sort(found.begin(), found.end());
    auto& row = out.rows.emplace_back();
    for (auto word : found)
      if (!row.empty() && row.back().first == word)
        ++row.back().second;
      else
        row.emplace_back(word, 1.0f);
    for (auto& entry : row)
      ++texts_with[entry.first];
  }
  for (auto& row : out.rows) {
    float square = 0;
    for (auto& [word, weight] : row) {
      weight = (1 + std::log(weight)) * std::log(static_cast<float>(texts.size()) / texts_with[word]);
      square += weight * weight;
    }
    for (auto& entry : row)
      entry.second /= square > 0 ? std::sqrt(square) : 1;
  }
  return out;
}

std::vector<float> projected(const weighted_texts& texts, std::uint32_t dim, std::uint64_t seed) {
  std::vector<std::vector<float>> of_word;
  for (const auto& word : texts.words)
    of_word.push_back(signs(hash(word), dim, seed));
  std::vector<float> out(texts.rows.size() * dim);
  for (std::size_t i = 0; i < texts.rows.size(); ++i)
    for (auto [word, weight] : texts.rows[i])
      add(&out[i * dim], of_word[word], weight);
  return out;
}

std::vector<float> projected(const std::vector<float>& rows, std::uint32_t width, std::uint32_t dim,
                             std::uint64_t seed) {
  std::vector<float> out(rows.size() / width * dim);
  for (std::uint32_t k = 0; k < width; ++k) {
    auto column = signs(k, dim, seed);
    for (std::size_t i = 0; i < rows.size() / width; ++i)
      add(&out[i * dim], column, rows[i * width + k]);
  }
  return out;
}

void centre(std::vector<float>& rows, std::uint32_t dim) {
  std::vector<double> mean(dim);
  for (std::size_t i = 0; i < rows.size(); ++i)
    mean[i % dim] += rows[i];
  for (std::size_t i = 0; i < rows.size(); ++i)
    rows[i] -= static_cast<float>(mean[i % dim] * dim / static_cast<double>(rows.size()));
}

void normalise(std::vector<float>& rows, std::uint32_t dim) {
  for (auto row = rows.begin(); row != rows.end(); row += dim) {
    double square = 0;
    for (auto k = row; k != row + dim; ++k)
      square += static_cast<double>(*k) * *k;
    if (square == 0)
      continue;
    // A hair below 1, so that rounding never lifts a row over a norm cap of 1.
    auto scale = (1 - 1e-6) / std::sqrt(square);
    std::transform(row, row + dim, row, [scale](float x) { return static_cast<float>(x * scale); });
  }
}

float dot(const float* a, const float* b, std::uint32_t dim) {
  float sum = 0;
  for (std::uint32_t k = 0; k < dim; ++k)
    sum += a[k] * b[k];
  return sum;
}

} // namespace ammo
