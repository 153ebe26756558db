#include "actors/protocol/pooled.hpp"

namespace ammo {

namespace {

/// Calls f with each number, in the order of the fields.
template <class Sums, class F>
void each_number(Sums& sums, F f) {
  const auto one = [&](auto& field) {
    if constexpr (requires { field.size(); })
      for (auto& v : field)
        f(v);
    else
      f(field);
  };
  std::apply([&](auto&... field) { (one(field), ...); }, pooled_sums::fields(sums));
}

} // namespace

pooled_sums& pooled_sums::operator+=(const pooled_sums& o) noexcept {
  std::array<std::int64_t, pooled_numbers> more{};
  std::size_t i = 0;
  each_number(o, [&](std::int64_t v) { more[i++] = v; });
  i = 0;
  each_number(*this, [&](std::int64_t& v) { v += more[i++]; });
  return *this;
}

void add_to_ring(std::span<std::uint64_t, pooled_numbers> ring, const pooled_sums& person) noexcept {
  std::size_t i = 0;
  each_number(person, [&](std::int64_t v) { ring[i++] += static_cast<std::uint64_t>(v); });
}

pooled_sums taken_from_ring(std::span<const std::uint64_t, pooled_numbers> ring,
                            std::span<const std::uint64_t, pooled_numbers> mask) noexcept {
  pooled_sums out;
  std::size_t i = 0;
  each_number(out, [&](std::int64_t& v) {
    v = static_cast<std::int64_t>(ring[i] - mask[i]);
    ++i;
  });
  return out;
}

} // namespace ammo
