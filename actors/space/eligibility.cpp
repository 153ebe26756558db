#include "actors/space/eligibility.hpp"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

namespace ammo {
namespace {

row_bits live_rows(const panel& p) noexcept {
  row_bits out;
  for (std::uint32_t row = 0; row < panel_rows; ++row)
    out.words[row / 64] |= std::uint64_t{p.bias[row] == 0} << row % 64;
  return out;
}

template <class Id>
bool has(const std::vector<Id>& ascending, Id id) noexcept {
  return !ascending.empty() && ascending.front() <= id && id <= ascending.back() && std::ranges::binary_search(ascending, id);
}

/// The panel's rows whose creations are on the list. O(list).
row_bits rows_listed(const panel& p, const std::vector<creation_id>& list) noexcept {
  row_bits out;
  for (const creation_id id : list)
    if (const std::uint32_t row = row_of(id) % panel_rows; p.info[row].id == id)
      out.add(row);
  return out;
}

/// Does the set list creations, and nothing else that a row would have to be looked up for?
bool creations_alone(const content_set& set) noexcept {
  return !set.creations.empty() && set.contents.empty() && set.goals.empty() && set.owners.empty();
}

/// Up to so many a row, entries of a list are looked up in a panel, and rows in the list beyond.
constexpr std::size_t entries_a_row = 4;

/// Sorts every list, each entry once.
void prepare(content_set& set) {
  std::apply(
    [](auto&... list) {
      (std::ranges::sort(list), ...);
      (list.erase(std::ranges::unique(list).begin(), list.end()), ...);
    },
    content_set::fields(set));
}

} // namespace

result<void> check_tags(std::span<const std::uint32_t> tagged) {
  if (tagged.size() > most_tags)
    return {errc::bad_value, std::to_string(tagged.size()) + " tags of one creation, at most " + std::to_string(most_tags)};
  return {};
}

result<void> check(const content_set& set) {
  const auto longest = std::apply([](const auto&... list) { return std::max({list.size()...}); }, content_set::fields(set));
  if (longest > most_listed)
    return {errc::bad_value, std::to_string(longest) + " entries in one list of an ask, at most " + std::to_string(most_listed)};
  return {};
}

bool eligibility::part::listed(const creation_info& who) const noexcept {
  return has(of.contents, who.content) || has(of.creations, who.id) || has(of.goals, who.goal) || has(of.owners, who.owner);
}

row_bits eligibility::part::tagged(const tag_index& tags) const noexcept {
  row_bits out;
  if (tags.empty())
    return out;
  for (std::uint32_t tag : of.tags)
    out |= tags.with(tag);
  if (of.all_tags.empty())
    return out;
  row_bits all = row_bits::all();
  for (std::uint32_t tag : of.all_tags)
    all &= tags.with(tag);
  return out |= all;
}

result<eligible_ptr> eligibility::of(content_set only, content_set except) {
  if (only.empty() && except.empty())
    return eligible_ptr();
  for (content_set* set : {&only, &except}) {
    if (auto fine = check(*set); !fine)
      return fine.error();
    prepare(*set);
  }
  auto out = std::make_shared<eligibility>();
  out->only_.of = std::move(only);
  out->except_.of = std::move(except);
  return eligible_ptr(std::move(out));
}

row_bits eligibility::by_tags(const panel& p) const noexcept {
  row_bits out = only_.of.empty() || only_.lists() ? row_bits::all() : only_.tagged(p.tags);
  return out -= except_.tagged(p.tags);
}

eligible_ptr eligibility::without(const eligible_ptr& base, std::vector<creation_id> ascending) {
  auto out = base ? std::make_shared<eligibility>(*base) : std::make_shared<eligibility>();
  out->over_ = std::move(ascending);
  return out;
}

bool eligibility::ruled_out(const creation_info& who, bool tagged) const noexcept {
  return !(only_.of.empty() || tagged || only_.listed(who)) || (except_.lists() && except_.listed(who)) || has(over_, who.id);
}

bool eligibility::includes(const panel& p, std::uint32_t row) const noexcept {
  return !except_.tagged(p.tags).has(row) && !ruled_out(p.info[row], only_.tagged(p.tags).has(row));
}

row_bits eligibility::rows_of(const panel& p) const noexcept {
  row_bits out = by_tags(p);
  out &= live_rows(p);
  if (!asks_lists() || out.none())
    return out;
  const row_bits tagged = only_.tagged(p.tags);
  if (creations_alone(only_.of) && only_.of.creations.size() <= entries_a_row * out.count()) {
    row_bits listed = rows_listed(p, only_.of.creations);
    out &= listed |= tagged;
    if (out.none() || (!except_.lists() && over_.empty()))
      return out;
  }
  for (std::size_t i = 0; i < out.words.size(); ++i)
    for (std::uint64_t left = out.words[i]; left != 0; left &= left - 1) {
      const auto row = static_cast<std::uint32_t>(64 * i) + static_cast<std::uint32_t>(std::countr_zero(left));
      if (ruled_out(p.info[row], tagged.has(row)))
        out.remove(row);
    }
  return out;
}

bool eligibility::includes(const catalogue_version& c, creation_id id) const noexcept {
  return c.find(id) && includes(*c.panels()[row_of(id) / panel_rows], row_of(id) % panel_rows);
}

std::size_t eligibility::count(const catalogue_version& c) const noexcept {
  std::size_t sum = 0;
  for (const auto& p : c.panels())
    sum += rows_of(*p).count();
  return sum;
}

} // namespace ammo
