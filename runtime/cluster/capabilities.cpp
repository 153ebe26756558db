#include "runtime/cluster/capabilities.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ammo::cluster {
namespace {

constexpr std::size_t longest_text = 64 * 1024;
constexpr std::string_view preference = "prefers=";

constexpr bool is_alphanumeric(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }

bool is_name(std::string_view word) noexcept {
  return !word.empty() && is_alphanumeric(word.front()) &&
         std::ranges::all_of(word, [](char c) { return is_alphanumeric(c) || c == '.' || c == '_' || c == ':' || c == '-'; });
}

failure no_word(std::string_view word) { return {errc::bad_value, "\"" + std::string(word.substr(0, 80)) + "\" is no capability and no preference"}; }

} // namespace

std::string text_of(const capabilities& c) {
  std::string text;
  const auto add = [&](std::string_view word) {
    if (!text.empty())
      text += ' ';
    text += word;
  };
  for (const auto& name : c.plays)
    add(name);
  for (const auto& [label, weight] : c.prefers) {
    std::array<char, 32> number{};
    const auto end = std::to_chars(number.data(), number.data() + number.size(), weight).ptr;
    add(std::string(preference) + label + '*' + std::string(number.data(), end));
  }
  return text;
}

result<capabilities> capabilities_from(std::string_view text) {
  if (text.size() > longest_text)
    return {errc::bad_value, "capabilities of " + std::to_string(text.size()) + " bytes"};
  capabilities c;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!word.starts_with(preference)) {
      if (!is_name(word))
        return no_word(word);
      c.plays.emplace(word);
      continue;
    }
    const auto star = std::min(word.find('*'), word.size());
    const std::string_view label = word.substr(preference.size(), star - preference.size());
    double weight = usual_preference;
    if (star < word.size()) {
      const auto read = std::from_chars(word.data() + star + 1, word.data() + word.size(), weight);
      if (read.ec != std::errc{} || read.ptr != word.data() + word.size())
        return no_word(word);
    }
    if (!is_name(label) || !(weight >= 1e-9 && weight <= 1e9))
      return no_word(word);
    c.prefers.insert_or_assign(std::string(label), weight);
  }
  return c;
}

} // namespace ammo::cluster
