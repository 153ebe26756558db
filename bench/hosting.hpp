/// What benchmarks that host a runtime need again and again: calls that have to end well, directions of content, time and memory.
#pragma once

#include "ammo/runtime.hpp"

#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ammo::bench {

/// A benchmark that can't go on says why, and ends with 1.
[[noreturn]] inline void end(const std::string& why) {
  std::fprintf(stderr, "%s: %s\n", program_invocation_short_name, why.c_str());
  std::exit(1);
}
template <class T>
T value_of(result<T> r) {
  if (!r)
    end(r.error().text());
  return std::move(*r);
}
inline void done(const result<void>& r) {
  if (!r)
    end(r.error().text());
}

/// In seconds.
[[nodiscard]] inline double since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// Of this process: bytes in memory.
[[nodiscard]] inline std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

/// Of all sorts, as coins are: no two are nearly the same. Its length is 1, divided by `shrunk`.
template <class Generator>
std::vector<float> direction(Generator& dice, std::normal_distribution<float>& normal, std::size_t width, float shrunk = 1) {
  std::vector<float> e(width);
  float square = 0;
  for (float& x : e) {
    x = normal(dice);
    square += x * x;
  }
  for (float& x : e)
    x /= std::sqrt(square) * shrunk;
  return e;
}
/// The same one for the same number.
[[nodiscard]] inline std::vector<float> direction_of(std::uint64_t number, std::size_t width, float shrunk = 1) {
  std::mt19937_64 dice(number);
  std::normal_distribution<float> normal;
  return direction(dice, normal, width, shrunk);
}

} // namespace ammo::bench
