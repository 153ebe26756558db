/// The O*NET tables as vectors: what an occupation asks of the people in it. Shared by job and edu.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ammo {

inline constexpr auto onet_attribution =
  "This product includes information from the O*NET 29.3 Database by the U.S. Department of Labor, Employment and "
  "Training Administration (USDOL/ETA). Used under the CC BY 4.0 license. O*NET(R) is a trademark of USDOL/ETA. The "
  "information has been modified (reshaped to wide CSV); USDOL/ETA has not approved, endorsed, or tested these "
  "modifications.";

/// Occupations that are in all six tables, by code.
struct occupations {
  static constexpr std::uint32_t width = 96; ///< 35 skills, 33 knowledge, 6 interests, 6 values, 16 styles
  std::vector<std::string> codes, titles;    ///< "15-1252.00", "Software Developers"; codes ascending
  std::vector<std::string> descriptions, zones; ///< by code; zones: how much preparation, "1" to "5"
  std::vector<std::string> measures;         ///< what each of the 96 columns measures
  std::vector<float> profiles;               ///< codes.size() × width, each column z-scored over the occupations
};

/// Errors: those of `csv_table`.
result<occupations> read_occupations(const std::string& folder);

} // namespace ammo
