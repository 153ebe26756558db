#include "runtime/state/state_place.hpp"

#include "runtime/state/state_folder.hpp"
#include "runtime/store/postgres_store.hpp"
#include "runtime/store/sqlite_store.hpp"

#include <algorithm>

namespace ammo {

bool is_postgres(std::string_view place) noexcept { return place.starts_with("postgresql://") || place.starts_with("postgres://"); }

std::string shown(std::string_view place) {
  std::string out(place);
  if (!is_postgres(place))
    return out;
  const auto begin = out.find("://") + 3;
  const auto at = out.rfind('@', out.find_first_of("/?", begin)); // a password may have an @ of its own
  const auto colon = out.find(':', begin);
  if (at != std::string::npos && at >= begin && colon < at)
    out.erase(colon, at - colon);
  for (const std::string_view key : {"password=", "sslpassword="})
    for (auto found = out.find(key); found != std::string::npos; found = out.find(key, found + 1))
      if (found > 0 && (out[found - 1] == '?' || out[found - 1] == '&')) {
        const auto value = found + key.size();
        out.replace(value, std::min(out.find('&', value), out.size()) - value, "…");
      }
  return out;
}

result<std::unique_ptr<store::state_store>> open_store(const std::string& place) {
  auto opened = is_postgres(place) ? store::open_postgres({.url = place, .schema = "ammo", .limits = {}})
                                   : store::open_sqlite({state_folder::file_in(place), {}, nullptr});
  if (!opened) {
    auto why = opened.error();
    why.detail = "the state in \"" + shown(place) + "\": " + why.detail;
    return why;
  }
  return opened;
}

} // namespace ammo
