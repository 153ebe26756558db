#include "runtime/store/sqlite_store.hpp"

#include "actors/base/clock.hpp"
#include "runtime/store/sqlite_handle.hpp"
#include "runtime/store/sqlite_schema.hpp"
#include "runtime/store/sqlite_seal.hpp"

#include <algorithm>
#include <array>

namespace ammo::store {

namespace {

constexpr std::array statements = {
#define S(name, sql) sql,
  AMMO_SQLITE_STATEMENTS(S)
#undef S
};

enum statement_name : std::size_t {
#define S(name, sql) s_##name,
  AMMO_SQLITE_STATEMENTS(S)
#undef S
};

std::uint64_t half_of(std::string_view digits) noexcept {
  std::uint64_t value = 0;
  for (const char c : digits)
    value = value << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return value;
}

incarnation incarnation_of(std::string_view text) noexcept {
  return text.size() == 32 ? incarnation{half_of(text.substr(0, 16)), half_of(text.substr(16))} : incarnation{};
}

std::chrono::milliseconds wall_clock() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(machine_time()->wall().time_since_epoch());
}

class sqlite_store final : public state_store, sqlite_backend<statements.size()> {
public:
  sqlite_store(std::unique_ptr<sqlite_connection> db, const sqlite_options& how)
    : sqlite_backend(std::move(db), statements), now_(how.now ? how.now : wall_clock), marker_(how.file, how.vfs) {}

  result<void> make_schema() { return db_->execute(sqlite_schema); }

  result<void> check() {
    const auto marks = marker_.read(); // first: heads go on meanwhile
    return check_whole(*db_, marks);
  }

  result<void> lay_out(const state_layout& wanted) override {
    const auto done = sealed([&]() -> result<verdict> {
      const auto has = layout();
      if (!has)
        return has.error();
      if (*has)
        if (auto grown = grows_into(**has, wanted); !grown)
          return grown.error();
      if (auto written = change(s_lay_out, sqlite_schema_version, wanted.layout, wanted.shards, wanted.units); !written)
        return written.error();
      for (std::uint32_t u = 0; u < wanted.units; ++u)
        if (auto added = change(s_add_unit, u); !added)
          return added.error();
      return verdict::done;
    });
    return done ? result<void>{} : done.error();
  }

  result<std::optional<state_layout>> layout() override {
    auto& q = of(s_layout).bind();
    if (!q.step())
      return end<std::optional<state_layout>>(q, std::nullopt);
    if (q.number(3) > sqlite_schema_version)
      return {errc::state_newer, "the state has schema " + std::to_string(q.number(3)) + ", this version knows " +
                                   std::to_string(sqlite_schema_version)};
    std::optional<state_layout> found{
      {q.text(0), static_cast<std::uint32_t>(q.number(1)), static_cast<std::uint32_t>(q.number(2))}};
    return end(q, std::move(found));
  }

  result<verdict> enter(const node& who, std::chrono::milliseconds lease) override {
    const auto body = [&] {
      return change(s_enter, text_of(who.id), who.name, who.address, who.capabilities, who.mark.boot, who.mark.process_namespace,
                    who.mark.process, who.mark.started, (now_() + lease).count());
    };
    return sealed(body, {who.id});
  }
  result<verdict> beat(incarnation me, std::chrono::milliseconds lease) override {
    return change(s_beat, text_of(me), (now_() + lease).count());
  }
  result<verdict> fence(incarnation dead, bool gone) override {
    return sealed([&] { return change(s_fence, text_of(dead), now_().count(), gone); });
  }
  result<verdict> forget(incarnation dead) override {
    return sealed([&] {
      auto gone = change(s_forget, text_of(dead));
      if (gone && *gone == verdict::done)
        marker_.forget(dead);
      return gone;
    });
  }

