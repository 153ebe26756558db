#include "runtime/store/postgres_store.hpp"

#include "runtime/store/postgres_schema.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace ammo::store {

namespace {

enum statement_name : std::size_t {
#define S(name, sql) s_##name,
  AMMO_POSTGRES_STATEMENTS(S)
#undef S
    statements_end
};

std::string in_schema(std::string_view sql, const std::string& name) {
  std::string made;
  for (const char c : sql)
    c == '@' ? made += name : made += c;
  return made;
}

constexpr verdict told(bool done) noexcept { return done ? verdict::done : verdict::refused; }

class postgres_store final : public state_store {
public:
  postgres_store(std::unique_ptr<postgres_link> link, const std::string& name)
    : link_(std::move(link)), tables_(in_schema(postgres_schema, name)) {
#define S(name_, sql) statements_[s_##name_] = in_schema(sql, name);
    AMMO_POSTGRES_STATEMENTS(S)
#undef S
  }

  result<void> make_tables() { return link_->execute(tables_.c_str()); }

  result<void> lay_out(const state_layout& wanted) override {
    auto has = layout();
    if (!has)
      return has.error();
    if (*has)
      if (auto grown = grows_into(**has, wanted); !grown)
        return grown;
    if (auto laid = run(s_lay_out, schema_version, wanted.layout, wanted.shards, wanted.units); !laid)
      return laid.error();
    if (has = layout(); !has) // two nodes may lay out at once
      return has.error();
    if (auto grown = grows_into(wanted, **has); !grown)
      return grown;
    auto added = run(s_add_units, wanted.units);
    return added ? result<void>{} : added.error();
  }

  result<std::optional<state_layout>> layout() override {
    auto q = run(s_layout);
    if (!q)
      return q.error();
    if (q->count() == 0)
      return std::optional<state_layout>{};
    if (q->number(0, 3) > schema_version)
      return {errc::state_newer, "the state has schema " + std::to_string(q->number(0, 3)) + ", this version knows " +
                                   std::to_string(schema_version)};
    return std::optional<state_layout>{
      {q->text(0, 0), static_cast<std::uint32_t>(q->number(0, 1)), static_cast<std::uint32_t>(q->number(0, 2))}};
  }

  result<verdict> enter(const node& who, std::chrono::milliseconds lease) override {
    return change(s_enter, who.id, who.name, who.address, who.capabilities, who.mark.boot, who.mark.process_namespace,
                  who.mark.process, who.mark.started, lease.count());
  }
  result<verdict> beat(incarnation me, std::chrono::milliseconds lease) override {
    return change(s_beat, me, lease.count());
  }
  result<verdict> fence(incarnation dead, bool gone) override { return change(s_fence, dead, gone); }
  result<verdict> forget(incarnation dead) override { return change(s_forget, dead); }

  result<std::vector<node>> nodes() override {
    return rows(run(s_nodes), [](const postgres_rows& q, int i) {
      return node{q.node(i, 0),
                  q.text(i, 1),
                  q.text(i, 2),
                  q.text(i, 3),
                  {q.text(i, 4), q.text(i, 5), static_cast<std::int64_t>(q.number(i, 6)), q.number(i, 7)},
                  static_cast<std::int64_t>(q.number(i, 8)),
                  q.number(i, 9),
                  q.yes(i, 10)};
    });
  }

  result<verdict> append(incarnation me, const block& next) override {
    if (next.frames == 0)
      return verdict::refused;
    return change(s_append, me, next.first, next.frames, next.checksum, next.data);
  }

  result<std::optional<block>> block_at(incarnation of, std::uint64_t first) override {
    auto q = run(s_block_at, of, first);
    if (!q)
      return q.error();
    if (q->count() == 0)
      return std::optional<block>{};
    return std::optional<block>{
      {first, static_cast<std::uint32_t>(q->number(0, 0)), static_cast<std::uint32_t>(q->number(0, 1)), {}}};
  }

  result<void> read(incarnation of, std::uint64_t from, std::uint64_t to,
                    const std::function<void(const block&)>& take) override {
    if (from > to)
      return {};
    auto found = rows(run(s_read, of, from, to), [](const postgres_rows& q, int i) {
      return block{q.number(i, 0), static_cast<std::uint32_t>(q.number(i, 1)),
                   static_cast<std::uint32_t>(q.number(i, 2)), q.data(i, 3)};
    });
    return found ? hand_over(of, from, to, *found, take) : found.error();
  }

