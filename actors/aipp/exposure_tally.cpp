#include "actors/aipp/exposure_tally.hpp"

#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>

namespace ammo {

void exposure_tally::reach(subspace_id subspace, std::uint32_t rows) {
  if (raw(subspace) >= rows_.size())
    rows_.resize(raw(subspace) + 1);
  if (auto& of_subspace = rows_[raw(subspace)]; rows > of_subspace.size())
    of_subspace.resize(rows);
}

exposure_tally::count& exposure_tally::of(creation_id creation) {
  auto s = raw(subspace_of(creation));
  auto row = row_of(creation);
  if (s < rows_.size() && row < rows_[s].size())
    if (auto& c = rows_[s][row]; c.creation == creation || c.creation == no_creation) {
      c.creation = creation;
      return c;
    }
  auto& c = others_[creation];
  c.creation = creation;
  return c;
}

std::vector<exposure> exposure_tally::take() {
  std::vector<exposure> out;
  auto emit = [&](const count& c) {
    if (c.creation != no_creation)
      out.push_back({c.creation, c.impressions, wire_of(c.engagement)});
  };
  for (auto& of_subspace : rows_)
    for (auto& c : of_subspace) {
      emit(c);
      c = {};
    }
  for (const auto& [creation, c] : others_)
    emit(c);
  others_.clear();
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.creation < b.creation; });
  return out;
}

} // namespace ammo
