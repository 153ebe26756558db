/// Content as a person sees it.
#ifndef AMMO_ITEM_HPP // hosts see this file as ammo/item.hpp: one guard for both
#define AMMO_ITEM_HPP

#include <memory>
#include <string>
#include <tuple>

namespace ammo {

/// What a slot of a slate shows. UTF-8; a host escapes it for the place where it shows it.
struct item {
  std::string title; ///< one line
  std::string body;
  std::string link; ///< an address where more is; or empty
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.title, s.body, s.link); }
  friend bool operator==(const item&, const item&) = default;
};

/// Shared by the catalogue's versions and every slate that shows it; null: no item is known. On the wire an array of
/// its texts, empty for none.
using shared_item = std::shared_ptr<const item>;

/// The same texts, wherever they are held?
[[nodiscard]] inline bool same(const shared_item& a, const shared_item& b) { return a == b || (a && b && *a == *b); }

} // namespace ammo

#endif
