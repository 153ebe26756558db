#include "actors/user_buddy/ring_sum.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

namespace ammo {
namespace {

constexpr double unit = 0x1p32;

} // namespace

bool add_summand(std::span<std::uint64_t> sums, std::span<const double> values) {
  if (sums.size() != values.size() ||
      !std::ranges::all_of(values, [](double x) { return std::abs(x) <= largest_summand; }))
    return false;
  for (std::size_t i = 0; i < sums.size(); ++i)
    sums[i] += static_cast<std::uint64_t>(std::llround(values[i] * unit));
  return true;
}

std::vector<double> unmasked(std::span<const std::uint64_t> sums, std::span<const std::uint64_t> mask) {
  assert(sums.size() == mask.size());
  std::vector<double> out(sums.size());
  std::ranges::transform(sums, mask, out.begin(), [](std::uint64_t sum, std::uint64_t m) {
    return static_cast<double>(static_cast<std::int64_t>(sum - m)) / unit;
  });
  return out;
}

std::vector<std::size_t> draw_rings(std::size_t members, std::size_t k, std::size_t most, splitmix64& g) {
  assert(k >= 1);
  const std::size_t wanted = std::min(members / k, most) * k;
  std::vector<std::size_t> order(members);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = 0; i < wanted; ++i)
    std::swap(order[i], order[i + static_cast<std::size_t>(uniform01(g) * static_cast<double>(members - i))]);
  order.resize(wanted);
  return order;
}

} // namespace ammo
