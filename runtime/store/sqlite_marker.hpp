/// How far a log was acknowledged, beside the database that holds it: a log that has lost its end is found out. SQLite takes a commit whose bytes
/// have changed in its write-ahead log for one that was never finished, and says nothing.
#pragma once

#include "runtime/store/records.hpp"

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace ammo::store {

/// Two places of 64 bytes in a file of its own, "FILE-head", written in turn after a commit and never waited for: after a crash of the machine it says
/// less than there is, and never more. A place that can't be read says nothing.
class sqlite_marker {
public:
  /// Where the file can't be opened, it says nothing.
  sqlite_marker(const std::string& file, const char* vfs);
  ~sqlite_marker();
  sqlite_marker(const sqlite_marker&) = delete;
  sqlite_marker& operator=(const sqlite_marker&) = delete;

  struct mark {
    incarnation node;         ///< none: of no node
    std::uint64_t head = 0;    ///< of its log
    std::uint64_t version = 0; ///< changes that aren't appends; see `seal`
  };
  /// What is marked already stays marked.
  void acknowledged(mark m) noexcept;
  /// Before a node is forgotten.
  void forget(incarnation node) noexcept;
  [[nodiscard]] std::vector<mark> read() noexcept;

private:
  static constexpr std::size_t width = 64;
  using place = std::array<std::byte, width>;
  void put(std::size_t at, const place& p) noexcept;

  std::unique_ptr<std::byte[]> file_; // an sqlite3_file of the file layer's size
  std::string name_;                  // the file layer keeps the pointer
  bool open_ = false;
  std::size_t next_ = 0; ///< place to write
};

} // namespace ammo::store
