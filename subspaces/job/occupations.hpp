/// The O*NET tables as vectors: what an occupation asks of the people in it. Shared by job and edu.
#pragma once

#include "actors/protocol/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ammo {

/// Occupations that are in all six tables, by code.
struct occupations {
  static constexpr std::uint32_t width = 96; ///< 35 skills, 33 knowledge, 6 interests, 6 values, 16 styles
  std::vector<std::string> codes, titles;    ///< "15-1252.00", "Software Developers"; codes ascending
  std::vector<float> profiles;               ///< codes.size() × width, each column z-scored over the occupations
};

/// Errors: those of `csv_table`.
result<occupations> read_occupations(const std::string& folder);

} // namespace ammo
