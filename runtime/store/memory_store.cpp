#include "runtime/store/memory_store.hpp"

#include <algorithm>
#include <string>

namespace ammo::store {

namespace {

constexpr verdict told(bool done) noexcept { return done ? verdict::done : verdict::refused; }

class memory_store final : public state_store {
public:
  explicit memory_store(std::shared_ptr<memory_tables> tables) : t_(std::move(tables)) {}

  result<void> lay_out(const state_layout& wanted) override {
    const std::scoped_lock turn(t_->turn);
    if (t_->layout)
      if (auto grown = grows_into(*t_->layout, wanted); !grown)
        return grown;
    t_->layout = wanted;
    for (std::uint32_t u = 0; u < wanted.units; ++u)
      t_->claims.try_emplace(unit_id{u}, claim{unit_id{u}, {}, 0});
    return {};
  }

  result<std::optional<state_layout>> layout() override {
    const std::scoped_lock turn(t_->turn);
    return t_->layout;
  }

  result<verdict> enter(const node& who, std::chrono::milliseconds lease) override {
    const std::scoped_lock turn(t_->turn);
    node fresh = who;
    fresh.head = 0;
    fresh.fenced = false;
    return told(t_->nodes.try_emplace(who.id, memory_tables::node_row{fresh, t_->now() + lease}).second);
  }

  result<verdict> beat(incarnation me, std::chrono::milliseconds lease) override {
    const std::scoped_lock turn(t_->turn);
    auto* row = live(me);
    if (row)
      row->until = t_->now() + lease;
    return told(row);
  }

  result<verdict> fence(incarnation dead, bool gone) override {
    const std::scoped_lock turn(t_->turn);
    const auto row = t_->nodes.find(dead);
    if (row == t_->nodes.end() || !(row->second.is.fenced || gone || row->second.until < t_->now()))
      return verdict::refused;
    row->second.is.fenced = true;
    return verdict::done;
  }

  result<verdict> forget(incarnation dead) override {
    const std::scoped_lock turn(t_->turn);
    const auto row = t_->nodes.find(dead);
    const auto of_it = [&](const auto& held, auto member) {
      return std::ranges::any_of(held, [&](const auto& entry) { return entry.second.*member == dead; });
    };
    if (row == t_->nodes.end() || !row->second.is.fenced || of_it(t_->claims, &claim::owner) ||
        of_it(t_->segments, &segment::node) || has_blocks(dead))
      return verdict::refused;
    t_->nodes.erase(row);
    return verdict::done;
  }

  result<std::vector<node>> nodes() override {
    const std::scoped_lock turn(t_->turn);
    std::vector<node> all;
    for (const auto& [id, row] : t_->nodes) {
      all.push_back(row.is);
      all.back().lease_left_ms = (row.until - t_->now()).count();
    }
    return all;
  }

  result<verdict> append(incarnation me, const block& next) override {
    const std::scoped_lock turn(t_->turn);
    return told(append_now(me, next));
  }

  result<std::optional<block>> block_at(incarnation of, std::uint64_t first) override {
    const std::scoped_lock turn(t_->turn);
    const auto found = t_->blocks.find({of, first});
    if (found == t_->blocks.end())
      return std::optional<block>{};
    return std::optional<block>{{found->second.first, found->second.frames, found->second.checksum, {}}};
  }

  result<void> read(incarnation of, std::uint64_t from, std::uint64_t to,
                    const std::function<void(const block&)>& take) override {
    if (from > to)
      return {};
    std::vector<block> found;
    {
      const std::scoped_lock turn(t_->turn);
      for (const auto& [key, b] : t_->blocks)
        if (key.first == of && b.last() >= from && b.first <= to)
          found.push_back(b);
    }
    return hand_over(of, from, to, found, take);
  }

  result<void> drop_blocks(incarnation of, std::uint64_t below) override {
    const std::scoped_lock turn(t_->turn);
    std::erase_if(t_->blocks, [&](const auto& b) { return b.first.first == of && b.second.last() < below; });
    return {};
  }

