#include "runtime/state/inspection.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/noted_frame.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"
#include "runtime/store/commit_queue.hpp"

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ammo {
namespace {

/// Reads one state.
class inspector {
public:
  inspector(store::state_store& of, state_inspection& to, const store::state_layout& layout)
    : store_(of), to_(to), units_{layout.shards, layout.units - layout.shards - 1} {}

  result<void> run() {
    for (std::uint32_t n = 0; n < units_.size(); ++n) {
      to_.units.push_back({.name = name_of_unit(n)});
      if (auto read = read_unit(store::unit_id{n}); !read)
        return read;
    }
    if (auto read = read_logs(); !read)
      return read;
    for (std::uint32_t n = 1; n <= units_.shards; ++n)
      if (auto read = read_rows(store::unit_id{n}); !read)
        return read;
    auto size = store_.size();
    if (size)
      to_.bytes = *size;
    return {};
  }

private:
  [[nodiscard]] std::string name_of_unit(std::uint32_t n) const {
    if (n == 0)
      return "host";
    if (n <= units_.shards)
      return "users " + std::to_string(n - 1);
    const auto at = n - 1 - units_.shards;
    std::size_t begin = 0;
    for (std::uint32_t i = 0; i < at && begin != std::string::npos; ++i)
      begin = to_.layout.find(';', begin) + 1;
    return to_.layout.substr(begin, to_.layout.find('@', begin) - begin);
  }

  /// Damage is noted, and what isn't damaged is read on.
  bool noted(const failure& why, const std::string& where) {
    if (why.code == errc::store_unavailable)
      return false;
    to_.damage.push_back({why.code, where + (why.detail.empty() ? "" : ": " + why.detail)});
    return true;
  }

  result<void> read_unit(store::unit_id u) {
    const auto all = store_.snapshots(u);
    if (!all)
      return all.error();
    for (std::size_t i = 0; i < all->size(); ++i) {
      const auto& s = (*all)[i];
      store::bytes state;
      bool whole = true;
      for (std::uint32_t p = 0; p < s.pieces; ++p) {
        const auto part = store_.read_piece(u, s.at, p);
        if (!part && !noted(part.error(), to_.units.back().name))
          return part.error();
        if (!part) {
          whole = false;
          continue;
        }
        ++to_.pieces;
        state.insert(state.end(), part->begin(), part->end());
      }
      if (i > 0 || !whole)
        continue;
      auto& row = to_.units.back();
      std::tie(row.term, row.place, row.bytes) = std::tuple(s.at.term, s.at.place, s.size);
      if (auto read = take(u, state); !read)
        (void)noted(read.error(), row.name + ", its snapshot");
    }
    newest_.push_back(all->empty() ? std::nullopt : std::optional(all->front().at));
    return {};
  }

  result<void> take(store::unit_id u, const store::bytes& state) {
    const auto n = store::raw(u);
    if (n == 0) {
      const auto host = decode_state<host_unit_state>(state);
      if (!host)
        return host.error();
      to_.keys += host->answers.size();
    } else if (n <= units_.shards) {
      const auto shard = decode_state<user_shard_state>(state);
      return shard ? take(*shard) : shard.error();
    } else {
      const auto subspace = decode_state<subspace_unit_state>(state);
      return subspace ? take(*subspace, to_.units.back().name) : subspace.error();
    }
    return {};
  }

  result<void> take(const user_shard_state& s) {
    to_.keys += s.answers.size();
    std::map<std::uint64_t, std::uint64_t> open;
    if (s.aipp)
      for (const auto& u : s.aipp->log.users)
        open[raw(u.user)] = static_cast<std::uint64_t>(std::ranges::count_if(u.entries, &awaited_state::open));
    for (const auto& u : s.users) {
      awake_.insert(raw(u.mind.user));
      to_.users.push_back({raw(u.mind.user), u.mind.rounds, u.mind.observations, open[raw(u.mind.user)]});
    }
    return {};
  }

  /// A row of somebody who has woken or left since, or who is in the snapshot and hasn't fallen asleep since, is of before.
  result<void> read_rows(store::unit_id u) {
    const auto all = store_.sleepers(u);
    if (!all)
      return all.error();
    std::unordered_set<std::uint64_t> slept_since;
    const auto in_snapshot = static_cast<std::ptrdiff_t>(to_.users.size());
    for (const auto& known : *all) {
      const auto row = store_.read_sleeper(u, known.user);
      if (!row && !noted(row.error(), to_.units[store::raw(u)].name + ", a sleeper"))
        return row.error();
      if (!row || !*row)
        continue;
      ++to_.rows;
      const auto said = last_said_.find(known.user);
      if (said == last_said_.end() ? awake_.contains(known.user) : !said->second.second)
        continue;
      const auto whole = decode_state<sleeper_state>((*row)->state);
      if (!whole) {
        (void)noted(whole.error(), "user " + std::to_string(known.user) + ", asleep");
        continue;
      }
      if (awake_.contains(known.user))
        slept_since.insert(known.user);
      const auto open = whole->open ? static_cast<std::uint64_t>(std::ranges::count_if(whole->open->entries, &awaited_state::open)) : 0;
      to_.users.push_back({known.user, whole->mind.rounds, whole->mind.observations, open, true});
    }
    const auto before = to_.users.begin() + in_snapshot;
    to_.users.erase(std::remove_if(to_.users.begin(), before, [&](const auto& of) { return !of.asleep && slept_since.contains(of.user); }), before);
    return {};
  }

  result<void> take(const subspace_unit_state& s, const std::string& name) {
    to_.keys += s.answers.size();
    std::map<std::uint64_t, std::uint64_t> live;
    for (const auto& p : s.mind.catalogue.panels)
      for (const auto& c : p->info)
        if (c.id != no_creation)
          ++live[raw(c.goal)];
    std::map<std::uint64_t, std::uint64_t> owners;
    for (const auto& m : s.mind.members)
      owners[raw(m.goal)] = raw(m.owner);
    for (const auto& a : s.mind.ledger.accounts)
      to_.goals.push_back({raw(a.goal), owners[raw(a.goal)], name, a.granted, a.spent, live[raw(a.goal)]});
    return {};
  }

  result<void> read_logs() {
    const auto nodes = store_.nodes();
    if (!nodes)
      return nodes.error();
    const auto segments = store_.segments();
    if (!segments)
      return segments.error();
    auto histories = store::histories_of(*segments, units_.size());
    for (std::size_t n = 0; n < histories.size(); ++n)
      histories[n].kept = newest_[n];
    for (const auto& node : *nodes) {
      auto& row = to_.logs.emplace_back();
      row = {store::text_of(node.id), node.fenced, store::first_needed(node.id, node.head, histories), node.head, 0, 0};
      if (row.first > row.head)
        continue;
      const auto read = store_.read(node.id, row.first, row.head, [&](const store::block& b) {
        ++row.blocks;
        row.bytes += b.data.size();
        const auto each = store::each_frame(b, [&](std::uint64_t place, std::span<const std::byte> bytes) { count(node.id, place, bytes, histories); });
        if (!each)
          (void)noted(each.error(), "the log of node " + row.node);
      });
      if (!read && !noted(read.error(), "the log"))
        return read;
    }
    return {};
  }

  void count(store::incarnation node, std::uint64_t place, std::span<const std::byte> bytes, std::span<const store::unit_history> histories) {
    const auto f = unpacked_frame(bytes);
    if (!f || store::raw(f->unit) >= units_.size())
      return to_.damage.push_back({errc::state_damaged, "the log of node " + store::text_of(node) + ", place " + std::to_string(place) + ": no frame"});
    const auto n = store::raw(f->unit);
    const auto* s = store::segment_at(histories[n], node, place);
    if (!s || (newest_[n] && store::position{s->term, place} <= *newest_[n]))
      return;
    ++to_.units[n].frames;
    const bool slept = f->what == (state_frame | slept_frame::kind);
    if (f->entity.of == role::user_buddy && (slept || f->what == (state_frame | sleeper_state::kind) || f->what == leave::type)) {
      auto& last = last_said_[f->entity.id];
      last = std::max(last, std::pair(store::position{s->term, place}, slept)); // logs aren't read in the order of terms
    }
  }

  store::state_store& store_;
  state_inspection& to_;
  unit_numbers units_;
  std::vector<std::optional<store::position>> newest_;
  std::unordered_set<std::uint64_t> awake_;             ///< in the snapshots
  std::unordered_map<std::uint64_t, std::pair<store::position, bool>> last_said_; ///< by the frames since, of a user: they fell asleep, and didn't wake or leave
};

} // namespace

result<state_inspection> inspect_state(const std::string& path) {
  state_inspection out{.path = shown(path), .layout = {}, .in_use = {}, .users = {}, .goals = {}, .units = {}, .logs = {}, .damage = {}};
  std::optional<result<state_folder>> folder; // for as long as it is read
  if (!is_postgres(path)) {
    std::error_code unreadable;
    if (!std::filesystem::is_regular_file(state_folder::file_in(path), unreadable))
      return {errc::no_such_file, '"' + path + "\" holds no state"};
    folder = state_folder::hold(path);
    if (!*folder && folder->code() != errc::state_in_use)
      return folder->error();
    if (!*folder)
      out.in_use = folder->error().detail;
  }
  auto opened = open_store(path);
  if (!opened)
    return opened.error();
  if (!folder) {
    auto held = holder_of(**opened);
    if (!held)
      return held.error();
    out.in_use = *std::move(held);
  }
  const auto layout = (*opened)->layout();
  if (!layout)
    return layout.error();
  if (!*layout || (*layout)->units < (*layout)->shards + 1)
    return {errc::no_such_file, '"' + out.path + "\" holds no deployment's state"};
  out.layout = (*layout)->layout;
  out.shards = (*layout)->shards;
  if (auto read = inspector(**opened, out, **layout).run(); !read)
    return read.error();
  std::ranges::sort(out.users, {}, &state_inspection::user::user);
  return out;
}

} // namespace ammo
