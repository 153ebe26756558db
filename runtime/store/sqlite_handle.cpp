#include "runtime/store/sqlite_handle.hpp"

#include <utility>

namespace ammo::store {

sqlite_statement::sqlite_statement(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  note(sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr));
  of_.reset(made);
}

void sqlite_statement::note(int code) noexcept {
  if (fault_ == SQLITE_OK)
    fault_ = code;
}

void sqlite_statement::reset() noexcept {
  if (!of_)
    return;
  sqlite3_reset(of_.get()); // says again what the last step said
  sqlite3_clear_bindings(of_.get());
  fault_ = SQLITE_OK;
}

bool sqlite_statement::step() {
  if (fault_ != SQLITE_OK)
    return false;
  const int code = sqlite3_step(of_.get());
  if (code == SQLITE_ROW)
    return true;
  if (code != SQLITE_DONE)
    note(code);
  return false;
}

void sqlite_statement::bind_at(int at, std::uint64_t value) {
  note(sqlite3_bind_int64(of_.get(), at, static_cast<sqlite3_int64>(value)));
}

void sqlite_statement::bind_at(int at, const std::string& value) {
  note(sqlite3_bind_text64(of_.get(), at, value.data(), value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void sqlite_statement::bind_at(int at, std::span<const std::byte> value) {
  note(value.empty() ? sqlite3_bind_zeroblob(of_.get(), at, 0)
                     : sqlite3_bind_blob64(of_.get(), at, value.data(), value.size(), SQLITE_STATIC));
}

std::string sqlite_statement::text(int column) const {
  const auto* first = reinterpret_cast<const char*>(sqlite3_column_text(of_.get(), column));
  return first ? std::string(first, static_cast<std::size_t>(sqlite3_column_bytes(of_.get(), column))) : std::string{};
}

bytes sqlite_statement::data(int column) const {
  const auto* first = static_cast<const std::byte*>(sqlite3_column_blob(of_.get(), column));
  return first ? bytes(first, first + sqlite3_column_bytes(of_.get(), column)) : bytes{};
}

result<std::unique_ptr<sqlite_connection>> sqlite_connection::open(const std::string& file, const char* vfs) {
  auto made = std::make_unique<sqlite_connection>();
  sqlite3* db = nullptr;
  const int code =
    sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, vfs);
  made->db_.reset(db);
  if (code != SQLITE_OK)
    return made->failed(code);
  sqlite3_extended_result_codes(db, 1);
  sqlite3_busy_timeout(db, 5000);
  if (auto set = made->execute(
        "pragma journal_mode=wal; pragma synchronous=full; pragma cell_size_check=on; pragma trusted_schema=off");
      !set)
    return set.error();
  return made;
}

result<void> sqlite_connection::execute(const char* sql) {
  const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK)
    return failed(code);
  return {};
}

void sqlite_connection::undo() noexcept {
  if (sqlite3_get_autocommit(db_.get()) == 0)
    sqlite3_exec(db_.get(), "rollback", nullptr, nullptr, nullptr);
}

failure sqlite_connection::failed(int code) const {
  const char* said = db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code);
  const auto* name = db_ ? sqlite3_db_filename(db_.get(), "main") : nullptr;
  const std::string detail = (name && *name ? std::string(name) + ": " : std::string{}) + said;
  switch (code & 0xff) {
  case SQLITE_FULL: return {errc::state_full, detail};
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return {errc::state_damaged, detail};
  case SQLITE_NOMEM: return {errc::not_enough_memory, detail};
  case SQLITE_ERROR:
  case SQLITE_MISUSE:
  case SQLITE_RANGE:
  case SQLITE_MISMATCH: return {errc::internal, detail};
  default: return {errc::store_unavailable, detail};
  }
}

} // namespace ammo::store
