#include "runtime/host/calls/key_book.hpp"

#include "actors/protocol/codec.hpp"

namespace ammo {
namespace {

/// FNV-1a: the same in every process, as a state outlives them.
std::uint64_t hash_of(const frame& bytes) noexcept {
  std::uint64_t h = 0xCBF29CE484222325;
  for (const std::byte b : bytes)
    h = (h ^ std::to_integer<std::uint64_t>(b)) * 0x100000001B3;
  return h;
}

} // namespace

call_identity identity_of(const host_question& q) {
  return std::visit(
    [&q](auto m) {
      m.request = 0;
      if constexpr (std::is_same_v<decltype(m), creation_offer>)
        if (m.key >> 63 != 0) // the runtime's own: another one each time
          m.key = 0;
      if constexpr (std::is_same_v<decltype(m), health_request>)
        return call_identity{q.index(), 0}; // it changes nothing
      else
        return call_identity{q.index(), hash_of(encode(m)) | 1};
    },
    q);
}

} // namespace ammo
