/// SQLite's C interface as values: a connection, a statement, and what its failures are called here.
#pragma once

#include "runtime/store/store.hpp"

#include <sqlite3.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ammo::store {

class sqlite_connection;

/// A prepared statement. Bind 1, 2, … in order, then step. Bound bytes stay where they are until the next `reset`.
class sqlite_statement {
public:
  sqlite_statement() = default;
  sqlite_statement(sqlite3* db, std::string_view sql);

  /// The first failure of a bind or step, SQLITE_OK so far.
  [[nodiscard]] int fault() const noexcept { return fault_; }
  template <class... Values> sqlite_statement& bind(const Values&... values) {
    reset();
    int at = 0;
    (bind_at(++at, values), ...);
    return *this;
  }
  /// Is there a row?
  [[nodiscard]] bool step();
  /// Steps to the end.
  void run() {
    while (step()) {}
  }
  void reset() noexcept;

  [[nodiscard]] std::uint64_t number(int column) const noexcept {
    return static_cast<std::uint64_t>(sqlite3_column_int64(of_.get(), column));
  }
  [[nodiscard]] bool null(int column) const noexcept { return sqlite3_column_type(of_.get(), column) == SQLITE_NULL; }
  [[nodiscard]] std::string text(int column) const;
  [[nodiscard]] bytes data(int column) const;

private:
  void bind_at(int at, std::uint64_t value);
  void bind_at(int at, std::int64_t value) { bind_at(at, static_cast<std::uint64_t>(value)); }
  void bind_at(int at, std::uint32_t value) { bind_at(at, std::uint64_t{value}); }
  void bind_at(int at, bool value) { bind_at(at, std::uint64_t{value}); }
  void bind_at(int at, unit_id value) { bind_at(at, std::uint64_t{raw(value)}); }
  void bind_at(int at, const std::string& value);
  void bind_at(int at, std::span<const std::byte> value);
  void bind_at(int at, const bytes& value) { bind_at(at, std::span(value)); }
  void note(int code) noexcept;

  struct finalize {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
  };
  std::unique_ptr<sqlite3_stmt, finalize> of_;
  int fault_ = SQLITE_OK;
};

class sqlite_connection {
public:
  /// Opens or creates a file: WAL, every commit synced. `vfs`: SQLite's file layer; null: its default.
  [[nodiscard]] static result<std::unique_ptr<sqlite_connection>> open(const std::string& file, const char* vfs);

  [[nodiscard]] sqlite_statement prepare(std::string_view sql) { return {db_.get(), sql}; }
  /// Statements without parameters and answers.
  [[nodiscard]] result<void> execute(const char* sql);
  [[nodiscard]] failure failed(int code) const;
  [[nodiscard]] std::uint64_t changes() const noexcept {
    return static_cast<std::uint64_t>(sqlite3_changes64(db_.get()));
  }

  /// `body` says whether its changes count: they are committed, or undone, as a whole. Its failures undo them, too.
  template <class Body> [[nodiscard]] auto transaction(Body body) -> decltype(body()) {
    if (auto begun = execute("begin immediate"); !begun)
      return begun.error();
    auto answer = body();
    if (!answer || *answer == verdict::refused) {
      undo();
      return answer;
    }
    if (auto committed = execute("commit"); !committed) {
      undo();
      return committed.error();
    }
    return answer;
  }

private:
  void undo() noexcept;
  struct close {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
  };
  std::unique_ptr<sqlite3, close> db_;
};

/// A connection and the statements of a backend on it, each prepared at its first use.
template <std::size_t N> class sqlite_backend {
protected:
  /// `statements`: SQL by number, for ever.
  sqlite_backend(std::unique_ptr<sqlite_connection> db, const std::array<const char*, N>& statements) : db_(std::move(db)), statements_(statements) {}

  sqlite_statement& of(std::size_t name) {
    auto& s = prepared_[name];
    if (!s)
      s = db_->prepare(statements_[name]);
    return *s;
  }
  /// A statement that has been read is reset: it would hold its snapshot of the file.
  template <class T> result<T> end(sqlite_statement& q, T value) {
    const int fault = q.fault();
    const failure why = fault == SQLITE_OK ? failure{} : db_->failed(fault);
    q.reset();
    return fault == SQLITE_OK ? result<T>(std::move(value)) : result<T>(why);
  }

  std::unique_ptr<sqlite_connection> db_;

private:
  const std::array<const char*, N>& statements_;
  std::array<std::optional<sqlite_statement>, N> prepared_;
};

} // namespace ammo::store
