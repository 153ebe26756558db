#include "actors/base/text.hpp"

#include <boost/locale/utf.hpp>

namespace ammo {

bool is_utf8(std::string_view text) noexcept {
  using traits = boost::locale::utf::utf_traits<char>;
  for (auto at = text.begin(); at != text.end();)
    if (auto point = traits::decode(at, text.end());
        point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete)
      return false;
  return true;
}

std::string in_quotes(std::string_view text, std::size_t most) {
  if (text.size() <= most)
    return '"' + std::string(text) + '"';
  auto end = most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return '"' + std::string(text.substr(0, end)) + "…\" (" + std::to_string(text.size()) + " bytes)";
}

std::string html_escaped(std::string_view text) {
  std::string out;
  for (char c : text)
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  return out;
}

} // namespace ammo
