#include "actors/aipp/exposure_tally.hpp"

#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>

namespace ammo {

void exposure_tally::reach(subspace_id subspace, std::uint32_t rows) {
  if (raw(subspace) >= rows_.size())
    rows_.resize(raw(subspace) + 1);
  if (auto& of_subspace = rows_[raw(subspace)]; rows > of_subspace.size())
    of_subspace.resize(rows);
  else
    return;
  for (auto it = others_.begin(); it != others_.end();) {
    auto* place = place_of(it->first);
    if (place && place->creation == no_creation)
      *place = it->second;
    else
      place = nullptr;
    it = place ? others_.erase(it) : std::next(it);
  }
}

exposure_tally::count* exposure_tally::place_of(creation_id creation) noexcept {
  const auto s = raw(subspace_of(creation)), row = std::uint64_t{row_of(creation)};
  return s < rows_.size() && row < rows_[s].size() ? &rows_[s][row] : nullptr;
}

exposure_tally::count& exposure_tally::of(creation_id creation) {
  if (auto* c = place_of(creation); c && (c->creation == creation || c->creation == no_creation)) {
    c->creation = creation;
    return *c;
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
