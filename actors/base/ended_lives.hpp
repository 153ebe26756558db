/// Lives of buddies that are over, so that messages of them which come late count for nobody.
#pragma once

#include "actors/base/clock.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <unordered_map>

namespace ammo {

/// A buddy has one life after the other: it is started, ends, and may be started again under the same identity. Whoever
/// starts it numbers its lives upwards. Pure; memory is bounded: the ends of the last ten minutes, `most` of them.
class ended_lives {
public:
  /// An end is remembered for so long. A message of that life that comes later still counts as one of a new life.
  static constexpr std::chrono::minutes remembered{10};
  static constexpr std::size_t most = std::size_t{1} << 14;

  /// The life is over, and all lives before it.
  void end(std::uint64_t id, std::uint64_t life, time_source::instant now);
  [[nodiscard]] bool over(std::uint64_t id, std::uint64_t life) const;
  [[nodiscard]] std::size_t size() const noexcept { return last_.size(); }

private:
  struct entry {
    time_source::instant at;
    std::uint64_t id = 0, life = 0;
  };
  std::unordered_map<std::uint64_t, std::uint64_t> last_; // by identity: the last life that is over
  std::deque<entry> by_time_;
};

} // namespace ammo