  result<void> drop_blocks(incarnation of, std::uint64_t below) override { return done(run(s_drop_blocks, of, below)); }

  result<verdict> take(incarnation me, unit_id unit, term_number term) override {
    return change(s_take, me, unit, term);
  }

  result<verdict> release(incarnation me, const block& next, unit_id unit, term_number term) override {
    if (next.frames == 0)
      return verdict::refused;
    return change(s_release, me, next.first, next.frames, next.checksum, next.data, unit, term);
  }

  result<std::vector<claim>> claims() override {
    return rows(run(s_claims), [](const postgres_rows& q, int i) {
      return claim{unit_at(q, i), q.node(i, 1), q.number(i, 2)};
    });
  }
  result<std::vector<segment>> segments(unit_id unit) override { return rows(run(s_unit_segments, unit), segment_at); }
  result<std::vector<segment>> segments() override { return rows(run(s_segments), segment_at); }
  result<void> drop_segments(unit_id unit, term_number below) override {
    return done(run(s_drop_segments, unit, below));
  }

  result<void> write_piece(unit_id unit, position at, std::uint32_t piece, std::span<const std::byte> data) override {
    return done(run(s_write_piece, unit, at.term, at.place, piece, checksum_of(unit, at, piece, data), data));
  }

  result<verdict> publish(incarnation me, const snapshot& whole) override {
    auto published = change(s_publish, me, whole.unit, whole.at.term, whole.at.place, whole.pieces);
    if (!published || *published == verdict::done)
      return published;
    auto mine = change(s_owned, me, whole.unit, whole.at.term);
    if (!mine || *mine == verdict::refused)
      return mine;
    auto there = run(s_pieces, whole.unit, whole.at.term, whole.at.place, whole.pieces);
    if (!there)
      return there.error();
    return {errc::bad_state, "a snapshot of unit " + std::to_string(raw(whole.unit)) + " has " +
                               std::to_string(there->number(0, 0)) + " of its " + std::to_string(whole.pieces) +
                               " pieces"};
  }

  result<std::vector<snapshot>> snapshots(unit_id unit) override {
    return rows(run(s_snapshots, unit), [&](const postgres_rows& q, int i) {
      return snapshot{
        unit, {q.number(i, 0), q.number(i, 1)}, static_cast<std::uint32_t>(q.number(i, 2)), q.number(i, 3)};
    });
  }

  result<bytes> read_piece(unit_id unit, position at, std::uint32_t piece) override {
    auto q = run(s_read_piece, unit, at.term, at.place, piece);
    if (!q)
      return q.error();
    if (q->count() == 0)
      return missing_piece(unit, piece);
    bytes data = q->data(0, 1);
    if (q->number(0, 0) != checksum_of(unit, at, piece, data))
      return damaged_piece(unit, piece);
    return data;
  }

  result<void> drop_snapshots(unit_id unit, position below) override {
    return done(run(s_drop_snapshots, unit, below.term, below.place));
  }

  result<verdict> put_sleepers(incarnation me, unit_id unit, term_number term,
                               std::span<const sleeper> asleep) override {
    if (asleep.empty())
      return change(s_owned, me, unit, term);
    const auto column = [&](auto text) { return array_of(asleep, text); };
    return change(s_put_sleeper, me, unit, term, column([](const sleeper& s) { return signed_text(s.user); }),
                  column([](const sleeper& s) { return signed_text(s.at.term); }),
                  column([](const sleeper& s) { return signed_text(s.at.place); }),
                  column([&](const sleeper& s) { return signed_text(checksum_of(unit, s)); }),
                  column([](const sleeper& s) { return hexadecimal(s.state); }));
  }

  result<std::optional<sleeper>> read_sleeper(unit_id unit, std::uint64_t user) override {
    auto q = run(s_read_sleeper, unit, user);
    if (!q)
      return q.error();
    if (q->count() == 0)
      return std::optional<sleeper>{};
    sleeper found{user, {q->number(0, 0), q->number(0, 1)}, q->data(0, 3)};
    if (q->number(0, 2) != checksum_of(unit, found))
      return damaged_sleeper(unit, user);
    return std::optional(std::move(found));
  }

