/// Messages as an unreliable way delivers them: late, twice and out of order, by a seed.
#pragma once

#include "actors/base/random.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace ammo::test {

/// Each message once at least. About one in `repeats` comes again; each moves by at most `delay` places.
template <class Message>
[[nodiscard]] std::vector<Message> disordered(const std::vector<Message>& sent, splitmix64& g, std::size_t delay, std::size_t repeats = 4) {
  std::vector<std::pair<std::size_t, std::size_t>> order; // when it comes, which it is
  for (std::size_t i = 0; i < sent.size(); ++i)
    for (bool more = true; more; more = g() % repeats == 0)
      order.emplace_back(i + g() % (delay + 1), i);
  for (std::size_t i = order.size(); i > 1; --i) // among those that come at one time
    std::swap(order[i - 1], order[g() % i]);
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Message> out;
  for (const auto& [when, which] : order)
    out.push_back(sent[which]);
  return out;
}

} // namespace ammo::test
