/// What a person can do with what they are shown, and what it is worth.
#ifndef AMMO_SIGNAL_HPP // hosts see this file as ammo/signal.hpp: one guard for both
#define AMMO_SIGNAL_HPP

#include "actors/base/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// The signals that every subspace of coin, job, edu and host has, from the least to the most that it says; `dismiss`
/// says the opposite. A kind of subspace may have others, by name.
enum class signal : std::uint8_t {
  view,     ///< looked at it
  like,
  save,     ///< kept it for later: a watch list, a bookmark
  share,
  response, ///< did what it is for: bought, applied, enrolled
  dismiss,  ///< doesn't want to see it
};
inline constexpr std::size_t signals = 6;

/// "view", "like", "save", "share", "response", "dismiss"; empty for a number that is none of them.
[[nodiscard]] AMMO_EXPORT std::string_view name_of(signal s) noexcept;

/// A signal by its name, and what it is worth as a reward, in [−1, 1].
struct signal_worth {
  std::string name{};
  double worth = 0;
  std::string label{}; ///< what a button says that gives it; empty: none does
  friend bool operator==(const signal_worth&, const signal_worth&) = default;
};

/// The signals of a subspace; no name twice.
using signal_table = std::vector<signal_worth>;

/// view 0.05, like 0.5, save 0.7, share 0.6, response 1, dismiss −1. All but view and response have a button of their name.
[[nodiscard]] AMMO_EXPORT signal_table default_signals();

/// The button of a signal that nobody has named one for: "staked_it" is "Staked it".
[[nodiscard]] AMMO_EXPORT std::string label_of(std::string_view name);

/// The signal of that name; null where there is none. Valid as long as the table.
[[nodiscard]] AMMO_EXPORT const signal_worth* find_signal(const signal_table& table, std::string_view name) noexcept;

/// The names of a table as a sentence takes them: "view, like, save".
[[nodiscard]] AMMO_EXPORT std::string names_of(const signal_table& table);

} // namespace ammo

#endif
