#include "actors/protocol/signal.hpp"

#include <algorithm>

namespace ammo {
namespace {

constexpr std::array<std::string_view, signals> names{"view", "like", "save", "share", "response", "dismiss"};
constexpr std::array<double, signals> worths{0.05, 0.5, 0.7, 0.6, 1, -1};

} // namespace

std::string_view name_of(signal s) noexcept {
  const auto number = static_cast<std::size_t>(s);
  return number < names.size() ? names[number] : std::string_view{};
}

signal_table default_signals() {
  signal_table out;
  for (std::size_t i = 0; i < signals; ++i)
    out.push_back({std::string(names[i]), worths[i], i == static_cast<std::size_t>(signal::view) || i == static_cast<std::size_t>(signal::response) ? std::string() : label_of(names[i])});
  return out;
}

std::string label_of(std::string_view name) {
  std::string out(name);
  std::ranges::replace(out, '_', ' ');
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z')
    out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

const signal_worth* find_signal(const signal_table& table, std::string_view name) noexcept {
  const auto found = std::ranges::find(table, name, &signal_worth::name);
  return found == table.end() ? nullptr : &*found;
}

std::string names_of(const signal_table& table) {
  std::string out;
  for (const auto& s : table)
    out += (out.empty() ? "" : ", ") + s.name;
  return out;
}

} // namespace ammo
