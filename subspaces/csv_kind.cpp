#include "subspaces/csv.hpp"
#include "subspaces/kinds.hpp"

#include <map>
#include <set>

namespace ammo {
namespace {

result<read_content> read_items(const std::string& path) {
  auto table = csv_table::read(path, {"key", "title", "owner", "text"});
  if (!table)
    return table.error();
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