  result<verdict> take(incarnation me, unit_id unit, term_number term) override {
    const std::scoped_lock turn(t_->turn);
    const auto* row = live(me);
    const auto held = t_->claims.find(unit);
    if (!row || held == t_->claims.end() || held->second.term != term)
      return verdict::refused;
    if (held->second.owner) {
      const auto owner = t_->nodes.find(held->second.owner);
      if (owner != t_->nodes.end() && !owner->second.is.fenced)
        return verdict::refused;
    }
    close(unit, term);
    held->second = {unit, me, term + 1};
    t_->segments[{unit, term + 1}] = {unit, term + 1, me, row->is.head + 1, std::nullopt};
    return verdict::done;
  }

  result<verdict> release(incarnation me, const block& next, unit_id unit, term_number term) override {
    const std::scoped_lock turn(t_->turn);
    if (!owns(me, unit, term) || !append_now(me, next))
      return verdict::refused;
    close(unit, term);
    t_->claims[unit].owner = {};
    return verdict::done;
  }

  result<std::vector<claim>> claims() override {
    return values(t_->claims, [](const auto&) { return true; });
  }
  result<std::vector<segment>> segments(unit_id unit) override {
    return values(t_->segments, [&](const segment& s) { return s.unit == unit; });
  }
  result<std::vector<segment>> segments() override {
    return values(t_->segments, [](const auto&) { return true; });
  }

  result<void> drop_segments(unit_id unit, term_number below) override {
    const std::scoped_lock turn(t_->turn);
    std::erase_if(t_->segments,
                  [&](const auto& s) { return s.second.unit == unit && s.second.term < below && s.second.last; });
    return {};
  }

  result<void> copy_row(const state_row& row) override {
    const std::scoped_lock turn(t_->turn);
    struct {
      memory_tables& t;
      void operator()(const node& n) const { t.nodes.try_emplace(n.id, memory_tables::node_row{n, t.now()}); }
      void operator()(const node_block& r) const { t.blocks.try_emplace({r.node, r.b.first}, r.b); }
      void operator()(const claim& c) const { t.claims.try_emplace(c.unit, c); }
      void operator()(const segment& s) const { t.segments.try_emplace({s.unit, s.term}, s); }
      void operator()(const snapshot& s) const { t.snapshots[{s.unit, s.at}].published = s; }
      void operator()(const unit_sleeper& r) const { t.sleepers.try_emplace({r.unit, r.s.user}, r.s); }
    } const into{*t_};
    std::visit(into, row);
    return {};
  }

  result<void> write_piece(unit_id unit, position at, std::uint32_t piece, std::span<const std::byte> data) override {
    const std::scoped_lock turn(t_->turn);
    t_->snapshots[{unit, at}].pieces[piece] = {checksum_of(unit, at, piece, data), {data.begin(), data.end()}};
    return {};
  }

  result<verdict> publish(incarnation me, const snapshot& whole) override {
    const std::scoped_lock turn(t_->turn);
    if (!owns(me, whole.unit, whole.at.term))
      return verdict::refused;
    auto& rows = t_->snapshots[{whole.unit, whole.at}];
    std::uint64_t size = 0;
    for (std::uint32_t p = 0; p < whole.pieces; ++p) {
      const auto piece = rows.pieces.find(p);
      if (piece == rows.pieces.end())
        return {errc::bad_state,
                "a snapshot of unit " + std::to_string(raw(whole.unit)) + " without piece " + std::to_string(p)};
      size += piece->second.second.size();
    }
    rows.published = snapshot{whole.unit, whole.at, whole.pieces, size};
    return verdict::done;
  }

  result<std::vector<snapshot>> snapshots(unit_id unit) override {
    const std::scoped_lock turn(t_->turn);
    std::vector<snapshot> all;
    for (auto s = t_->snapshots.rbegin(); s != t_->snapshots.rend(); ++s)
      if (s->first.first == unit && s->second.published)
        all.push_back(*s->second.published);
    return all;
  }

  result<bytes> read_piece(unit_id unit, position at, std::uint32_t piece) override {
    const std::scoped_lock turn(t_->turn);
    const auto rows = t_->snapshots.find({unit, at});
    if (rows == t_->snapshots.end() || !rows->second.pieces.contains(piece))
      return missing_piece(unit, piece);
    const auto& [checksum, data] = rows->second.pieces.at(piece);
    if (checksum != checksum_of(unit, at, piece, data))
      return damaged_piece(unit, piece);
    return data;
  }

