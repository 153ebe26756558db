#include "runtime/store/sqlite_seal.hpp"

#include "runtime/store/sqlite_schema.hpp"

#include <array>
#include <string>
#include <utility>

namespace ammo::store {
namespace {

constexpr std::array sealed_rows{
  std::pair("select schema, layout, shards, units from meta", 4),
  std::pair("select node, name, address, capabilities, boot, namespace, process, started, fenced from nodes order by node", 9),
  std::pair("select unit, owner, term from claims order by unit", 3),
  std::pair("select unit, term, node, first, last from segments order by unit, term", 5),
  std::pair("select unit, term, place, pieces, size from snapshots order by unit, term, place", 5)};

result<std::uint32_t> checksum_of_rows(sqlite_connection& db) {
  bytes all;
  for (const auto& [sql, columns] : sealed_rows) {
    auto q = db.prepare(sql);
    while (q.step())
      for (int c = 0; c < columns; ++c) {
        all.push_back(q.null(c) ? std::byte{1} : std::byte{0});
        for (const char byte : q.text(c))
          all.push_back(static_cast<std::byte>(byte));
        all.push_back(std::byte{0});
      }
    if (q.fault() != SQLITE_OK)
      return db.failed(q.fault());
  }
  return checksum_of({all.size()}, all);
}

/// A statement with at most one number as its answer.
result<std::optional<std::uint64_t>> asked(sqlite_connection& db, sqlite_statement q) {
  auto found = q.step() ? std::optional(q.number(0)) : std::nullopt;
  return q.fault() == SQLITE_OK ? result<std::optional<std::uint64_t>>(found) : result<std::optional<std::uint64_t>>(db.failed(q.fault()));
}

result<void> check_marks(sqlite_connection& db, std::span<const sqlite_marker::mark> marks) {
  const auto lost = [](const std::string& what) {
    return failure{errc::state_damaged, what + "; of a copy that was put in the state's place, remove the file that ends in -head"};
  };
  const auto version = asked(db, db.prepare("select version from seal"));
  if (!version)
    return version.error();
  for (const auto& m : marks) {
    if (version->value_or(0) < m.version)
      return lost("change " + std::to_string(m.version) + " was made, and the last that is there is " + std::to_string(version->value_or(0)));
    auto q = db.prepare("select head from nodes where node = ?1");
    q.bind(text_of(m.node));
    const auto head = asked(db, std::move(q));
    if (!head)
      return head.error();
    if (m.node && (!*head || **head < m.head))
      return lost("the log of node " + text_of(m.node) + " was acknowledged up to place " + std::to_string(m.head) +
                  (*head ? " and ends at " + std::to_string(**head) : " and isn't there"));
  }
  const auto beyond =
    asked(db, db.prepare("select 1 from nodes where exists (select 1 from blocks where blocks.node = nodes.node and first > head) limit 1"));
  if (!beyond)
    return beyond.error();
  return *beyond ? result<void>{errc::state_damaged, "a node's log goes on behind its end"} : result<void>{};
}

/// False: it is of schema 1, and has no seal.
result<bool> look(sqlite_connection& db, std::span<const sqlite_marker::mark> marks) {
  if (auto marked = check_marks(db, marks); !marked)
    return marked.error();
  const auto schema = asked(db, db.prepare("select schema from meta")), sealed = asked(db, db.prepare("select checksum from seal"));
  if (!schema || !sealed)
    return schema ? sealed.error() : schema.error();
  if (!*schema)
    return true; // a new one, or a copy that didn't end
  if (**schema < sqlite_schema_version)
    return false;
  const auto is = checksum_of_rows(db);
  if (!is)
    return is.error();
  if (!*sealed || **sealed != *is)
    return {errc::state_damaged, "what is said of nodes, claims, segments or snapshots doesn't match its checksum"};
  return true;
}

} // namespace

result<verdict> seal(sqlite_connection& db) {
  const auto is = checksum_of_rows(db);
  if (!is)
    return is.error();
  auto q = db.prepare("insert into seal values (0, ?1, 1) on conflict do update set checksum = ?1, version = version + 1");
  q.bind(*is).run();
  return q.fault() == SQLITE_OK ? result<verdict>(verdict::done) : result<verdict>(db.failed(q.fault()));
}

result<void> check_whole(sqlite_connection& db, std::span<const sqlite_marker::mark> marks) {
  if (auto begun = db.execute("begin"); !begun) // one view of the file; nobody who writes waits for it
    return begun;
  const auto found = look(db, marks);
  if (auto ended = db.execute("rollback"); !ended && found)
    return ended;
  if (!found)
    return found.error();
  if (*found)
    return {};
  const auto migrated = db.transaction([&]() -> result<verdict> {
    if (auto raised = db.execute(("update meta set schema = " + std::to_string(sqlite_schema_version)).c_str()); !raised)
      return raised.error();
    return seal(db);
  });
  return migrated ? result<void>{} : migrated.error();
}

} // namespace ammo::store
