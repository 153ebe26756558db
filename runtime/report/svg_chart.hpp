/// Curves as inline SVG; colours come from the page's classes c0, c1, c2.
#pragma once

#include <string>
#include <vector>

namespace ammo {

/// Text made safe between tags and in quoted attributes.
[[nodiscard]] std::string escaped(const std::string& text);

struct svg_curve {
  std::string name;
  std::vector<double> values; ///< over equal stretches of the axis
};

/// Draws curves over rounds 1 … `rounds`, the first on top, each named at its end. Screen readers read `title` out.
[[nodiscard]] std::string svg_chart(const std::vector<svg_curve>& curves, std::size_t rounds, const std::string& title);

} // namespace ammo
