/// Reads TOML tables into structs by their tables of keys, and says by line and column what is wrong with one.
#pragma once

#include "runtime/config/option_rules.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <concepts>
#include <string>
#include <vector>

namespace ammo {

/// "coin.toml:12:5".
[[nodiscard]] std::string place_of(std::string_view source, const toml::source_region& region);

/// The failure with its place in front.
[[nodiscard]] failure located(failure why, const std::string& place);

inline constexpr std::size_t longest_toml = std::size_t{1} << 20; ///< bytes of a text
inline constexpr std::size_t deepest_toml = 32;                   ///< parts of a key, and brackets within brackets

/// Parses a text. Errors: `malformed_toml` with line and column, also for a text beyond `longest_toml` or `deepest_toml`: the
/// parser recurses, so these are looked at first.
result<toml::table> parse_toml(std::string_view text, std::string_view source);

/// `unknown_key`, with the nearest of the known keys, or the table where this key is known.
[[nodiscard]] failure unknown_key(std::string_view key, std::string_view table, words known);

/// `wrong_type`: "slots takes a whole number, not a string".
[[nodiscard]] failure wrong_type(const std::string& name, std::string_view takes, const toml::node& node);

/// The range as far as the member's type can hold it, when TOML's 64 bits hold more.
template <std::integral Value>
range held_by(range allowed) {
  if constexpr (sizeof(Value) < sizeof(std::int64_t)) {
    allowed.low = std::max(allowed.low, static_cast<long double>(std::numeric_limits<Value>::min()));
    allowed.high = std::min(allowed.high, static_cast<long double>(std::numeric_limits<Value>::max()));
  }
  return allowed;
}

/// Sets the member of one key. Errors, without a place: `wrong_type`, `not_finite`, and the key's own.
template <class Table>
result<void> assign(const binding<Table>& key, Table& table, const toml::node& node, const std::string& name) {
  return std::visit(
    [&](auto member) -> result<void> {
      auto& slot = table.*member;
      using value = std::remove_cvref_t<decltype(slot)>;
      result<void> fine;
      if constexpr (std::same_as<value, bool>) {
        if (!node.is_boolean())
          return wrong_type(name, "true or false", node);
        slot = *node.value_exact<bool>();
      } else if constexpr (std::same_as<value, std::string>) {
        if (!node.is_string())
          return wrong_type(name, "a text", node);
        auto text = *node.value_exact<std::string>();
        if (fine = judge(text, key.one_of, name); fine)
          slot = std::move(text);
      } else if constexpr (std::same_as<value, signal_table>) {
        const auto* named = node.as_table();
        if (!named)
          return wrong_type(name, "a table of numbers", node);
        signal_table read;
        for (auto&& [signal, worth] : *named) {
          if (!worth.is_number())
            return wrong_type(name + '.' + std::string(signal.str()), "a number", worth);
          read.push_back({std::string(signal.str()), *worth.template value<double>()});
        }
        if (fine = judge_signals(read, name); fine)
          slot = std::move(read);
      } else if constexpr (std::same_as<value, std::vector<std::string>>) {
        const auto* list = node.as_array();
        if (!list || !std::ranges::all_of(*list, [](const toml::node& n) { return n.is_string(); }))
          return wrong_type(name, "an array of texts", node);
        std::vector<std::string> read;
        for (const toml::node& word : *list)
          read.push_back(*word.value_exact<std::string>());
        if (fine = judge(read, key.allowed, name); fine)
          slot = std::move(read);
      } else if constexpr (std::same_as<value, double> || std::same_as<value, std::optional<double>>) {
        if (!node.is_number())
          return wrong_type(name, "a number", node);
        auto number = *node.value<double>();
        if (fine = judge(number, key.allowed, name); fine)
          slot = number;
      } else {
        if (!node.is_integer())
          return wrong_type(name, "a whole number", node);
        auto number = *node.value_exact<std::int64_t>();
        if (fine = judge(number, held_by<value>(key.allowed), name); fine)
          slot = static_cast<value>(number);
      }
      return fine;
    },
    key.member);
}

/// Sets all members that a TOML table names. `prefix` stands before their names in errors. A key that is not of `Table`
/// goes to `other(key, node)`, whose refusal has its place already.
template <class Table, class Other>
result<void> read_table(const toml::table& from, Table& table, const std::string& prefix, std::string_view source,
                        Other other) {
  for (auto&& [key, node] : from) {
    const auto& keys = keys_of<Table>;
    auto found = std::find_if(keys.begin(), keys.end(), [&](const auto& k) { return k.key == key.str(); });
    bool known = found != keys.end();
    auto done = known ? assign(*found, table, node, prefix + std::string(key.str())) : other(key, node);
    if (!done)
      return known ? located(done.error(), place_of(source, node.source())) : done;
  }
  return {};
}

} // namespace ammo
