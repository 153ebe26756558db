/// Strict CSV (RFC 4180): what is not exactly a table is refused with file and line.
/// Lives here: reading text and numbers out of a file. May not live here: what they mean.
#pragma once

#include "actors/base/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ammo {

/// A CSV file in memory: quoted fields, doubled quotes, embedded newlines and a byte order mark are understood; every row has a field for
/// each column of the header. Columns are numbered as `read` was asked for them, the file's other columns follow.
class csv_table {
public:
  /// The first `key` of `columns` name a row together: no two rows may have the same. 0: rows may repeat.
  /// Errors: `missing_data` with the path (also where it is empty, no regular file, or longer than 256 MiB); `bad_data_line` with file:line for a broken quote, a
  /// row that is too short or too long, not UTF-8, with a NUL byte, or with the key of a row before it, and for a header
  /// without one of `columns` or with two columns of one name.
  static result<csv_table> read(const std::string& path, const std::vector<std::string_view>& columns, std::size_t key = 0);

  [[nodiscard]] std::size_t size() const noexcept { return lines_.size(); } ///< rows, without the header
  [[nodiscard]] std::size_t width() const noexcept { return columns_.size(); }
  [[nodiscard]] const std::string& column(std::size_t c) const { return columns_[c]; } ///< its name
  [[nodiscard]] const std::string& text(std::size_t row, std::size_t c) const { return fields_[row * width() + c]; }
  /// A whole number below `limit`. Errors: `bad_data_line`.
  [[nodiscard]] result<std::uint32_t> whole(std::size_t row, std::size_t c, std::size_t limit) const;
  /// Finite numbers of all columns from `first` on. Errors: `bad_data_line`.
  [[nodiscard]] result<std::vector<float>> numbers(std::size_t row, std::size_t first) const;
  [[nodiscard]] std::size_t line(std::size_t row) const { return lines_[row]; } ///< of the file, from 1, where the row begins
  /// `bad_data_line` of this row: "coins.csv:17: expected …".
  [[nodiscard]] failure bad(std::size_t row, const std::string& expected) const;

private:
  std::string path_;
  std::vector<std::string> columns_, fields_; // fields row by row
  std::vector<std::size_t> lines_;            // where each row begins
};

} // namespace ammo
