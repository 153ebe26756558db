#include "runtime/report/svg_chart.hpp"

#include "actors/base/text.hpp"
#include "runtime/report/report_format.hpp"
#include "runtime/report/terminal_text.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {
namespace {

constexpr double width = 500, height = 270, top = 14, bottom = 34;
constexpr double plot_height = height - top - bottom;
constexpr double tick_em = 7.2, name_em = 8; // widest usual width of a character: of a number, and of a bold name
constexpr double margin = 8;                    // between the plot and what is written beside it
constexpr std::size_t longest_name = 20;     // columns; a longer name is cut, and whole in the curve's tooltip

/// Coordinates with a dot, whatever the locale of the host.
std::string number(double x) {
  auto tenths = std::llround(std::abs(x) * 10);
  return (x < 0 && tenths != 0 ? "-" : "") + std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10);
}

/// 1, 2 or 5 times a power of ten that cuts `extent` into about `parts`.
double step_of(double extent, double parts) {
  double raw = extent / parts, power = std::pow(10, std::floor(std::log10(raw)));
  for (double factor : {1.0, 2.0, 5.0})
    if (raw <= factor * power)
      return factor * power;
  return 10 * power;
}

std::string label(double x, double y, const char* anchor, const std::string& text,
                  const std::string& classes = "tick") {
  return "<text class=\"" + classes + "\" x=\"" + number(x) + "\" y=\"" + number(y) + "\" text-anchor=\"" + anchor +
         "\">" + escaped(text) + "</text>\n";
}

class chart {
public:
  chart(const std::vector<svg_curve>& curves, std::size_t rounds) : curves_(curves), rounds_(rounds) {
    for (const auto& c : curves)
      for (double v : c.values)
        if (std::isfinite(v)) {
          low_ = std::min(low_, v);
          high_ = std::max(high_, v);
        }
    if (high_ == low_)
      high_ = low_ + 1;
    step_ = step_of(high_ - low_, 4);
    low_ = std::floor(low_ / step_) * step_;
    high_ = std::ceil(high_ / step_) * step_;
    decimals_ = std::max(0, -static_cast<int>(std::floor(std::log10(step_))));
    std::size_t number = 1, name = 0;
    for (double v : {low_, high_})
      number = std::max(number, width_of(fixed(v, decimals_)));
    for (const auto& c : curves)
      name = std::max(name, width_of(name_of(c)));
    left_ = 2 * margin + tick_em * static_cast<double>(number);
    plot_width_ = width - left_ - 2 * margin - name_em * static_cast<double>(name);
  }

  [[nodiscard]] std::string axes() const {
    std::string out;
    for (double v = low_; v <= high_ + step_ / 2; v += step_) {
      out += "<line class=\"grid\" x1=\"" + number(left_) + "\" x2=\"" + number(left_ + plot_width_) + "\" y1=\"" +
             number(y(v)) + "\" y2=\"" + number(y(v)) + "\"/>\n";
      out += label(left_ - margin, y(v) + 4, "end", fixed(v, decimals_));
    }
    out += label(left_, height - 12, "start", "round 1");
    out += label(left_ + plot_width_, height - 12, "end", grouped(rounds_));
    return out;
  }

  [[nodiscard]] std::string curve(std::size_t i) const {
    std::string path;
    const auto& values = curves_[i].values;
    for (std::size_t k = 0; k < values.size(); ++k)
      path += (k == 0 ? "M" : " L") + number(x(k, values.size())) + ' ' + number(y(values[k]));
    return "<path class=\"curve c" + std::to_string(std::min<std::size_t>(i, 2)) + "\" d=\"" + path + "\"><title>" +
           escaped(curves_[i].name) + "</title></path>\n";
  }

  /// Names at the curves' ends, pushed apart where they would overlap.
  [[nodiscard]] std::string names() const {
    struct name {
      double at;
      std::size_t curve;
    };
    std::vector<name> list;
    for (std::size_t i = 0; i < curves_.size(); ++i)
      if (!curves_[i].values.empty())
        list.push_back({y(curves_[i].values.back()), i});
    std::sort(list.begin(), list.end(), [](const name& a, const name& b) { return a.at < b.at; });
    for (std::size_t i = 1; i < list.size(); ++i)
      list[i].at = std::max(list[i].at, list[i - 1].at + 16);
    double beyond = list.empty() ? 0 : std::max(0.0, list.back().at - (top + plot_height));
    std::string out;
    for (const auto& n : list)
      out += label(left_ + plot_width_ + margin, n.at - beyond + 4, "start", name_of(curves_[n.curve]),
                   "name c" + std::to_string(std::min<std::size_t>(n.curve, 2)));
    return out;
  }

private:
  [[nodiscard]] static std::string name_of(const svg_curve& c) { return cut(harmless(c.name), longest_name); }
  [[nodiscard]] double x(std::size_t k, std::size_t of) const {
    return left_ + plot_width_ * static_cast<double>(k) / static_cast<double>(std::max<std::size_t>(of, 2) - 1);
  }
  [[nodiscard]] double y(double value) const {
    double share = std::isfinite(value) ? (value - low_) / (high_ - low_) : 0;
    return top + plot_height * (1 - share);
  }

  const std::vector<svg_curve>& curves_;
  std::size_t rounds_;
  double low_ = 0, high_ = 0, step_ = 1, left_ = 0, plot_width_ = 0;
  int decimals_ = 0;
};

} // namespace

std::string escaped(const std::string& text) { return html_escaped(harmless(text)); }

std::string svg_chart(const std::vector<svg_curve>& curves, std::size_t rounds, const std::string& title) {
  chart c(curves, rounds);
  std::string out = "<svg role=\"img\" viewBox=\"0 0 " + number(width) + ' ' + number(height) + "\">\n<title>" +
                    escaped(title) + "</title>\n" + c.axes();
  for (std::size_t i = curves.size(); i-- > 0;)
    out += c.curve(i);
  return out + c.names() + "</svg>\n";
}

} // namespace ammo
