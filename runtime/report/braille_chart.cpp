#include "runtime/report/braille_chart.hpp"

#include "runtime/report/report_format.hpp"
#include "runtime/report/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace ammo {
namespace {

constexpr std::size_t axis_columns = 8, label_columns = 11;

/// A grid of characters of 2 × 4 dots each.
class canvas {
public:
  canvas(std::size_t columns, std::size_t rows) : columns_(columns), rows_(rows), cells_(columns * rows) {}

  [[nodiscard]] std::size_t dots_across() const { return 2 * columns_; }
  [[nodiscard]] std::size_t dots_down() const { return 4 * rows_; }

  void dot(std::size_t x, std::size_t y, std::string_view style) {
    constexpr std::array<std::array<unsigned, 4>, 2> bits{{{0x01, 0x02, 0x04, 0x40}, {0x08, 0x10, 0x20, 0x80}}};
    auto& c = cells_[y / 4 * columns_ + x / 2];
    c.dots |= bits[x % 2][y % 4];
    c.style = style;
  }

  [[nodiscard]] std::string row(std::size_t r) const {
    std::string out, run;
    std::string_view style;
    for (std::size_t i = 0; i < columns_; ++i) {
      const auto& c = cells_[r * columns_ + i];
      if (c.dots != 0 && c.style != style) {
        out += run.empty() ? run : styled(run, style);
        run.clear();
        style = c.style;
      }
      std::string braille{'\xE2', static_cast<char>(0xA0 | c.dots >> 6), static_cast<char>(0x80 | (c.dots & 0x3F))};
      run += c.dots == 0 ? " " : braille;
    }
    return out + styled(run, style);
  }

private:
  struct cell {
    unsigned dots = 0;
    std::string_view style;
  };
  std::size_t columns_, rows_;
  std::vector<cell> cells_;
};

struct scale {
  double low = 0, high = 0;
  std::size_t dots = 1;
  [[nodiscard]] std::size_t operator()(double value) const {
    double share = std::isfinite(value) ? (value - low) / (high - low) : 0;
    return static_cast<std::size_t>(std::lround((1 - std::clamp(share, 0.0, 1.0)) * static_cast<double>(dots - 1)));
  }
};

scale scale_of(const std::vector<braille_curve>& curves, std::size_t dots) {
  scale s{.dots = dots};
  for (const auto& c : curves)
    for (double v : c.values)
      if (std::isfinite(v)) {
        s.low = std::min(s.low, v);
        s.high = std::max(s.high, v);
      }
  if (s.high == s.low)
    s.high = s.low + 1;
  return s;
}

void draw(canvas& on, const braille_curve& curve, const scale& height) {
  std::size_t across = on.dots_across(), before = 0;
  for (std::size_t x = 0; x < across && !curve.values.empty(); ++x) {
    auto y = height(curve.values[x * curve.values.size() / across]);
    auto from = x == 0 ? y : before;
    if (curve.dash == 0 || x / curve.dash % 2 == 0)
      for (auto i = std::min(from, y); i <= std::max(from, y); ++i)
        on.dot(x, i, curve.style);
    before = y;
  }
}

/// Which curve's name stands at which row: where it ends, or the nearest free row.
std::vector<const braille_curve*> names_by_row(const std::vector<braille_curve>& curves, const scale& height,
                                               std::size_t rows) {
  std::vector<const braille_curve*> names(rows, nullptr);
  for (const auto& c : curves) {
    auto wish = c.values.empty() ? 0 : height(c.values.back()) / 4;
    for (std::size_t distance = 0; distance < rows; ++distance) {
      auto up = wish - std::min(wish, distance), down = std::min(rows - 1, wish + distance);
      auto free_row = !names[up] ? up : down;
      if (names[free_row])
        continue;
      names[free_row] = &c;
      break;
    }
  }
  return names;
}

} // namespace

std::string braille_chart(const std::vector<braille_curve>& curves, std::string_view first,
                          std::string_view last, std::size_t columns, std::size_t rows) {
  std::size_t plot = columns - axis_columns - label_columns;
  canvas on(plot, rows);
  auto height = scale_of(curves, on.dots_down());
  for (auto c = curves.rbegin(); c != curves.rend(); ++c)
    draw(on, *c, height);
  auto names = names_by_row(curves, height, rows);
  std::string out;
  for (std::size_t r = 0; r < rows; ++r) {
    double value = height.high - (height.high - height.low) * static_cast<double>(r) / static_cast<double>(rows);
    bool tick = r == 0 || r == rows / 2;
    out += pad_left(tick ? fixed(value, 2) : "", axis_columns - 2) + (tick ? " ┤" : " │") + on.row(r);
    if (names[r])
      out += ' ' + styled(cut(names[r]->name, label_columns - 1), names[r]->style);
    out += '\n';
  }
  std::string line;
  for (std::size_t i = 0; i < plot; ++i)
    line += "─";
  out += pad_left(fixed(height.low, 2), axis_columns - 2) + " └" + line + '\n';
  auto left = std::string(axis_columns, ' ') + std::string(first);
  return out + left + pad_left(std::string(last), axis_columns + plot - width_of(left)) + '\n';
}

} // namespace ammo
