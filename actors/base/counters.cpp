#include "actors/base/counters.hpp"

#include <algorithm>

namespace ammo {
namespace {

constexpr counter_info table[] = {
#define AMMO_COUNTER(name, kind, label, help) {#name, counter_kind::kind, label, help},
  AMMO_EACH_COUNTER(AMMO_COUNTER)
#undef AMMO_COUNTER
};

} // namespace

std::span<const counter_info> counter_table() noexcept { return table; }

const counter_info* counter_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(table, name, &counter_info::name);
  return found == std::end(table) ? nullptr : found;
}

std::uint64_t counters::of(counter what) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_) {
    if (what == counter::refused)
      for (const auto& n : s.refused)
        sum += n.load(std::memory_order_relaxed);
    else
      sum += s.plain[static_cast<std::size_t>(what)].load(std::memory_order_relaxed);
  }
  return sum;
}

std::uint64_t counters::refused(errc code) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.refused[static_cast<std::size_t>(code)].load(std::memory_order_relaxed);
  return sum;
}

std::vector<counter_value> readings(const counters& all, const gauge_values& gauges) {
  std::vector<counter_value> out;
  for (std::size_t i = 0; i < std::size(table); ++i) {
    const auto& row = table[i];
    if (row.label.empty()) {
      out.push_back({std::string(row.name), {}, row.kind == counter_kind::gauge ? gauges[i] : all.of(static_cast<counter>(i))});
      continue;
    }
    for (std::size_t code = 0; code < static_cast<std::size_t>(errc::end_); ++code)
      if (const auto n = all.refused(static_cast<errc>(code)))
        out.push_back({std::string(row.name), {{std::string(row.label), std::string(name_of(static_cast<errc>(code)))}}, n});
  }
  return out;
}

} // namespace ammo
