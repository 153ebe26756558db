#include "actors/space/content_set.hpp"
#include "subspaces/csv.hpp"
#include "subspaces/kinds.hpp"

#include <charconv>
#include <map>
#include <set>
#include <sstream>

namespace ammo {
namespace {

/// "7 12": whole numbers with blanks between.
result<std::vector<std::uint32_t>> tags_of(const csv_table& table, std::size_t row, std::size_t column) {
  std::vector<std::uint32_t> out;
  std::istringstream words(table.text(row, column));
  for (std::string word; words >> word;) {
    std::uint32_t tag = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), tag);
    if (error != std::errc{} || end != word.data() + word.size())
      return table.bad(row, "whole numbers as tags, found \"" + word + '"');
    out.push_back(tag);
  }
  if (out.size() > most_tags)
    return table.bad(row, "at most " + std::to_string(most_tags) + " tags, found " + std::to_string(out.size()));
  return out;
}

result<read_content> read_items(const std::string& path) {
  auto table = csv_table::read(path, {"key", "title", "owner", "text"});
  if (!table)
    return table.error();
  std::size_t tags = 0; // the column of tags; none: the width
  while (tags < table->width() && table->column(tags) != "tags")
    ++tags;
  read_content out;
  std::set<std::string> keys;
  std::map<std::string, std::uint64_t> owners;
  for (std::size_t r = 0; r < table->size(); ++r) {
    const auto &key = table->text(r, 0), &title = table->text(r, 1), &text = table->text(r, 3);
    if (!keys.insert(key).second)
      return table->bad(r, "a key of its own, found \"" + key + "\" again");
    const auto owner = owners.try_emplace(table->text(r, 2), owners.size()).first->second;
    out.items.push_back({.key = key,
                         .title = title,
                         .owner = owner,
                         .facts = facts_of({{"title", title}, {"text", text}}),
                         .text = title + ' ' + text});
    if (tags == table->width())
      continue;
    auto tagged = tags_of(*table, r, tags);
    if (!tagged)
      return tagged.error();
    out.items.back().tags = std::move(*tagged);
  }
  return out;
}

} // namespace

subspace_kind csv_kind(std::string name, std::string path) {
  return {.name = std::move(name), .read = [path = std::move(path)](const std::string&) { return read_items(path); }};
}

std::vector<fact> facts_of(std::initializer_list<std::pair<const char*, std::string_view>> named) {
  std::vector<fact> out;
  for (const auto& [name, text] : named)
    if (auto words = plain(text); !words.empty())
      out.push_back({name, std::move(words)});
  return out;
}

} // namespace ammo
