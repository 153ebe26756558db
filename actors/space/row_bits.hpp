/// Rows of one panel as bits, and which rows have which tag.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace ammo {

/// Rows of one panel: the unit of sharing between versions.
inline constexpr std::uint32_t panel_rows = 256;

/// A set of rows of one panel.
struct row_bits {
  std::array<std::uint64_t, panel_rows / 64> words{};

  [[nodiscard]] static constexpr row_bits all() noexcept {
    row_bits out;
    out.words.fill(~std::uint64_t{0});
    return out;
  }
  [[nodiscard]] constexpr bool has(std::uint32_t row) const noexcept { return words[row / 64] >> row % 64 & 1; }
  constexpr void add(std::uint32_t row) noexcept { words[row / 64] |= std::uint64_t{1} << row % 64; }
  constexpr void remove(std::uint32_t row) noexcept { words[row / 64] &= ~(std::uint64_t{1} << row % 64); }
  [[nodiscard]] constexpr bool none() const noexcept { return *this == row_bits{}; }
  [[nodiscard]] constexpr std::uint32_t count() const noexcept {
    std::uint32_t sum = 0;
    for (std::uint64_t w : words)
      sum += static_cast<std::uint32_t>(std::popcount(w));
    return sum;
  }
  /// `count` rows from `first` on, as the lowest bits; both are multiples of `count`, which is a power of two and 64 at most.
  [[nodiscard]] constexpr std::uint64_t part(std::uint32_t first, std::uint32_t count) const noexcept {
    const std::uint64_t from = words[first / 64] >> first % 64;
    return count == 64 ? from : from & ((std::uint64_t{1} << count) - 1);
  }
  constexpr row_bits& operator|=(const row_bits& o) noexcept {
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] |= o.words[i];
    return *this;
  }
  constexpr row_bits& operator&=(const row_bits& o) noexcept {
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] &= o.words[i];
    return *this;
  }
  constexpr row_bits& operator-=(const row_bits& o) noexcept {
    for (std::size_t i = 0; i < words.size(); ++i)
      words[i] &= ~o.words[i];
    return *this;
  }
  friend constexpr bool operator==(const row_bits&, const row_bits&) noexcept = default;
};

/// A bitmap index: for each tag that a row of the panel has, the rows that have it. 40 bytes a tag.
class tag_index {
public:
  static constexpr std::size_t bytes_a_tag = 40;
  /// The rows with that tag. O(log tags).
  [[nodiscard]] row_bits with(std::uint32_t tag) const noexcept {
    const auto at = std::ranges::lower_bound(of_, tag, {}, &entry::tag);
    return at != of_.end() && at->tag == tag ? at->rows : row_bits{};
  }
  /// The row's tags from now on, in place of those that it had.
  void set(std::uint32_t row, std::span<const std::uint32_t> tags) {
    clear(row);
    for (std::uint32_t tag : tags) {
      auto at = std::ranges::lower_bound(of_, tag, {}, &entry::tag);
      if (at == of_.end() || at->tag != tag)
        at = of_.insert(at, {tag, {}});
      at->rows.add(row);
    }
  }
  void clear(std::uint32_t row) noexcept {
    for (entry& e : of_)
      e.rows.remove(row);
    std::erase_if(of_, [](const entry& e) { return e.rows.none(); });
  }
  /// The row's tags, ascending.
  [[nodiscard]] std::vector<std::uint32_t> of(std::uint32_t row) const {
    std::vector<std::uint32_t> out;
    for (const entry& e : of_)
      if (e.rows.has(row))
        out.push_back(e.tag);
    return out;
  }
  [[nodiscard]] bool empty() const noexcept { return of_.empty(); }

private:
  struct entry {
    std::uint32_t tag;
    row_bits rows;
  };
  std::vector<entry> of_; // by tag
};

} // namespace ammo
