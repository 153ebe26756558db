/// How often somebody may ask: a bucket for each token and address, which fills with time.
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace ammo::web {

/// Usable from any thread. Of more than `most` that ask, those that were silent for longest are forgotten: they begin with a full bucket.
class rate_limits {
public:
  using instant = std::chrono::steady_clock::time_point;
  static constexpr std::size_t most = 16'384;

  /// May `who` ask once more, at so many a second, and as many at once (one at least)? O(1).
  [[nodiscard]] bool take(std::string_view who, double rate, instant now);

private:
  struct bucket {
    std::string who;
    double left = 0;
    instant at{};
  };
  std::mutex changing_;
  std::list<bucket> all_; // the last that asked first
  std::unordered_map<std::string_view, std::list<bucket>::iterator> by_name_;
};

} // namespace ammo::web