  result<void> drop_snapshots(unit_id unit, position below) override {
    const std::scoped_lock turn(t_->turn);
    std::optional<position> newest;
    for (const auto& [key, rows] : t_->snapshots)
      if (key.first == unit && rows.published)
        newest = key.second;
    std::erase_if(t_->snapshots, [&](const auto& s) {
      return s.first.first == unit &&
             (s.first.second < below || (!s.second.published && newest && s.first.second < *newest));
    });
    return {};
  }

  result<verdict> put_sleepers(incarnation me, unit_id unit, term_number term,
                               std::span<const sleeper> asleep) override {
    const std::scoped_lock turn(t_->turn);
    if (!owns(me, unit, term))
      return verdict::refused;
    for (const sleeper& s : asleep)
      t_->sleepers[{unit, s.user}] = s;
    return verdict::done;
  }

  result<std::optional<sleeper>> read_sleeper(unit_id unit, std::uint64_t user) override {
    const std::scoped_lock turn(t_->turn);
    const auto found = t_->sleepers.find({unit, user});
    return found == t_->sleepers.end() ? std::optional<sleeper>{} : std::optional(found->second);
  }

  result<std::vector<sleeper>> sleepers(unit_id unit) override {
    const std::scoped_lock turn(t_->turn);
    std::vector<sleeper> all;
    for (const auto& [key, s] : t_->sleepers)
      if (key.first == unit)
        all.push_back({s.user, s.at, {}});
    return all;
  }

  result<verdict> drop_sleepers(incarnation me, unit_id unit, term_number term,
                                std::span<const std::uint64_t> users) override {
    const std::scoped_lock turn(t_->turn);
    if (!owns(me, unit, term))
      return verdict::refused;
    for (const std::uint64_t user : users)
      t_->sleepers.erase({unit, user});
    return verdict::done;
  }

  result<std::uint64_t> size() override {
    const std::scoped_lock turn(t_->turn);
    std::uint64_t all = 0;
    for (const auto& [key, b] : t_->blocks)
      all += b.data.size();
    for (const auto& [key, rows] : t_->snapshots)
      for (const auto& [p, piece] : rows.pieces)
        all += piece.second.size();
    for (const auto& [key, s] : t_->sleepers)
      all += s.state.size();
    return all;
  }

private:
  memory_tables::node_row* live(incarnation me) {
    const auto row = t_->nodes.find(me);
    return row == t_->nodes.end() || row->second.is.fenced ? nullptr : &row->second;
  }

  bool owns(incarnation me, unit_id unit, term_number term) {
    const auto held = t_->claims.find(unit);
    return live(me) && held != t_->claims.end() && held->second.owner == me && held->second.term == term;
  }

  bool has_blocks(incarnation of) const {
    const auto first = t_->blocks.lower_bound({of, 0});
    return first != t_->blocks.end() && first->first.first == of;
  }

  bool append_now(incarnation me, const block& next) {
    auto* row = live(me);
    if (!row || next.first != row->is.head + 1 || next.frames == 0)
      return false;
    row->is.head += next.frames;
    t_->blocks[{me, next.first}] = next;
    return true;
  }

  void close(unit_id unit, term_number term) {
    if (const auto s = t_->segments.find({unit, term}); s != t_->segments.end() && !s->second.last)
      s->second.last = t_->nodes.at(s->second.node).is.head;
  }

  template <class Table, class Wanted> auto values(const Table& table, Wanted wanted)
    -> result<std::vector<typename Table::mapped_type>> {
    const std::scoped_lock turn(t_->turn);
    std::vector<typename Table::mapped_type> all;
    for (const auto& [key, value] : table)
      if (wanted(value))
        all.push_back(value);
    return all;
  }

  std::shared_ptr<memory_tables> t_;
};

} // namespace

std::unique_ptr<state_store> open_memory(std::shared_ptr<memory_tables> tables) {
  return std::make_unique<memory_store>(std::move(tables));
}

} // namespace ammo::store
