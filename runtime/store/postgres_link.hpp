/// libpq as values: one connection that comes back by itself, statements with parameters, answers in binary form, and
/// what PostgreSQL's failures are called here.
#pragma once

#include "runtime/store/store.hpp"

#include <libpq-fe.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::store {

/// A statement's parameter: whole numbers, texts and incarnations go as texts, bytes as they are.
struct parameter {
  parameter(std::integral auto value) : text(std::to_string(static_cast<std::int64_t>(value))) {}
  parameter(bool value) : text(value ? "t" : "f") {}
  parameter(std::string value) : text(std::move(value)) {}
  parameter(incarnation value) : text(text_of(value)) {}
  parameter(unit_id value) : parameter(raw(value)) {}
  parameter(std::span<const std::byte> value) : data(value), binary(true) {}
  parameter(const bytes& value) : parameter(std::span(value)) {}

  std::string text;
  std::span<const std::byte> data; ///< the caller's
  bool binary = false;
};

struct clear_answer {
  void operator()(PGresult* r) const noexcept { PQclear(r); }
};
using answer_ptr = std::unique_ptr<PGresult, clear_answer>;

/// An array as PostgreSQL reads it.
template <class Rows, class Text> [[nodiscard]] std::string array_of(const Rows& rows, Text text) {
  std::string all = "{";
  for (const auto& row : rows)
    all += (all.size() > 1 ? "," : "") + text(row);
  return all + "}";
}
/// An element of an array: bytes, and a number in a signed column.
[[nodiscard]] std::string hexadecimal(const bytes& data);
[[nodiscard]] std::string signed_text(std::uint64_t value);

/// The rows of an answer. Columns are int8, boolean, text, uuid or bytea.
class postgres_rows {
public:
  postgres_rows() = default;
  explicit postgres_rows(answer_ptr answer) : of_(std::move(answer)) {}
  [[nodiscard]] int count() const noexcept { return PQntuples(of_.get()); }
  [[nodiscard]] bool null(int row, int column) const noexcept { return PQgetisnull(of_.get(), row, column) != 0; }
  [[nodiscard]] std::uint64_t number(int row, int column) const noexcept; ///< 0 where it is null
  [[nodiscard]] bool yes(int row, int column) const noexcept;
  [[nodiscard]] std::string text(int row, int column) const;
  [[nodiscard]] incarnation node(int row, int column) const noexcept;
  [[nodiscard]] bytes data(int row, int column) const;

private:
  answer_ptr of_;
};

struct postgres_limits {
  std::chrono::milliseconds statement{10'000}; ///< the server ends a statement that takes longer
  std::chrono::seconds connect{5};
  std::chrono::milliseconds silent{10'000};    ///< data that isn't acknowledged for so long ends the connection
  std::chrono::milliseconds patience{12'000};  ///< a server that says nothing for so long while it owes an answer is given up: it may be frozen
};

class postgres_link {
public:
  /// Connects. Errors: `store_unavailable`, with the server's own words.
  [[nodiscard]] static result<std::unique_ptr<postgres_link>> open(std::string url, postgres_limits limits);

  /// One statement, prepared at its first use on a connection. A connection that is gone is made anew first; one that
  /// breaks while the statement runs is `store_unavailable`: nobody knows whether it happened. So is a commit that
  /// returns with a warning: the wait for a standby was cancelled.
  [[nodiscard]] result<postgres_rows> run(std::string_view sql, std::span<const parameter> parameters);
  /// Several statements without parameters, in one transaction.
  [[nodiscard]] result<void> execute(const char* sql);

private:
  postgres_link(std::string url, postgres_limits limits) : url_(std::move(url)), limits_(limits) {}
  [[nodiscard]] result<void> connect();
  [[nodiscard]] failure failed(const PGresult* answer);
  /// The last answer to what was sent, or the error that ended it; null where the connection is broken or the server is silent.
  [[nodiscard]] answer_ptr answer();
  [[nodiscard]] bool waits_for(short events);

  struct finish {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
  };
  std::string url_;
  postgres_limits limits_;
  std::unique_ptr<PGconn, finish> connection_;
  std::vector<std::string_view> prepared_; ///< on this connection; statement i is named "s<i>"
  bool warned_ = false; ///< while the last statement ran
};

} // namespace ammo::store
