/// Coins: what a coin says of itself and of its origin chain becomes words, words become coordinates. People are the
/// chains that curate a list of coins.
#include "subspaces/csv.hpp"
#include "subspaces/kinds.hpp"

#include <map>
#include <set>

namespace ammo {
namespace {

constexpr auto attribution =
  "Chain Registry, (c) its contributors, github.com/cosmos/chain-registry, CC BY 4.0; reduced to CSV, assets merged "
  "by origin.";

struct chain {
  std::uint64_t number;
  std::string name, description, text;
};

result<std::map<std::string, chain>> read_chains(const std::string& path) {
  auto table = csv_table::read(path, {"chain", "pretty_name", "chain_type", "keywords", "description"}, 1);
  if (!table)
    return table.error();
  std::map<std::string, chain> chains;
  for (std::size_t r = 0; r < table->size(); ++r) {
    std::string text;
    for (std::size_t c = 0; c < 5; ++c)
      text += table->text(r, c) + ' ';
    const auto& name = table->text(r, table->text(r, 1).empty() ? 0 : 1);
    chains[table->text(r, 0)] = {r, name, table->text(r, 4), std::move(text)};
  }
  return chains;
}

/// The coins of each chain's list, for chains with three or more.
result<std::vector<real_choices>> read_listings(const std::string& path, std::size_t coins) {
  auto table = csv_table::read(path, {"chain", "coin_id"}, 2);
  if (!table)
    return table.error();
  std::map<std::string, std::vector<std::vector<std::uint32_t>>> lists;
  for (std::size_t r = 0; r < table->size(); ++r) {
    auto coin = table->whole(r, 1, coins);
    if (!coin)
      return coin.error();
    lists[table->text(r, 0)].push_back({*coin});
  }
  std::vector<real_choices> out;
  for (auto& [chain, list] : lists)
    if (list.size() >= 3)
      out.push_back({chain, std::move(list)});
  return out;
}

result<read_content> read_coins(const std::string& data_root) {
  const auto folder = data_root + "/coin/data";
  auto chains = read_chains(folder + "/chains.csv");
  if (!chains)
    return chains.error();
  auto coins = csv_table::read(folder + "/coins.csv", {"coin_id", "origin_chain", "symbol", "name", "type_asset",
                                                       "keywords", "description", "extended_description", "website",
                                                       "chains_listing"});
  if (!coins)
    return coins.error();
  read_content out;
  std::set<std::string> keys;
  for (std::size_t r = 0; r < coins->size(); ++r) {
    if (coins->text(r, 0) != std::to_string(r))
      return coins->bad(r, "coin_id " + std::to_string(r));
    auto origin = chains->find(coins->text(r, 1));
    if (origin == chains->end())
      return coins->bad(r, "an origin_chain of chains.csv, found \"" + coins->text(r, 1) + '"');
    const auto& from = origin->second;
    auto key = coins->text(r, 1) + '/' + coins->text(r, 2);
    if (!keys.insert(key).second) // a symbol that a chain has twice
      keys.insert(key += '/' + coins->text(r, 0));
    const auto of = [&](std::size_t c) -> std::string_view { return coins->text(r, c); };
    std::string text = from.text;
    for (std::size_t c = 2; c < 8; ++c)
      text += ' ' + coins->text(r, c);
    out.items.push_back({.key = key,
                         .title = coins->text(r, 3),
                         .owner = from.number,
                         .facts = facts_of({{"title", of(3)},
                                            {"symbol", of(2)},
                                            {"chain", from.name},
                                            {"type", of(4)},
                                            {"keywords", of(5)},
                                            {"description", of(6)},
                                            {"details", of(7)},
                                            {"listings", of(9)},
                                            {"chain's own words", from.description},
                                            {"link", of(8)}}),
                         .text = std::move(text)});
  }
  auto choices = read_listings(folder + "/chain_coin_listings.csv", coins->size());
  if (!choices)
    return choices.error();
  out.choices = std::move(*choices);
  out.attribution = attribution;
  return out;
}

forms writing() {
  return {.told = {{"{title} ({symbol}) is a coin from {chain}.", 2},
                   {"{description}", 1, true},
                   {"{details}", 0.9, true},
                   {"It is of type {type}.", 0.5},
                   {"Keywords: {keywords}.", 0.6},
                   {"Chains that list it: {listings}.", 0.4},
                   {"What {chain} says of itself: {chain's own words}", 0.5},
                   {"Its nearest alternatives here: {nearby}.", 0.7}},
          .action = "Open its site"};
}

signal_table people_do() {
  auto out = default_signals();
  const auto say = [&](signal what, const char* label) { out[static_cast<std::size_t>(what)].label = label; };
  say(signal::save, "Watch");
  say(signal::response, "I hold it");
  say(signal::dismiss, "Not for me");
  return out;
}

} // namespace

subspace_kind coin_kind() {
  // Projections take time with the square of their coordinates, hence 256.
  return {.name = "coin", .width = {.least = 1, .usual = 32, .most = 256}, .read = read_coins, .writing = writing(), .signals = people_do(), .look = {.label = "Coins", .emblem = "◎", .accent = "#b45309"}};
}

} // namespace ammo
