#include "runtime/store/decisions/decision_store.hpp"
#include "runtime/store/postgres_link.hpp"
#include "runtime/store/store.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ammo::store {
namespace {

/// @ is the schema.
constexpr const char* tables = R"(
select pg_advisory_xact_lock(hashtext('ammo state: tables'));
create schema if not exists @;
create table if not exists @.decisions (day bigint not null, unit bigint, term bigint, place bigint, item bigint, "user" bigint not null,
  kind bigint not null, checksum bigint not null, data bytea not null, primary key (unit, term, place, item));
create index if not exists decisions_of_day on @.decisions (kind, day, unit, term, place, item);
create index if not exists decisions_of_user on @.decisions ("user");
create table if not exists @.decided_creations (creation bigint primary key, day bigint not null, data bytea not null);
create table if not exists @.decided_upto (node uuid primary key, place bigint not null);
)";
constexpr std::string_view add_batch =
  "with gone as (delete from @.decisions where \"user\" = any($1::bigint[])),"
  " added as (insert into @.decisions select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],"
  " $7::bigint[], $8::bigint[], $9::bigint[], $10::bytea[]) on conflict do nothing),"
  " named as (insert into @.decided_creations select * from unnest($11::bigint[], $12::bigint[], $13::bytea[]) on conflict (creation)"
  " do update set day = greatest(decided_creations.day, excluded.day),"
  " data = case when length(excluded.data) > 0 then excluded.data else decided_creations.data end)"
  " insert into @.decided_upto values ($14, $15) on conflict (node) do update set place = greatest(decided_upto.place, excluded.place)";
constexpr std::string_view get_upto = "select place from @.decided_upto where node = $1";
constexpr std::string_view get_days =
  "select day, count(*), coalesce(sum(length(data)), 0)::bigint from @.decisions group by day order by day";
constexpr std::string_view drop_day = "with gone as (delete from @.decisions where day = $1) delete from @.decided_creations where day <= $1";
/// A page of rows behind one.
constexpr std::string_view read_page =
  "select day, unit, term, place, item, \"user\", checksum, data from @.decisions where kind = $1 and day between $2 and $3"
  " and (day, unit, term, place, item) > ($4::bigint, $5::bigint, $6::bigint, $7::bigint, $8::bigint)"
  " order by day, unit, term, place, item limit 4096";
constexpr std::string_view creations_page =
  "select creation, day, data from @.decided_creations where creation > $1 order by creation limit 4096";

class postgres_decisions final : public decision_store {
public:
  postgres_decisions(std::unique_ptr<postgres_link> link, std::string schema) : link_(std::move(link)), schema_(std::move(schema)) {
    for (std::size_t i = 0; i < all_.size(); ++i)
      all_[i] = named(statements_[i]);
  }
  result<void> make_tables() { return link_->execute(named(tables).c_str()); }

  result<void> add(const decision_batch& b) override {
    // A creation is in a statement once: its last naming, with the data of any.
    std::vector<decided_creation> creations;
    for (const auto& c : b.creations) {
      const auto same = std::ranges::find(creations, c.creation, &decided_creation::creation);
      if (same == creations.end()) {
        creations.push_back(c);
        continue;
      }
      same->day = std::max(same->day, c.day);
      if (!c.data.empty())
        same->data = c.data;
    }
    const auto of_rows = [&](auto get) { return array_of(b.rows, [&](const decision_row& r) { return signed_text(get(r)); }); };
    const std::array<parameter, 15> given{
      parameter(array_of(b.forgotten, signed_text)),
      parameter(of_rows([](const auto& r) { return r.day; })), parameter(of_rows([](const auto& r) { return raw(r.unit); })),
      parameter(of_rows([](const auto& r) { return r.at.term; })), parameter(of_rows([](const auto& r) { return r.at.place; })),
      parameter(of_rows([](const auto& r) { return r.item; })), parameter(of_rows([](const auto& r) { return r.user; })),
      parameter(of_rows([](const auto& r) { return r.kind; })), parameter(of_rows([](const auto& r) { return checksum_of(r); })),
      parameter(array_of(b.rows, [](const decision_row& r) { return hexadecimal(r.data); })),
      parameter(array_of(creations, [](const auto& c) { return signed_text(c.creation); })),
      parameter(array_of(creations, [](const auto& c) { return signed_text(c.day); })),
      parameter(array_of(creations, [](const auto& c) { return hexadecimal(c.data); })), parameter(b.node), parameter(b.upto)};
    return told(link_->run(all_[0], given));
  }