  result<std::vector<node>> nodes() override {
    const std::int64_t now = now_().count();
    auto& q = of(s_nodes).bind();
    std::vector<node> all;
    while (q.step())
      all.push_back({incarnation_of(q.text(0)),
                     q.text(1),
                     q.text(2),
                     q.text(3),
                     {q.text(4), q.text(5), static_cast<std::int64_t>(q.number(6)), q.number(7)},
                     static_cast<std::int64_t>(q.number(8)) - now,
                     q.number(9),
                     q.number(10) != 0});
    return end(q, std::move(all));
  }

  result<verdict> append(incarnation me, const block& next) override {
    auto done = db_->transaction([&] { return append_now(me, next); });
    if (done && *done == verdict::done)
      marker_.acknowledged({me, next.last()});
    return done;
  }

  result<std::optional<block>> block_at(incarnation of_node, std::uint64_t first) override {
    auto& q = of(s_block_at).bind(text_of(of_node), first);
    if (!q.step())
      return end<std::optional<block>>(q, std::nullopt);
    std::optional<block> found{
      {first, static_cast<std::uint32_t>(q.number(0)), static_cast<std::uint32_t>(q.number(1)), {}}};
    return end(q, std::move(found));
  }

  result<void> read(incarnation of_node, std::uint64_t from, std::uint64_t to,
                    const std::function<void(const block&)>& take) override {
    if (from > to)
      return {};
    auto& q = of(s_read).bind(text_of(of_node), from, to);
    std::vector<block> found;
    while (q.step())
      found.push_back(
        {q.number(0), static_cast<std::uint32_t>(q.number(1)), static_cast<std::uint32_t>(q.number(2)), q.data(3)});
    if (auto read_all = end(q, verdict::done); !read_all)
      return read_all.error();
    return hand_over(of_node, from, to, found, take);
  }

  result<void> drop_blocks(incarnation of_node, std::uint64_t below) override {
    return told(change(s_drop_blocks, text_of(of_node), below));
  }

  result<verdict> take(incarnation me, unit_id unit, term_number term) override {
    return sealed([&]() -> result<verdict> {
      if (auto won = change(s_take, text_of(me), unit, term); !won || *won == verdict::refused)
        return won;
      if (auto closed = change(s_close, unit, term); !closed)
        return closed;
      return change(s_open, text_of(me), unit, term + 1);
    });
  }

  result<verdict> release(incarnation me, const block& next, unit_id unit, term_number term) override {
    const auto body = [&]() -> result<verdict> {
      if (auto left = change(s_leave, text_of(me), unit, term); !left || *left == verdict::refused)
        return left;
      if (auto added = append_now(me, next); !added || *added == verdict::refused)
        return added;
      return change(s_close, unit, term);
    };
    return sealed(body, {me, next.last()});
  }

  result<std::vector<claim>> claims() override {
    auto& q = of(s_claims).bind();
    std::vector<claim> all;
    while (q.step())
      all.push_back({unit_id{static_cast<std::uint32_t>(q.number(0))}, incarnation_of(q.text(1)), q.number(2)});
    return end(q, std::move(all));
  }
  result<std::vector<segment>> segments(unit_id unit) override { return segments_of(of(s_unit_segments).bind(unit)); }
  result<std::vector<segment>> segments() override { return segments_of(of(s_segments).bind()); }
  result<void> drop_segments(unit_id unit, term_number below) override {
    return told(sealed([&] { return change(s_drop_segments, unit, below); }));
  }

  result<void> write_piece(unit_id unit, position at, std::uint32_t piece, std::span<const std::byte> data) override {
    return told(change(s_write_piece, unit, at.term, at.place, piece, checksum_of(unit, at, piece, data), data));
  }

  result<verdict> publish(incarnation me, const snapshot& whole) override {
    return marked({}, as_owner(me, whole.unit, whole.at.term, [&]() -> result<verdict> {
                    auto& q = of(s_whole).bind(whole.unit, whole.at.term, whole.at.place, whole.pieces);
                    const bool counted = q.step();
                    const std::uint64_t there = counted ? q.number(0) : 0, size = counted ? q.number(1) : 0;
                    if (auto looked = end(q, verdict::done); !looked)
                      return looked;
                    if (there != whole.pieces)
                      return {errc::bad_state, "a snapshot of unit " + std::to_string(raw(whole.unit)) + " has " +
                                                 std::to_string(there) + " of its " + std::to_string(whole.pieces) + " pieces"};
                    if (auto published = change(s_publish, whole.unit, whole.at.term, whole.at.place, whole.pieces, size); !published)
                      return published;
                    return seal(*db_);
                  }));
  }

