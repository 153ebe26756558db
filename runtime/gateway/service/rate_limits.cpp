#include "runtime/gateway/service/rate_limits.hpp"

#include <algorithm>

namespace ammo::web {

bool rate_limits::take(std::string_view who, double rate, instant now) {
  const double full = std::max(rate, 1.0);
  std::lock_guard locked(changing_);
  const auto known = by_name_.find(who);
  if (known == by_name_.end()) {
    if (all_.size() == most) {
      by_name_.erase(all_.back().who);
      all_.pop_back();
    }
    all_.push_front({std::string(who), full, now});
    by_name_.emplace(all_.front().who, all_.begin());
  } else {
    all_.splice(all_.begin(), all_, known->second);
  }
  bucket& b = all_.front();
  b.left = std::min(full, b.left + rate * std::chrono::duration<double>(now - b.at).count());
  b.at = now;
  if (b.left < 1)
    return false;
  b.left -= 1;
  return true;
}

} // namespace ammo::web
