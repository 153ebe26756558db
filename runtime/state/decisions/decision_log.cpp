#include "runtime/state/decisions/decision_log.hpp"

#include "runtime/state/state_place.hpp"
#include "runtime/store/commit_queue.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

namespace ammo {
namespace {

/// Places of the log that are read, and rows that are written, at once: neither holds up anybody else for long.
constexpr std::uint64_t places_at_once = 4096;

} // namespace

result<std::unique_ptr<store::decision_store>> open_decisions(const std::string& place, bool make) {
  if (is_postgres(place)) {
    if (!make)
      if (const auto has = store::has_decisions_in_postgres(place, "ammo"); !has || !*has)
        return has ? failure{errc::no_such_file, "no decisions are kept there"} : has.error();
    return store::open_decisions_in_postgres(place, "ammo");
  }
  const std::string file = place + "/decisions.sqlite";
  std::error_code unreadable;
  if (!make && !std::filesystem::is_regular_file(file, unreadable))
    return {errc::no_such_file, "no decisions are kept there"};
  return store::open_decisions_in_sqlite(file);
}

result<std::unique_ptr<decision_log>> decision_log::open(const std::string& place, bool keeps, decision_limits limits, unit_numbers units) {
  auto rows = open_decisions(place, keeps);
  if (rows.code() == errc::no_such_file)
    return std::unique_ptr<decision_log>{};
  if (!rows)
    return rows.error();
  return std::unique_ptr<decision_log>(new decision_log(std::move(*rows), keeps, limits, units));
}

result<decision_log::drained> decision_log::drain(store::state_store& from, std::uint32_t now_day) {
  drained out;
  auto nodes = from.nodes();
  if (!nodes)
    return nodes.error();
  for (const auto& n : *nodes)
    if (!upto_.contains(n.id.low)) {
      const auto known = rows_->upto(n.id);
      if (!known)
        return known.error();
      upto_.emplace(n.id.low, *known);
    }
  std::erase_if(*nodes, [&](const store::node& n) { return n.head <= upto_[n.id.low]; });
  if (!nodes->empty()) {
    const auto histories = histories_of(from);
    if (!histories)
      return histories.error();
    std::ranges::sort(*nodes, {}, [&](const store::node& n) { return store::first_term(n.id, *histories); });
    for (const auto& n : *nodes)
      if (auto done = drain_node(from, n, *histories, out); !done) {
        looks_ = true;
        return done.error();
      }
    looks_ = false;
  }
  if (auto done = drop_oldest(now_day, out); !done)
    return done.error();
  return out;
}

/// Where each unit's log begins is looked up when it isn't known to go on from where this ended.
result<std::vector<store::unit_history>> decision_log::histories_of(store::state_store& from) const {
  const auto segments = from.segments();
  if (!segments)
    return segments.error();
  auto histories = store::histories_of(*segments, units_.size());
  for (std::uint32_t u = 0; u < units_.size() && looks_; ++u) {
    const auto all = from.snapshots(store::unit_id{u});
    if (!all)
      return all.error();
    if (all->size() > 1)
      histories[u].kept = all->back().at;
  }
  return histories;
}

result<void> decision_log::drain_node(store::state_store& from, const store::node& n, const std::vector<store::unit_history>& histories, drained& out) {
  auto& upto = upto_[n.id.low];
  if (looks_)
    if (const auto first = store::first_needed(n.id, n.head, histories); first > upto + 1) {
      out.lost += upto > 0 ? first - upto - 1 : 0;
      upto = first - 1;
    }
  while (upto < n.head) {
    const std::uint64_t begin = upto + 1;
    std::uint64_t last = begin;
    result<void> whole;
    const auto read = from.read(n.id, begin, std::min(n.head, begin + places_at_once - 1), [&](const store::block& b) {
      const auto each = store::each_frame(b, [&](std::uint64_t place, std::span<const std::byte> bytes) {
        if (place < begin)
          return;
        last = place;
        const auto f = unpacked_frame(bytes);
        const auto unit = f ? store::raw(f->unit) : 0;
        if (unit == 0 || unit > units_.shards)
          return;
        if (const auto* s = store::segment_at(histories[unit], n.id, place); s && !gatherer_.take(*f, {s->term, place}))
          ++out.lost;
      });
      if (whole && !each)
        whole = each;
    });
    if (!read || !whole)
      return read ? whole : read;
    if (auto written = write(n.id, last, out); !written)
      return written;
    upto = last;
  }
  return {};
}

result<void> decision_log::write(store::incarnation of, std::uint64_t upto, drained& out) {
  if (gatherer_.gathered() == 0)
    return {};
  auto batch = gatherer_.batch();
  batch.node = of;
  batch.upto = upto;
  if (auto added = rows_->add(batch); !added)
    return added;
  for (const auto& r : batch.rows) {
    out.slates += r.kind == decided_slate::kind;
    out.rewards += r.kind == decided_reward::kind;
    unseen_bytes_ += r.data.size() + store::decision_row_overhead;
  }
  return {};
}

/// Days are looked at when a hundredth of the quota was written since, and on a new day.
result<void> decision_log::drop_oldest(std::uint32_t now_day, drained& out) {
  if (now_day == looked_on_ && unseen_bytes_ < limits_.bytes / 100 + 1)
    return {};
  auto days = rows_->days();
  if (!days)
    return days.error();
  std::uint64_t bytes = 0;
  for (const auto& d : *days)
    bytes += d.bytes;
  for (std::size_t i = 0; i < days->size(); ++i) {
    const auto& d = (*days)[i];
    const bool old = d.day + limits_.days < now_day + 1;
    if (!old && (bytes <= limits_.bytes || i + 1 == days->size()))
      break;
    if (auto dropped = rows_->drop(d.day); !dropped)
      return dropped;
    bytes -= d.bytes;
    ++out.dropped_days;
    out.dropped += d.rows;
  }
  looked_on_ = now_day;
  unseen_bytes_ = 0;
  return {};
}

} // namespace ammo
