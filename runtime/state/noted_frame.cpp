#include "runtime/state/noted_frame.hpp"

#include <algorithm>

namespace ammo {
namespace {

constexpr std::size_t head = 4 + 1 + 8 + 2;

void put(store::bytes& to, std::uint64_t number, int size) {
  for (int i = 0; i < size; ++i, number >>= 8)
    to.push_back(static_cast<std::byte>(number));
}

std::uint64_t number_at(std::span<const std::byte> from, std::size_t at, int size) {
  std::uint64_t number = 0;
  for (int i = size; i-- > 0;)
    number = number << 8 | std::to_integer<std::uint64_t>(from[at + static_cast<std::size_t>(i)]);
  return number;
}

} // namespace

store::bytes packed_frame(const noted_frame& f) {
  store::bytes out;
  out.reserve(head + f.body.size());
  put(out, static_cast<std::uint32_t>(f.unit), 4);
  put(out, static_cast<std::uint8_t>(f.entity.of), 1);
  put(out, f.entity.id, 8);
  put(out, f.what, 2);
  out.insert(out.end(), f.body.begin(), f.body.end());
  return out;
}

std::optional<noted_frame> unpacked_frame(std::span<const std::byte> bytes) {
  if (bytes.size() < head || number_at(bytes, 4, 1) >= static_cast<std::uint64_t>(role::end_))
    return std::nullopt;
  return noted_frame{store::unit_id{static_cast<std::uint32_t>(number_at(bytes, 0, 4))},
                     {static_cast<role>(number_at(bytes, 4, 1)), number_at(bytes, 5, 8)},
                     static_cast<std::uint16_t>(number_at(bytes, 13, 2)),
                     bytes.subspan(head)};
}

} // namespace ammo