  result<std::vector<snapshot>> snapshots(unit_id unit) override {
    auto& q = of(s_snapshots).bind(unit);
    std::vector<snapshot> all;
    while (q.step())
      all.push_back({unit, {q.number(0), q.number(1)}, static_cast<std::uint32_t>(q.number(2)), q.number(3)});
    return end(q, std::move(all));
  }

  result<bytes> read_piece(unit_id unit, position at, std::uint32_t piece) override {
    auto& q = of(s_read_piece).bind(unit, at.term, at.place, piece);
    if (!q.step())
      return q.fault() == SQLITE_OK ? result<bytes>(missing_piece(unit, piece)) : end(q, bytes{});
    const auto checksum = static_cast<std::uint32_t>(q.number(0));
    bytes data = q.data(1);
    if (checksum != checksum_of(unit, at, piece, data))
      return damaged_piece(unit, piece);
    return end(q, std::move(data));
  }

  result<void> drop_snapshots(unit_id unit, position below) override {
    return told(sealed([&]() -> result<verdict> {
      if (auto dropped = change(s_drop_snapshots, unit, below.term, below.place); !dropped)
        return dropped;
      if (auto dropped = change(s_drop_pieces, unit, below.term, below.place); !dropped)
        return dropped;
      return verdict::done;
    }));
  }

  result<verdict> put_sleepers(incarnation me, unit_id unit, term_number term,
                               std::span<const sleeper> asleep) override {
    return marked({}, as_owner(me, unit, term, [&]() -> result<verdict> {
                    for (const sleeper& s : asleep)
                      if (auto put = change(s_put_sleeper, unit, s.user, s.at.term, s.at.place, checksum_of(unit, s), s.state); !put)
                        return put;
                    return change(s_next_version);
                  }));
  }

  result<std::optional<sleeper>> read_sleeper(unit_id unit, std::uint64_t user) override {
    auto& q = of(s_read_sleeper).bind(unit, user);
    if (!q.step())
      return end<std::optional<sleeper>>(q, std::nullopt);
    const auto checksum = static_cast<std::uint32_t>(q.number(2));
    std::optional<sleeper> found{{user, {q.number(0), q.number(1)}, q.data(3)}};
    if (checksum != checksum_of(unit, *found))
      return damaged_sleeper(unit, user);
    return end(q, std::move(found));
  }

  result<std::vector<sleeper>> sleepers(unit_id unit) override {
    auto& q = of(s_sleepers).bind(unit);
    std::vector<sleeper> all;
    while (q.step())
      all.push_back({q.number(0), {q.number(1), q.number(2)}, {}});
    std::ranges::sort(all, {}, &sleeper::user); // SQLite's numbers have a sign
    return end(q, std::move(all));
  }

  result<verdict> drop_sleepers(incarnation me, unit_id unit, term_number term,
                                std::span<const std::uint64_t> users) override {
    return marked({}, as_owner(me, unit, term, [&]() -> result<verdict> {
                    for (const std::uint64_t user : users)
                      if (auto dropped = change(s_drop_sleeper, unit, user); !dropped)
                        return dropped;
                    return change(s_next_version);
                  }));
  }

  result<void> copy_row(const state_row& row) override {
    return told(std::visit([this](const auto& r) { return copy(r); }, row));
  }

  result<std::uint64_t> size() override {
    auto& q = of(s_size).bind();
    const std::uint64_t all = q.step() ? q.number(0) : 0;
    return end(q, std::uint64_t{all});
  }

private:
  /// Runs a change. Done: it changed something.
  template <class... Values> result<verdict> change(statement_name name, const Values&... values) {
    auto& q = of(name).bind(values...);
    q.run();
    return end(q, db_->changes() > 0 ? verdict::done : verdict::refused);
  }

