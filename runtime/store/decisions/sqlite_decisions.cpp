#include "runtime/store/decisions/decision_store.hpp"
#include "runtime/store/sqlite_handle.hpp"
#include "runtime/store/store.hpp"

#include <array>
#include <optional>

namespace ammo::store {
namespace {

constexpr const char* tables = R"(
pragma secure_delete=on;
create table if not exists decisions (day integer not null, unit integer, term integer, place integer, item integer, user integer not null,
  kind integer not null, checksum integer not null, data blob not null, primary key (unit, term, place, item)) strict;
create index if not exists decisions_of_day on decisions (kind, day, unit, term, place, item);
create index if not exists decisions_of_user on decisions (user);
create table if not exists creations (creation integer primary key, day integer not null, data blob not null) strict;
create table if not exists upto (node text primary key, place integer not null) strict, without rowid;
)";

#define AMMO_DECISION_STATEMENTS(S)                                                                                                  \
  S(add, "insert into decisions values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) on conflict do nothing")                                 \
  S(name, "insert into creations values (?1, ?2, ?3) on conflict do update set day = max(day, ?2),"                                  \
          " data = case when length(?3) > 0 then ?3 else data end")                                                                  \
  S(forget, "delete from decisions where user = ?1")                                                                                 \
  S(put_upto, "insert into upto values (?1, ?2) on conflict do update set place = max(place, ?2)")                                   \
  S(upto, "select place from upto where node = ?1")                                                                                  \
  S(days, "select day, count(*), sum(length(data)) from decisions group by day order by day")                                        \
  S(drop_day, "delete from decisions where day = ?1")                                                                                \
  S(drop_creations, "delete from creations where day <= ?1")                                                                         \
  S(read, "select day, unit, term, place, item, user, kind, checksum, data from decisions where kind = ?1 and day between ?2 and ?3" \
          " order by day, unit, term, place, item")                                                                                  \
  S(creations, "select creation, day, data from creations order by creation")

constexpr std::array statements = {
#define S(name, sql) sql,
  AMMO_DECISION_STATEMENTS(S)
#undef S
};
enum statement_name : std::size_t {
#define S(name, sql) d_##name,
  AMMO_DECISION_STATEMENTS(S)
#undef S
};

class sqlite_decisions final : public decision_store, sqlite_backend<statements.size()> {
public:
  explicit sqlite_decisions(std::unique_ptr<sqlite_connection> db) : sqlite_backend(std::move(db), statements) {}
  result<void> make_tables() { return db_->execute(tables); }

  result<void> add(const decision_batch& batch) override {
    return told(db_->transaction([&]() -> result<verdict> {
      for (const std::uint64_t user : batch.forgotten)
        if (auto done = run(d_forget, user); !done)
          return done;
      for (const decision_row& r : batch.rows)
        if (auto done = run(d_add, r.day, r.unit, r.at.term, r.at.place, r.item, r.user, r.kind, checksum_of(r), r.data); !done)
          return done;
      for (const decided_creation& c : batch.creations)
        if (auto done = run(d_name, c.creation, c.day, c.data); !done)
          return done;
      return run(d_put_upto, text_of(batch.node), batch.upto);
    }));
  }

  result<std::uint64_t> upto(incarnation node) override {
    auto& q = of(d_upto).bind(text_of(node));
    const std::uint64_t place = q.step() ? q.number(0) : 0;
    return end(q, std::uint64_t{place});
  }

  result<std::vector<decision_day>> days() override {
    auto& q = of(d_days).bind();
    std::vector<decision_day> all;
    while (q.step())
      all.push_back({static_cast<std::uint32_t>(q.number(0)), q.number(1), q.number(2) + q.number(1) * decision_row_overhead});
    return end(q, std::move(all));
  }

  result<void> drop(std::uint32_t day) override {
    return told(db_->transaction([&]() -> result<verdict> {
      if (auto done = run(d_drop_day, day); !done)
        return done;
      return run(d_drop_creations, day);
    }));
  }

  result<void> read(std::uint32_t kind, std::optional<std::uint32_t> day, const std::function<bool(decision_row&&)>& take) override {
    auto& q = of(d_read).bind(kind, day.value_or(0), day.value_or(~std::uint32_t{0}));
    while (q.step()) {
      decision_row r{static_cast<std::uint32_t>(q.number(0)), unit_id{static_cast<std::uint32_t>(q.number(1))}, {q.number(2), q.number(3)}, static_cast<std::uint32_t>(q.number(4)), q.number(5), static_cast<std::uint32_t>(q.number(6)), q.data(8)};
      if (q.number(7) != checksum_of(r)) {
        q.reset();
        return damaged_decision(r);
      }
      if (!take(std::move(r)))
        break;
    }
    return told(end(q, verdict::done));
  }

  result<void> read_creations(const std::function<bool(decided_creation&&)>& take) override {
    auto& q = of(d_creations).bind();
    while (q.step())
      if (!take({q.number(0), static_cast<std::uint32_t>(q.number(1)), q.data(2)}))
        break;
    return told(end(q, verdict::done));
  }

private:
  template <class... Values> result<verdict> run(statement_name name, const Values&... values) {
    auto& q = of(name).bind(values...);
    q.run();
    return end(q, verdict::done);
  }
  static result<void> told(const result<verdict>& r) { return r ? result<void>{} : result<void>(r.error()); }
};

} // namespace

std::uint32_t checksum_of(const decision_row& r) noexcept {
  return checksum_of({r.day, raw(r.unit), r.at.term, r.at.place, r.item, r.user, r.kind}, r.data);
}

failure damaged_decision(const decision_row& r) {
  return {errc::state_damaged, "the decision of unit " + std::to_string(raw(r.unit)) + ", term " + std::to_string(r.at.term) + ", place " +
                                 std::to_string(r.at.place) + " doesn't match its checksum"};
}

result<std::unique_ptr<decision_store>> open_decisions_in_sqlite(const std::string& file) {
  auto db = sqlite_connection::open(file, nullptr);
  if (!db)
    return db.error();
  auto made = std::make_unique<sqlite_decisions>(std::move(*db));
  if (auto done = made->make_tables(); !done)
    return done.error();
  return std::unique_ptr<decision_store>(std::move(made));
}

} // namespace ammo::store
