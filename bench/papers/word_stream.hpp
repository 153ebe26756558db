/// The random numbers that many published experiments in Python were drawn with: MT19937 words, and how NumPy's
/// RandomState makes doubles, integers and permutations of them. For reproducing those; everything else draws from
/// `random.hpp`.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <utility>

namespace ammo {

/// A stream of 32-bit words from one seed; each call takes the next ones.
class word_stream {
public:
  explicit word_stream(std::uint32_t seed) : words_(seed) {}

  /// Uniform in [0, 1): the upper 27 bits of one word and the upper 26 of the next.
  double uniform() {
    const auto high = static_cast<double>(word() >> 5), low = static_cast<double>(word() >> 6);
    return (high * 67108864.0 + low) / 9007199254740992.0;
  }

  /// Uniform in 0 … `most`: words masked to the next power of two minus one, those above `most` rejected. Takes no word
  /// where `most` is 0.
  std::uint32_t integer(std::uint32_t most) {
    if (most == 0)
      return 0;
    const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(most);
    std::uint32_t drawn = word() & mask;
    while (drawn > most)
      drawn = word() & mask;
    return drawn;
  }

  /// Fisher–Yates from the end.
  template <class T>
  void shuffle(std::span<T> v) {
    for (std::size_t i = v.size(); i-- > 1;)
      std::swap(v[i], v[integer(static_cast<std::uint32_t>(i))]);
  }

private:
  std::uint32_t word() { return static_cast<std::uint32_t>(words_()); }

  std::mt19937 words_;
};

} // namespace ammo
