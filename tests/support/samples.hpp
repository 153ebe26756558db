/// Messages of every type to test with: filled by counting (readable, the same for ever) or at random.
#pragma once

#include "actors/protocol/codec.hpp"
#include "actors/base/random.hpp"

#include <algorithm>
#include <array>
#include <concepts>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

namespace ammo::test {

/// 1, 2, 3, … and two of everything that can be repeated.
struct counting {
  std::uint64_t last = 0;
  std::uint64_t number() { return ++last; }
  std::size_t size() { return 2; }
};

/// Numbers of every length, and 0 to 12 of everything.
struct at_random {
  splitmix64 g;
  std::uint64_t number() {
    auto bits = g();
    return bits >> g() % 64;
  }
  std::size_t size() { return g() % 13; }
};

/// A snapshot whose live rows are those given, ascending, filled from `from`.
template <class Source>
std::shared_ptr<const catalogue_version> snapshot_of(Source& from, subspace_id subspace, block at, std::uint32_t panels,
                                                     const std::vector<std::uint32_t>& rows) {
  std::vector<std::shared_ptr<panel>> made;
  for (std::uint32_t i = 0; i < panels; ++i)
    made.push_back(std::make_shared<panel>(at.width));
  for (std::uint32_t row : rows) {
    panel& p = *made[row / panel_rows];
    std::uint32_t r = row % panel_rows;
    auto generation = static_cast<std::uint32_t>(from.number() % 0xFFFFFF + 1);
    p.info[r] = {make_creation_id(subspace, row, generation), goal_id{from.number()}, owner_id{from.number()},
                 from.number(), nullptr};
    fill(from, p.info[r].shown);
    p.bias[r] = 0;
    if (row % 2 == 1)
      p.tags.set(r, std::vector<std::uint32_t>{row, 100'000 + row});
    for (std::uint32_t k = 0; k < at.width; ++k)
      p.values()[(r / lanes * at.width + k) * lanes + r % lanes] = static_cast<float>(from.number() % 1000) * 0.001f;
  }
  return std::make_shared<const catalogue_version>(subspace, at, from.number(), rows.size(),
                                                   std::vector<std::shared_ptr<const panel>>(made.begin(), made.end()));
}

template <class Source, class T>
void fill(Source& from, T& value) {
  if constexpr (std::same_as<T, errc>) {
    value = static_cast<errc>(from.number() % static_cast<std::uint64_t>(errc::end_));
  } else if constexpr (std::same_as<T, occasion>) {
    value = static_cast<occasion>(from.number() % 3);
  } else if constexpr (std::same_as<T, signal>) {
    value = static_cast<signal>(from.number() % signals);
  } else if constexpr (std::same_as<T, trigger>) {
    value = static_cast<trigger>(from.number() % 4);
  } else if constexpr (std::same_as<T, writing_order>) {
    value = static_cast<writing_order>(from.number() % 3);
  } else if constexpr (std::same_as<T, gene>) {
    value = static_cast<gene>(from.number() % 6); // so many there were when the golden frames were written
  } else if constexpr (std::same_as<T, buddy_kind>) {
    value = static_cast<buddy_kind>(from.number() % 2);
  } else if constexpr (std::same_as<T, propensity_source>) {
    value = static_cast<propensity_source>(from.number() % 3);
  } else if constexpr (std::is_enum_v<T> || std::unsigned_integral<T>) {
    value = static_cast<T>(from.number());
  } else if constexpr (std::signed_integral<T>) {
    auto n = static_cast<T>(from.number() >> 1);
    value = from.number() % 2 ? n : -n;
  } else if constexpr (std::floating_point<T>) {
    value = static_cast<T>(static_cast<double>(static_cast<std::int64_t>(from.number())) * 0.25);
  } else if constexpr (std::same_as<T, std::string>) {
    value = "pièce " + std::to_string(from.number());
  } else if constexpr (std::same_as<T, embedding>) {
    value.values.resize(from.size());
    for (float& v : value.values)
      fill(from, v);
  } else if constexpr (std::same_as<T, catalogue_news>) {
    std::vector<std::uint32_t> rows;
    for (std::size_t i = from.size() + 1; i > 0; --i)
      rows.push_back(static_cast<std::uint32_t>(from.number() * 37 % (3 * panel_rows)));
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    subspace_id subspace{static_cast<std::uint16_t>(from.number() % 4096)};
    block at{static_cast<std::uint32_t>(from.number() % 100), static_cast<std::uint32_t>(from.size() + 1)};
    value.snapshot = snapshot_of(from, subspace, at, 3, rows);
    fill(from, value.fresh);
  } else if constexpr (std::same_as<T, shared_item>) {
    item told;
    fill(from, told);
    value = std::make_shared<const item>(std::move(told));
  } else if constexpr (std::same_as<T, shared_consensus>) {
    consensus told;
    fill(from, told);
    value.now = told == consensus{} ? nullptr : std::make_shared<const consensus>(std::move(told));
  } else if constexpr (requires { value.has_value(); }) {
    fill(from, value.emplace());
  } else if constexpr (requires { T::fields(value); }) {
    std::apply([&](auto&... field) { (fill(from, field), ...); }, T::fields(value));
  } else {
    if constexpr (requires { value.resize(1); }) // else it has as many as it has
      value.resize(from.size());
    for (auto& element : value)
      fill(from, element);
  }
}

template <class Message, class Source>
Message sample(Source&& from) {
  Message m;
  fill(from, m);
  return m;
}

template <class Message>
bool same(const Message& a, const Message& b) { return a == b; }

/// The same ids and the same coordinates in the same rows.
inline bool same(const catalogue_news& a, const catalogue_news& b) {
  const catalogue_version &x = *a.snapshot, &y = *b.snapshot;
  if (a.fresh != b.fresh || x.subspace() != y.subspace() || x.coordinates() != y.coordinates() ||
      x.version() != y.version() || x.live() != y.live() || x.rows() != y.rows())
    return false;
  auto bias = [](const catalogue_version& c, std::uint32_t row) {
    return c.panels()[row / panel_rows]->bias[row % panel_rows];
  };
  auto tags = [](const catalogue_version& c, std::uint32_t row) { return c.panels()[row / panel_rows]->tags.of(row % panel_rows); };
  std::vector<float> e(x.coordinates().width), f(e.size());
  for (std::uint32_t row = 0; row < x.rows(); ++row) {
    x.embedding(row, e);
    y.embedding(row, f);
    if (x.info(row) != y.info(row) || e != f || bias(x, row) != bias(y, row) || tags(x, row) != tags(y, row))
      return false;
  }
  return true;
}

namespace detail {
template <class F, class... Ts>
void for_each(F& f, type_list<Ts...>) { (f.template operator()<Ts>(), ...); }
} // namespace detail

/// Calls f.operator()<Message>() for every message.
template <class F>
void for_each_message(F f) { detail::for_each(f, all_messages{}); }

} // namespace ammo::test
