/// Is a value what its key takes? One judgement for a TOML value, a host's struct and a flag.
#pragma once

#include "runtime/config/option_tables.hpp"
#include "subspaces/kinds.hpp"

#include <cmath>
#include <concepts>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

namespace ammo {

/// "at least 1", "from 1 to 64", "above 0 and below 1".
[[nodiscard]] std::string text_of(const range& allowed);

/// The known name with the smallest edit distance (Levenshtein), if it is near enough to be meant; else empty.
[[nodiscard]] std::string_view nearest(std::string_view name, words known);

/// Judges a number. Errors: `not_finite`, and the range's own. `name` says whose number ("simulation.rounds").
result<void> judge(long double value, const range& allowed, const std::string& name);
/// Judges a text. Errors: `bad_value`, with the nearest of the allowed words.
result<void> judge(std::string_view value, words one_of, const std::string& name);

/// Judges a list of words: as many as the range says, none empty or twice. Errors: `bad_value`, and those of a text.
result<void> judge(const std::vector<std::string>& list, const range& allowed, const std::string& name);

/// Judges what a struct holds for a key.
template <class Table>
result<void> judge(const binding<Table>& key, const Table& table, const std::string& name) {
  return std::visit(
    [&](auto member) -> result<void> {
      using value = std::remove_cvref_t<decltype(table.*member)>;
      if constexpr (std::same_as<value, bool>)
        return {};
      else if constexpr (std::same_as<value, std::string>)
        return judge(table.*member, key.one_of, name);
      else if constexpr (std::same_as<value, signal_table>)
        return judge_signals(table.*member, name);
      else if constexpr (std::same_as<value, std::vector<std::string>>)
        return judge(table.*member, key.allowed, name);
      else if constexpr (std::same_as<value, std::optional<double>>)
        return table.*member ? judge(static_cast<long double>(*(table.*member)), key.allowed, name) : result<void>{};
      else
        return judge(static_cast<long double>(table.*member), key.allowed, name);
    },
    key.member);
}

/// Judges all keys of a table; `prefix` ("simulation.") stands before their names.
template <class Table>
result<void> judge_all(const Table& table, const std::string& prefix) {
  for (const auto& key : keys_of<Table>)
    if (auto ok = judge(key, table, prefix + std::string(key.key)); !ok)
      return ok;
  return {};
}

/// Is the kind of a subspace known? Errors: `bad_value`, with the nearest of the known ones.
result<void> judge_kind(const options& deployment, const subspace_options& subspace, const std::string& name);

/// Does a deployment have all that its node prefers? Errors: `bad_value`, with the nearest of what it has.
result<void> judge_preferences(const options& deployment);

/// What is wrong with the subspaces together, and with which of them.
struct misfit {
  failure why;
  std::size_t subspace = 0; ///< position in `options::subspaces`; one past the last: none in particular
};

/// Judges names, widths and the layout. Nothing: all is well. Values in range are taken for granted.
[[nodiscard]] std::optional<misfit> find_misfit(const options& deployment);

} // namespace ammo
