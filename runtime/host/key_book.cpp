#include "runtime/host/key_book.hpp"

#include "actors/protocol/codec.hpp"

#include <string_view>

namespace ammo {

call_identity identity_of(const host_question& q) {
  return std::visit(
    [&q](auto m) {
      m.request = 0;
      if constexpr (std::is_same_v<decltype(m), creation_offer>)
        if (m.key >> 63 != 0) // the runtime's own: another one each time
          m.key = 0;
      const frame bytes = encode(m);
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return call_identity{q.index(), std::hash<std::string_view>{}(text) | 1};
    },
    q);
}

} // namespace ammo
