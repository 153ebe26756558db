/// A file that is known to be writable before there is anything to write.
#pragma once

#include "actors/base/result.hpp"

#include <cstdio>
#include <string>

namespace ammo::cli {

class output_file {
public:
  output_file() = default;
  /// Takes away a file that was made here and never written.
  ~output_file();
  output_file(const output_file&) = delete;
  output_file& operator=(const output_file&) = delete;

  /// Makes sure that `path` can be written, and leaves what it holds. "-" is standard output; empty: no file.
  /// Errors: `no_such_file`, with the system's reason.
  result<void> open(const std::string& path);
  /// Replaces what the file holds; nothing without a file. Errors: `no_such_file`.
  result<void> write(const std::string& text);

  [[nodiscard]] bool is_standard() const noexcept { return path_ == "-"; }
  [[nodiscard]] bool is_named() const noexcept { return !path_.empty() && !is_standard(); }
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
  bool made_ = false;
};

/// Writes all of `text` to an open stream and flushes; false when that fails.
[[nodiscard]] bool put(const std::string& text, std::FILE* stream);

} // namespace ammo::cli
