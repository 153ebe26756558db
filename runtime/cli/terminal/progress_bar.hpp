/// One line on a terminal that shows how far a simulation is.
#pragma once

#include "actors/base/clock.hpp"
#include "ammo/simulation.hpp"

#include <cstdio>
#include <memory>
#include <utility>

namespace ammo::cli {

class progress_bar {
public:
  /// Draws to `stream` if `wanted`; otherwise stays silent.
  progress_bar(std::FILE* stream, bool wanted, std::shared_ptr<const time_source> time = machine_time())
    : stream_(stream), wanted_(wanted), time_(std::move(time)) {}
  /// Takes the line away.
  ~progress_bar();
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Draws anew, at most ten times a second.
  void show(const progress& p);

private:
  std::FILE* stream_;
  bool wanted_, drawn_ = false;
  std::shared_ptr<const time_source> time_;
  time_source::instant start_ = time_->now(), drawn_at_{};
};

/// The line for a state and the seconds since the start, at most `columns` wide.
[[nodiscard]] std::string progress_line(const progress& p, double seconds, std::size_t columns);

} // namespace ammo::cli
