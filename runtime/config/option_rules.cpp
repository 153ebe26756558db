#include "runtime/config/option_rules.hpp"

#include "actors/base/text.hpp"
#include "runtime/config/deployment_layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <numeric>
#include <vector>

namespace ammo {
namespace {

std::string text_of(long double number) {
  std::array<char, 64> buffer;
  int digits = number == std::floor(number) ? 19 : 6; // whole numbers of 64 bits to the last digit
  auto* end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::general, digits).ptr;
  return {buffer.data(), end};
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto substitute = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substitute});
    }
  }
  return row.back();
}

} // namespace

std::string text_of(const range& allowed) {
  bool low = allowed.low != -unbounded, high = allowed.high != unbounded;
  if (low && high && !allowed.open_low && !allowed.open_high)
    return "from " + text_of(allowed.low) + " to " + text_of(allowed.high);
  std::string out;
  if (low)
    out += (allowed.open_low ? "above " : "at least ") + text_of(allowed.low);
  if (low && high)
    out += " and ";
  if (high)
    out += (allowed.open_high ? "below " : "at most ") + text_of(allowed.high);
  return out;
}

std::string_view nearest(std::string_view name, words known) {
  std::string_view best;
  name = name.substr(0, 64); // nothing known is as long
  std::size_t least = std::max<std::size_t>(2, name.size() / 2) + 1;
  for (auto candidate : known)
    if (auto distance = edit_distance(name, candidate); distance < least) {
      least = distance;
      best = candidate;
    }
  return best;
}

result<void> judge(long double value, const range& allowed, const std::string& name) {
  if (!std::isfinite(value))
    return {errc::not_finite, name + " is " + (std::isnan(value) ? "NaN" : "infinite")};
  bool below = allowed.open_low ? value <= allowed.low : value < allowed.low;
  bool above = allowed.open_high ? value >= allowed.high : value > allowed.high;
  if (below || above)
    return {below ? allowed.below : allowed.above, name + " is " + text_of(value) + "; allowed: " + text_of(allowed)};
  return {};
}

result<void> judge(std::string_view value, words one_of, const std::string& name) {
  if (value.size() > longest_option)
    return {errc::text_too_long, name + " has " + std::to_string(value.size()) + " bytes, at most " +
                                   std::to_string(longest_option) + " are taken"};
  if (value.find('\0') != value.npos)
    return {errc::text_control, name + " has a NUL byte"};
  if (one_of.empty() || std::find(one_of.begin(), one_of.end(), value) != one_of.end())
    return {};
  std::string detail = name + " is " + in_quotes(value) + "; allowed: ";
  for (auto word : one_of)
    detail += (word == one_of.front() ? "\"" : ", \"") + std::string(word) + '"';
  if (auto meant = nearest(value, one_of); !meant.empty())
    detail += "; nearest: \"" + std::string(meant) + '"';
  return {errc::bad_value, std::move(detail)};
}

result<void> judge(const std::vector<std::string>& list, const range& allowed, const std::string& name) {
  if (static_cast<long double>(list.size()) > allowed.high)
    return {errc::bad_value, name + " has " + std::to_string(list.size()) + " entries, at most " + text_of(allowed.high)};
  for (auto word = list.begin(); word != list.end(); ++word) {
    if (auto fine = judge(*word, words{}, name); !fine)
      return fine;
    if (word->empty() || std::find(list.begin(), word, *word) != word)
      return {errc::bad_value, name + (word->empty() ? " has an empty entry" : " has " + in_quotes(*word) + " twice")};
  }
  return {};
}

result<void> judge_kind(const options& deployment, const subspace_options& subspace, const std::string& name) {
  return judge(subspace.kind, deployment.kinds.names(), name);
}

result<void> judge_preferences(const options& deployment) {
  std::vector<std::string_view> known{"people", "population", "evolution"};
  for (const auto& s : deployment.subspaces)
    known.push_back(s.name);
  for (const auto& preferred : deployment.node.prefers)
    if (auto fine = judge(preferred, known, "node.prefers"); !fine)
      return fine;
  return {};
}

namespace {

/// "#b45309"
bool is_colour(std::string_view text) noexcept {
  return text.size() == 7 && text[0] == '#' && text.find_first_not_of("0123456789abcdefABCDEF", 1) == text.npos;
}

/// What people can do in a subspace, and how it is shown.
result<void> judge_customs(const options& deployment, const subspace_options& s) {
  const std::string who = "subspace \"" + s.name + "\"";
  if (!s.accent.empty() && !is_colour(s.accent))
    return {errc::bad_value, who + " has the accent " + in_quotes(s.accent) + "; a colour is six hexadecimal digits, as \"#b45309\""};
  if (s.label.size() > 64 || s.action.size() > 64 || s.emblem.size() > 16)
    return {errc::text_too_long, who + ": a label and an action have 64 bytes at most, an emblem 16"};
  const auto kind = deployment.kinds.find(s.kind);
  for (const auto& name : s.takes)
    if (!find_signal(s.signals, name) && !(kind && find_signal(kind->signals, name)))
      return {errc::unknown_signal, who + " takes " + in_quotes(name) + "; known: " + (kind ? names_of(kind->signals) : std::string()) +
                                      (s.signals.empty() ? "" : ", ") + names_of(s.signals)};
  return {};
}

} // namespace

std::optional<misfit> find_misfit(const options& deployment) {
  const auto& subspaces = deployment.subspaces;
  if (subspaces.empty())
    return misfit{{errc::missing_key, "a deployment needs at least one [[subspace]]"}, 0};
  auto blocks = blocks_of(deployment);
  for (std::size_t i = 0; i < subspaces.size(); ++i) {
    if (subspaces[i].name.empty())
      return misfit{{errc::missing_key, "subspace " + std::to_string(i + 1) + " lacks its name"}, i};
    if (blocks[i].coordinates.width == 0)
      return misfit{{errc::missing_key, "subspace \"" + subspaces[i].name + "\" lacks its width: content of kind \"" +
                                          subspaces[i].kind + "\" has no default"},
                    i};
  }
  for (std::size_t i = 0; i < subspaces.size(); ++i)
    if (auto fine = judge_customs(deployment, subspaces[i]); !fine)
      return misfit{fine.error(), i};
  std::uint64_t floors = 0;
  for (std::size_t i = 0; i < subspaces.size(); ++i) {
    const auto& s = subspaces[i];
    floors += s.slate_floor;
    if (s.slate_cap > 0 && s.slate_floor > s.slate_cap)
      return misfit{{errc::bad_value, "subspace \"" + s.name + "\" has a slate_floor of " + std::to_string(s.slate_floor) +
                                        " above its slate_cap of " + std::to_string(s.slate_cap)},
                    i};
    if (floors > deployment.slots)
      return misfit{{errc::bad_value, "the slate_floors up to subspace \"" + s.name + "\" add up to " + std::to_string(floors) +
                                        "; a slate has " + std::to_string(deployment.slots) + " slots"},
                    i};
  }
  auto dim = dim_of(deployment, blocks);
  auto whole = layout::make(dim, blocks);
  if (whole)
    return std::nullopt;
  // One subspace more at a time: the first that doesn't fit is the one to name.
  for (std::size_t n = 1; n < blocks.size(); ++n)
    if (auto part = layout::make(dim, {blocks.begin(), blocks.begin() + static_cast<std::ptrdiff_t>(n)}); !part)
      return misfit{part.error(), n - 1};
  return misfit{whole.error(), blocks.size() - 1};
}

} // namespace ammo
