#include "actors/protocol/text.hpp"

#include <boost/locale/utf.hpp>

namespace ammo {

bool is_utf8(std::string_view text) noexcept {
  using traits = boost::locale::utf::utf_traits<char>;
  for (auto at = text.begin(); at != text.end();)
    if (auto point = traits::decode(at, text.end());
        point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete)
      return false;
  return true;
}

} // namespace ammo
