/// Tables of Goal Buddies as they are sent in a batch: one a row, from CSV or lines of JSON.
/// Lives here: rows to documents. May not live here: what becomes of them.
#pragma once

#include "runtime/gateway/text/document.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::web {

/// Reads a table row by row, so that what is wrong with one row is that row's alone.
class table_reader {
public:
  virtual ~table_reader() = default;
  table_reader() = default;
  table_reader(const table_reader&) = delete;
  table_reader& operator=(const table_reader&) = delete;
  /// The next row as the document of a Goal Buddy, in `row`; false: there are no more. Errors thrown as `refusal`, after which the next call
  /// goes on with the row after: those of `read_document`; `malformed_body` of CSV.
  virtual bool next(document& row) = 0;
};

/// A document a line; empty lines are none. `text` must outlive it.
class json_lines final : public table_reader {
public:
  explicit json_lines(std::string_view text) : rest_(text) {}
  bool next(document& row) override;

private:
  std::string_view rest_;
};

/// RFC 4180 with a header. Columns: goal, subspace, owner, content, budget_micros, policy, title, body, link; grounded and tags, numbers with
/// blanks between; and "fact:NAME". An empty field is none. `text` must outlive it.
class csv_rows final : public table_reader {
public:
  /// Errors thrown: `malformed_body`, `unknown_member` (a column that nobody reads).
  explicit csv_rows(std::string_view text);
  bool next(document& row) override;

private:
  [[nodiscard]] bool record(std::vector<std::string>& fields);

  std::string_view rest_;
  std::vector<std::string> columns_;
};

} // namespace ammo::web
