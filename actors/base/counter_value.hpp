/// One counter's value, as statistics and reports show it.
#ifndef AMMO_COUNTER_VALUE_HPP // hosts see this file as ammo/counter_value.hpp: one guard for both
#define AMMO_COUNTER_VALUE_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ammo {

struct counter_value {
  std::string name; ///< "refused"
  std::vector<std::pair<std::string, std::string>> labels; ///< name and value, {"code", "norm_over_cap"}; often none
  std::uint64_t value = 0;
  friend bool operator==(const counter_value&, const counter_value&) = default;
};

} // namespace ammo

#endif