  result<std::vector<sleeper>> sleepers(unit_id unit) override {
    auto all = rows(run(s_sleepers, unit), [](const postgres_rows& q, int i) {
      return sleeper{q.number(i, 0), {q.number(i, 1), q.number(i, 2)}, {}};
    });
    if (all)
      std::ranges::sort(*all, {}, &sleeper::user);
    return all;
  }

  result<verdict> drop_sleepers(incarnation me, unit_id unit, term_number term,
                                std::span<const std::uint64_t> users) override {
    return change(s_drop_sleepers, me, unit, term, array_of(users, signed_text));
  }

  result<void> copy_row(const state_row& row) override {
    return done(std::visit([this](const auto& r) { return copy(r); }, row));
  }

  result<std::uint64_t> size() override {
    auto q = run(s_size);
    return q ? result<std::uint64_t>(q->number(0, 0)) : result<std::uint64_t>(q.error());
  }

  result<std::string> standbys() override {
    auto q = run(s_standbys);
    return q ? result<std::string>(q->text(0, 0)) : result<std::string>(q.error());
  }

private:
  template <class... Values> result<postgres_rows> run(statement_name name, const Values&... values) {
    const std::array<parameter, sizeof...(Values)> all{parameter(values)...};
    return link_->run(statements_[name], all);
  }

  result<postgres_rows> copy(const node& n) {
    return run(s_copy_node, n.id, n.name, n.address, n.capabilities, n.mark.boot, n.mark.process_namespace, n.mark.process, n.mark.started,
               n.head, n.fenced);
  }
  result<postgres_rows> copy(const node_block& r) { return run(s_copy_block, r.node, r.b.first, r.b.frames, r.b.checksum, r.b.data); }
  result<postgres_rows> copy(const claim& c) { return run(s_copy_claim, c.unit, c.owner, c.term); }
  result<postgres_rows> copy(const segment& s) {
    return run(s_copy_segment, s.unit, s.term, s.node, s.first, s.last.has_value(), s.last.value_or(0));
  }
  result<postgres_rows> copy(const snapshot& s) { return run(s_copy_snapshot, s.unit, s.at.term, s.at.place, s.pieces, s.size); }
  result<postgres_rows> copy(const unit_sleeper& r) {
    return run(s_copy_sleeper, r.unit, r.s.user, r.s.at.term, r.s.at.place, checksum_of(r.unit, r.s), r.s.state);
  }

  /// Done: the statement returned a row.
  template <class... Values> result<verdict> change(statement_name name, const Values&... values) {
    auto q = run(name, values...);
    return q ? result<verdict>(told(q->count() > 0)) : result<verdict>(q.error());
  }

  static result<void> done(const result<postgres_rows>& q) { return q ? result<void>{} : result<void>(q.error()); }

  template <class Row> static auto rows(const result<postgres_rows>& q, Row row)
    -> result<std::vector<decltype(row(*q, 0))>> {
    if (!q)
      return q.error();
    std::vector<decltype(row(*q, 0))> all;
    for (int i = 0; i < q->count(); ++i)
      all.push_back(row(*q, i));
    return all;
  }

  static unit_id unit_at(const postgres_rows& q, int i) { return unit_id{static_cast<std::uint32_t>(q.number(i, 0))}; }
  static segment segment_at(const postgres_rows& q, int i) {
    return {unit_at(q, i), q.number(i, 1), q.node(i, 2), q.number(i, 3),
            q.null(i, 4) ? std::nullopt : std::optional(q.number(i, 4))};
  }

  std::unique_ptr<postgres_link> link_;
  std::string tables_;
  std::array<std::string, statements_end> statements_;
};

} // namespace

result<std::unique_ptr<state_store>> open_postgres(postgres_options options) {
  const auto plain = [](char c) {
    return std::islower(static_cast<unsigned char>(c)) || std::isdigit(static_cast<unsigned char>(c)) || c == '_';
  };
  if (options.schema.empty() || options.schema.size() > 63 || !std::ranges::all_of(options.schema, plain))
    return {errc::bad_value, "a schema's name has small letters, digits and _ only"};
  auto link = postgres_link::open(std::move(options.url), options.limits);
  if (!link)
    return link.error();
  auto made = std::make_unique<postgres_store>(std::move(*link), options.schema);
  if (auto tables = made->make_tables(); !tables)
    return tables.error();
  if (auto has = made->layout(); !has)
    return has.error();
  return std::unique_ptr<state_store>(std::move(made));
}

} // namespace ammo::store