  /// A transaction whose changes are sealed, and marked once they are there.
  template <class Body> result<verdict> sealed(Body body, sqlite_marker::mark m = {}) {
    return marked(m, db_->transaction([&]() -> result<verdict> {
      auto done = body();
      return done && *done == verdict::done ? seal(*db_) : done;
    }));
  }
  result<verdict> marked(sqlite_marker::mark m, result<verdict> done) {
    if (!done || *done == verdict::refused)
      return done;
    auto& q = of(s_version).bind();
    if (q.step())
      m.version = q.number(0);
    q.reset();
    marker_.acknowledged(m);
    return done;
  }

  static result<void> told(const result<verdict>& r) { return r ? result<void>{} : result<void>(r.error()); }

  result<verdict> copy(const node& n) {
    return change(s_copy_node, text_of(n.id), n.name, n.address, n.capabilities, n.mark.boot, n.mark.process_namespace, n.mark.process,
                  n.mark.started, n.head, n.fenced);
  }
  result<verdict> copy(const node_block& r) {
    return change(s_copy_block, text_of(r.node), r.b.first, r.b.frames, r.b.checksum, r.b.data);
  }
  result<verdict> copy(const claim& c) {
    return change(s_copy_claim, c.unit, c.owner ? text_of(c.owner) : std::string{}, c.term);
  }
  result<verdict> copy(const segment& s) {
    return change(s_copy_segment, s.unit, s.term, text_of(s.node), s.first, s.last.has_value(), s.last.value_or(0));
  }
  result<verdict> copy(const snapshot& s) { return change(s_copy_snapshot, s.unit, s.at.term, s.at.place, s.pieces, s.size); }
  result<verdict> copy(const unit_sleeper& r) {
    return change(s_copy_sleeper, r.unit, r.s.user, r.s.at.term, r.s.at.place, checksum_of(r.unit, r.s), r.s.state);
  }

  /// A transaction that a node may make while it isn't fenced and owns the unit in that term.
  template <class Body> result<verdict> as_owner(incarnation me, unit_id unit, term_number term, Body body) {
    return db_->transaction([&]() -> result<verdict> {
      auto& q = of(s_owned).bind(text_of(me), unit, term);
      const bool owns = q.step();
      auto mine = end(q, owns ? verdict::done : verdict::refused);
      return mine && *mine == verdict::done ? body() : mine;
    });
  }

  result<verdict> append_now(incarnation me, const block& next) {
    if (next.frames == 0)
      return verdict::refused;
    if (auto moved = change(s_move_head, text_of(me), next.first - 1, next.frames);
        !moved || *moved == verdict::refused)
      return moved;
    return change(s_add_block, text_of(me), next.first, next.frames, next.checksum, next.data);
  }

  result<std::vector<segment>> segments_of(sqlite_statement& q) {
    std::vector<segment> all;
    while (q.step())
      all.push_back({unit_id{static_cast<std::uint32_t>(q.number(0))}, q.number(1), incarnation_of(q.text(2)),
                     q.number(3), q.null(4) ? std::nullopt : std::optional(q.number(4))});
    return end(q, std::move(all));
  }

  std::function<std::chrono::milliseconds()> now_;
  sqlite_marker marker_;
};

} // namespace

result<std::unique_ptr<state_store>> open_sqlite(const sqlite_options& options) {
  auto db = sqlite_connection::open(options.file, options.vfs);
  if (!db)
    return db.error();
  auto made = std::make_unique<sqlite_store>(std::move(*db), options);
  if (auto schema_made = made->make_schema(); !schema_made)
    return schema_made.error();
  if (auto known = made->layout(); !known)
    return known.error();
  if (auto whole = made->check(); !whole)
    return whole.error();
  return std::unique_ptr<state_store>(std::move(made));
}

} // namespace ammo::store
