#include "actors/base/result.hpp"

namespace ammo {

std::string failure::text() const {
  std::string out{name_of(code)};
  out += ": ";
  out += sentence_of(code);
  if (!detail.empty()) {
    out += " (";
    out += detail;
    out += ')';
  }
  return out;
}

} // namespace ammo