  result<std::uint64_t> upto(incarnation node) override {
    const std::array<parameter, 1> given{parameter(node)};
    auto q = link_->run(all_[1], given);
    return q ? result<std::uint64_t>(q->count() > 0 ? q->number(0, 0) : 0) : result<std::uint64_t>(q.error());
  }

  result<std::vector<decision_day>> days() override {
    auto q = link_->run(all_[2], {});
    if (!q)
      return q.error();
    std::vector<decision_day> out;
    for (int i = 0; i < q->count(); ++i)
      out.push_back({static_cast<std::uint32_t>(q->number(i, 0)), q->number(i, 1), q->number(i, 2) + q->number(i, 1) * decision_row_overhead});
    return out;
  }

  result<void> drop(std::uint32_t day) override {
    const std::array<parameter, 1> given{parameter(day)};
    return told(link_->run(all_[3], given));
  }

  result<void> read(std::uint32_t kind, std::optional<std::uint32_t> day, const std::function<bool(decision_row&&)>& take) override {
    std::array<std::int64_t, 5> behind{-1, -1, -1, -1, -1};
    for (;;) {
      const std::array<parameter, 8> given{parameter(kind), parameter(day.value_or(0)), parameter(day.value_or(~std::uint32_t{0})),
                                           parameter(behind[0]), parameter(behind[1]), parameter(behind[2]), parameter(behind[3]), parameter(behind[4])};
      auto q = link_->run(all_[4], given);
      if (!q)
        return q.error();
      for (int i = 0; i < q->count(); ++i) {
        decision_row r{static_cast<std::uint32_t>(q->number(i, 0)), unit_id{static_cast<std::uint32_t>(q->number(i, 1))}, {q->number(i, 2), q->number(i, 3)}, static_cast<std::uint32_t>(q->number(i, 4)), q->number(i, 5), kind, q->data(i, 7)};
        behind = {r.day, raw(r.unit), static_cast<std::int64_t>(r.at.term), static_cast<std::int64_t>(r.at.place), r.item};
        if (q->number(i, 6) != checksum_of(r))
          return damaged_decision(r);
        if (!take(std::move(r)))
          return {};
      }
      if (q->count() == 0)
        return {};
    }
  }

  result<void> read_creations(const std::function<bool(decided_creation&&)>& take) override {
    for (std::int64_t behind = std::numeric_limits<std::int64_t>::min();;) {
      const std::array<parameter, 1> given{parameter(behind)};
      auto q = link_->run(all_[5], given);
      if (!q)
        return q.error();
      for (int i = 0; i < q->count(); ++i) {
        behind = static_cast<std::int64_t>(q->number(i, 0));
        if (!take({q->number(i, 0), static_cast<std::uint32_t>(q->number(i, 1)), q->data(i, 2)}))
          return {};
      }
      if (q->count() == 0)
        return {};
    }
  }

private:
  [[nodiscard]] std::string named(std::string_view sql) const {
    std::string made;
    for (const char c : sql)
      c == '@' ? made += schema_ : made += c;
    return made;
  }
  static result<void> told(const result<postgres_rows>& q) { return q ? result<void>{} : result<void>(q.error()); }

  static constexpr std::array<std::string_view, 6> statements_{add_batch, get_upto, get_days, drop_day, read_page, creations_page};
  std::unique_ptr<postgres_link> link_;
  std::string schema_;
  std::array<std::string, statements_.size()> all_;
};

} // namespace

result<std::unique_ptr<decision_store>> open_decisions_in_postgres(const std::string& url, const std::string& schema) {
  auto link = postgres_link::open(url, {});
  if (!link)
    return link.error();
  auto made = std::make_unique<postgres_decisions>(std::move(*link), schema);
  if (auto done = made->make_tables(); !done)
    return done.error();
  return std::unique_ptr<decision_store>(std::move(made));
}

result<bool> has_decisions_in_postgres(const std::string& url, const std::string& schema) {
  auto link = postgres_link::open(url, {});
  if (!link)
    return link.error();
  const std::array<parameter, 1> given{parameter(schema + ".decisions")};
  auto q = (*link)->run("select to_regclass($1) is not null", given);
  return q ? result<bool>(q->count() > 0 && q->yes(0, 0)) : result<bool>(q.error());
}

} // namespace ammo::store
