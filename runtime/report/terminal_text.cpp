#include "runtime/report/terminal_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace ammo {
namespace {

constexpr char32_t broken = 0xFFFFFFFF;

/// Takes one code point off the front; `broken` (and one byte) where it isn't UTF-8.
char32_t take(std::string_view& text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  std::size_t length = byte(0) < 0x80 ? 1 : byte(0) >> 5 == 6 ? 2 : byte(0) >> 4 == 14 ? 3 : byte(0) >> 3 == 30 ? 4 : 0;
  char32_t point = length == 1 ? byte(0) : byte(0) & (0x7Fu >> length);
  bool whole = length != 0 && length <= text.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = byte(i) >> 6 == 2;
    point = point << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::array<char32_t, 5> least{0, 0, 0x80, 0x800, 0x10000};
  whole = whole && point >= least[length] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
  text.remove_prefix(whole ? length : 1);
  return whole ? point : broken;
}

bool steers(char32_t p) {
  bool control = p < 0x20 || (p >= 0x7F && p < 0xA0);
  bool bidirectional = p == 0x200E || p == 0x200F || (p >= 0x2028 && p <= 0x202E) || (p >= 0x2066 && p <= 0x2069);
  return p == broken || control || bidirectional;
}

std::size_t columns_of(char32_t p) {
  if ((p >= 0x300 && p <= 0x36F) || (p >= 0x200B && p <= 0x200D) || (p >= 0xFE00 && p <= 0xFE0F))
    return 0;
  bool wide = (p >= 0x1100 && p <= 0x115F) || (p >= 0x2E80 && p <= 0xA4CF) || (p >= 0xAC00 && p <= 0xD7A3) ||
              (p >= 0xF900 && p <= 0xFAFF) || (p >= 0xFE30 && p <= 0xFE6F) || (p >= 0xFF00 && p <= 0xFF60) ||
              (p >= 0xFFE0 && p <= 0xFFE6) || (p >= 0x1F300 && p <= 0x1FAFF) || (p >= 0x20000 && p <= 0x3FFFD);
  return wide ? 2 : 1;
}

std::size_t gap(const std::string& text, std::size_t columns) { return columns - std::min(columns, width_of(text)); }

} // namespace

std::string harmless(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto rest = text;
    if (steers(take(rest)))
      out += '?';
    else
      out += text.substr(0, text.size() - rest.size());
    text = rest;
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty())
    width += columns_of(take(text));
  return width;
}

std::string cut(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns)
    return std::string(text);
  std::string out;
  for (std::size_t width = 0; !text.empty();) {
    auto rest = text;
    width += columns_of(take(rest));
    if (width >= columns)
      break;
    out += text.substr(0, text.size() - rest.size());
    text = rest;
  }
  return columns == 0 ? "" : out + "…";
}

std::string pad_right(std::string text, std::size_t columns) {
  text.append(gap(text, columns), ' ');
  return text;
}

std::string pad_left(std::string text, std::size_t columns) { return std::string(gap(text, columns), ' ') + text; }

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
  std::string out, line;
  std::size_t margin = 0;
  while (!text.empty()) {
    auto end = text.find(' ');
    if (end != text.npos && text.substr(end + 1).starts_with('%')) // a number and its sign stay together
      end = text.find(' ', end + 1);
    const auto word = text.substr(0, end);
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty())
      continue;
    if (!line.empty() && margin + width_of(line) + 1 + width_of(word) > columns) {
      out += std::string(margin, ' ') + line + '\n';
      line.clear();
      margin = indent;
    }
    line += (line.empty() ? "" : " ") + cut(word, columns - std::min(columns, margin));
  }
  return out + std::string(margin, ' ') + line + '\n';
}

std::string bar(double share, std::size_t columns) {
  constexpr std::array eighths{"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  double part = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0;
  auto filled = static_cast<std::size_t>(std::lround(part * 8 * static_cast<double>(columns)));
  std::string out;
  for (std::size_t i = 0; i < filled / 8; ++i)
    out += "█";
  return pad_right(out + eighths[filled % 8], columns);
}

std::string styled(const std::string& text, std::string_view style) {
  return style.empty() ? text : "\x1b[" + std::string(style) + 'm' + text + "\x1b[0m";
}

} // namespace ammo
