/// Subspaces are subspaces: which coordinates of E = R^D each subspace owns.
#pragma once

#include "actors/base/result.hpp"
#include "actors/base/ids.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

inline constexpr std::uint32_t max_dim = 4096;      ///< largest D of a deployment
inline constexpr std::uint32_t max_subspaces = 256; ///< most subspaces of a deployment
inline constexpr std::uint32_t max_slots = 64;      ///< most attention slots N of a slate

/// A run of coordinates [offset, offset + width) of E.
struct block {
  std::uint32_t offset = 0;
  std::uint32_t width = 0;
  [[nodiscard]] std::uint32_t end() const noexcept { return offset + width; }
  friend bool operator==(const block&, const block&) = default;
};

/// A named subspace and its block.
struct subspace_block {
  std::string name;
  block coordinates;
  friend bool operator==(const subspace_block&, const subspace_block&) = default;
};

/// The MetaSpace of a deployment: D and the block of each subspace. Immutable.
/// A *factor* is a maximal run of coordinates joined by overlapping blocks. Creations are zero outside
/// their block, so a Gaussian posterior of q is independent between factors and is kept factor by factor.
class layout {
public:
  /// Errors: `bad_layout` for D = 0 or D > max_dim, no subspace, too many, an empty or repeated name,
  /// a zero width, or a block that reaches beyond D; the detail says which.
  static result<layout> make(std::uint32_t dim, std::vector<subspace_block> subspaces);

  [[nodiscard]] std::uint32_t dim() const noexcept { return dim_; }
  [[nodiscard]] std::size_t size() const noexcept { return subspaces_.size(); }
  [[nodiscard]] const std::string& name(subspace_id s) const { return subspaces_[raw(s)].name; }
  [[nodiscard]] block coordinates(subspace_id s) const { return subspaces_[raw(s)].coordinates; }
  [[nodiscard]] std::optional<subspace_id> find(std::string_view name) const noexcept;
  [[nodiscard]] const std::vector<block>& factors() const noexcept { return factors_; }
  /// Index into `factors()` of the factor that holds the subspace's block.
  [[nodiscard]] std::size_t factor_of(subspace_id s) const { return factor_of_[raw(s)]; }
  /// The subspace's block relative to its factor's first coordinate.
  [[nodiscard]] block within_factor(subspace_id s) const;

private:
  std::uint32_t dim_ = 0;
  std::vector<subspace_block> subspaces_;
  std::vector<block> factors_;
  std::vector<std::uint16_t> factor_of_;
};

} // namespace ammo
