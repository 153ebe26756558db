/// Curves in a terminal, eight dots a character.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// A curve with its name, which stands at its end; `dash`: dots drawn and left out by turns (0: solid).
struct braille_curve {
  std::string name;
  std::vector<double> values;
  std::size_t dash = 0;
  std::string_view style = {}; ///< ANSI; empty: without colour
};

/// Draws curves over an axis labelled `first` and `last`, from 0 (or their least value) to their largest; the first curve
/// lies on top. Lines of at most `columns` (≥ 40) characters, `rows` high besides the axis.
[[nodiscard]] std::string braille_chart(const std::vector<braille_curve>& curves, std::string_view first,
                                        std::string_view last, std::size_t columns, std::size_t rows);

} // namespace ammo
