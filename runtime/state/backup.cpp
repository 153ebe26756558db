#include "runtime/state/backup.hpp"

#include "actors/protocol/state/decision_state.hpp"
#include "runtime/state/decisions/decision_log.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"
#include "runtime/store/sqlite_handle.hpp"

#include <filesystem>
#include <system_error>
#include <utility>

namespace ammo {
namespace {

constexpr std::size_t rows_at_once = 1024;

/// One transaction that reads: in a write-ahead log who writes doesn't wait for it.
result<void> copy_file(const std::string& from, const std::string& to) {
  auto db = store::sqlite_connection::open(from, nullptr);
  if (!db)
    return db.error();
  auto copy = (*db)->prepare("vacuum into ?1");
  copy.bind(to).run();
  return copy.fault() == SQLITE_OK ? result<void>{} : result<void>((*db)->failed(copy.fault()));
}

} // namespace

result<std::uint64_t> back_up(const std::string& from, const std::string& to) {
  if (is_postgres(from) || is_postgres(to))
    return {errc::bad_value, "a state that a runtime is using is copied from a folder to a folder; of PostgreSQL, pg_dump makes a copy"};
  std::error_code failed;
  const auto file = state_folder::file_in(from), copy = state_folder::file_in(to);
  if (!std::filesystem::is_regular_file(file, failed))
    return {errc::no_such_file, '"' + from + "\" holds no state"};
  const auto folder = state_folder::hold(to);
  if (!folder)
    return folder.error();
  const std::string decisions = "/decisions.sqlite";
  if (std::filesystem::exists(copy, failed) || std::filesystem::exists(to + decisions, failed))
    return {errc::bad_state, '"' + to + "\" holds something already"};
  // The state last: until then the copy is none. Its decisions are of a moment before, and the log brings those that are missing.
  std::uint64_t bytes = 0;
  if (std::filesystem::is_regular_file(from + decisions, failed)) {
    if (auto done = copy_file(from + decisions, to + decisions); !done)
      return done.error();
    bytes += std::filesystem::file_size(to + decisions, failed);
  }
  if (auto done = copy_file(file, copy); !done)
    return done.error();
  bytes += std::filesystem::file_size(copy, failed);
  if (const auto whole = open_store(to); !whole)
    return whole.error();
  return bytes;
}

result<void> copy_decisions(const std::string& from, const std::string& to) {
  const auto rows = open_decisions(from, false);
  if (!rows)
    return rows.code() == errc::no_such_file ? result<void>{} : rows.error();
  const auto copy = open_decisions(to, true);
  if (!copy)
    return copy.error();
  store::decision_batch batch;
  batch.node = {0, 1}; // of no log
  result<void> done;
  const auto flush = [&](std::size_t least) {
    if (done && batch.rows.size() + batch.creations.size() >= least) {
      done = (*copy)->add(batch);
      batch.rows.clear();
      batch.creations.clear();
    }
    return static_cast<bool>(done);
  };
  for (const std::uint16_t kind : {decided_slate::kind, decided_reward::kind, decided_revocation::kind})
    if (const auto read = (*rows)->read(kind, std::nullopt, [&](store::decision_row&& r) { return batch.rows.push_back(std::move(r)), flush(rows_at_once); }); !read)
      return read;
    else if (!done)
      return done;
  if (const auto read = (*rows)->read_creations([&](store::decided_creation&& c) { return batch.creations.push_back(std::move(c)), flush(rows_at_once); }); !read)
    return read;
  (void)flush(1);
  return done;
}

} // namespace ammo
