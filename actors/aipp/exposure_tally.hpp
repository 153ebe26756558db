/// Counts how much attention each creation gets, by row: no search and no allocation while the catalogue stands still.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/space/regret.hpp"

#include <cstdint>
#include <map>
#include <vector>

namespace ammo {

class exposure_tally {
public:
  struct count {
    creation_id creation = no_creation;
    std::uint64_t impressions = 0;
    exact_sum engagement;
  };

  /// Makes room for the rows of a subspace; ids beyond it are counted too, but slower. Each id has one place until
  /// `take`.
  void reach(subspace_id subspace, std::uint32_t rows);
  /// The creation's counts since the last `take`. Valid until the next call.
  [[nodiscard]] count& of(creation_id creation);
  /// Everything counted, by creation id, ascending; and starts anew.
  [[nodiscard]] std::vector<exposure> take();

  /// What `take` would give; nothing changes.
  [[nodiscard]] std::vector<exposure> save() const;
  /// Goes on from there, where nothing was counted yet.
  void restore(const std::vector<exposure>& counted);

private:
  /// Where the creation's row counts; null out of reach.
  [[nodiscard]] count* place_of(creation_id creation) noexcept;

  std::vector<std::vector<count>> rows_;             // by subspace, row: the first generation met since `take`
  std::map<creation_id, count> others_;              // later generations of a row, and rows out of reach
};

} // namespace ammo
