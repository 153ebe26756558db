/// Counters of refusals by code, and their form in messages and states.
#pragma once

#include "actors/protocol/messages.hpp"

#include <array>
#include <vector>

namespace ammo {

using refusal_counts = std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>;

/// Those above 0, by code, ascending.
[[nodiscard]] inline std::vector<refusals> listed(const refusal_counts& counts) {
  std::vector<refusals> out;
  for (std::size_t code = 0; code < counts.size(); ++code)
    if (counts[code] > 0)
      out.push_back({static_cast<errc>(code), counts[code]});
  return out;
}

[[nodiscard]] inline refusal_counts counts_of(const std::vector<refusals>& list) {
  refusal_counts out{};
  for (const refusals& r : list)
    if (const auto code = static_cast<std::size_t>(r.code); code < out.size())
      out[code] += r.count;
  return out;
}

} // namespace ammo
