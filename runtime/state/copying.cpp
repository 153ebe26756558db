#include "runtime/state/copying.hpp"

#include "runtime/state/holders.hpp"
#include "runtime/state/state_folder.hpp"
#include "runtime/state/state_place.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace ammo {
namespace {

/// A store that nobody has, and that nobody can take while it is a folder.
struct held_store {
  std::optional<state_folder> folder;
  std::unique_ptr<store::state_store> rows;
};

result<held_store> hold(const std::string& place) {
  held_store out;
  if (!is_postgres(place)) {
    auto folder = state_folder::hold(place);
    if (!folder)
      return folder.error();
    out.folder = std::move(*folder);
  }
  auto rows = open_store(place);
  if (!rows)
    return rows.error();
  out.rows = std::move(*rows);
  if (out.folder)
    return result<held_store>(std::move(out));
  auto holder = holder_of(*out.rows);
  if (!holder)
    return holder.error();
  if (!holder->empty())
    return {errc::state_in_use, '"' + shown(place) + "\": " + *holder};
  return result<held_store>(std::move(out));
}

class copier {
public:
  copier(store::state_store& from, store::state_store& to, const store::state_layout& layout, const std::function<void(double)>& progress)
    : from_(from), to_(to), layout_(layout), progress_(progress) {}

  result<copied_state> run() {
    const auto nodes = from_.nodes();
    if (!nodes)
      return nodes.error();
    const auto segments = from_.segments();
    if (!segments)
      return segments.error();
    const auto claims = from_.claims();
    if (!claims)
      return claims.error();
    if (auto read = read_histories(*segments); !read)
      return read.error();
    steps_ = nodes->size() + claims->size();
    for (const auto& n : *nodes)
      if (auto done = copy_log(n); !done)
        return done.error();
    for (const auto& s : *segments)
      if (auto done = to_.copy_row(s); !done)
        return done.error();
    for (const auto& c : *claims) {
      if (store::raw(c.unit) >= layout_.units)
        return {errc::state_damaged, "unit " + std::to_string(store::raw(c.unit)) + " is none of the layout's " + std::to_string(layout_.units)};
      if (auto done = copy_snapshots(c.unit); !done)
        return done.error();
      if (auto done = copy_sleepers(c.unit); !done)
        return done.error();
      if (auto done = to_.copy_row(c); !done)
        return done.error();
      ++out_.units;
    }
    if (const auto after = from_.nodes(); !after)
      return after.error();
    else if (!same(*nodes, *after))
      return {errc::state_in_use, "somebody has used the state while it was copied"};
    if (auto done = to_.lay_out(layout_); !done)
      return done.error();
    return out_;
  }

private:
  static bool same(const std::vector<store::node>& a, const std::vector<store::node>& b) {
    return std::ranges::equal(a, b, [](const auto& x, const auto& y) { return x.id == y.id && x.head == y.head && x.fenced == y.fenced; });
  }

  void step() {
    ++step_;
    if (progress_)
      progress_(static_cast<double>(step_) / static_cast<double>(steps_));
  }

  result<void> copy_log(store::node n) {
    result<void> done;
    const auto read = from_.read(n.id, store::first_needed(n.id, n.head, histories_), n.head, [&](const store::block& b) {
      if (done)
        done = to_.copy_row(store::node_block{n.id, b});
      ++out_.blocks;
      out_.bytes += b.data.size();
    });
    if (!read)
      return read;
    if (!done)
      return done;
    step();
    return to_.copy_row(n);
  }

  /// What each unit's older snapshot still needs of the logs.
  result<void> read_histories(const std::vector<store::segment>& segments) {
    histories_.resize(layout_.units);
    for (const auto& s : segments)
      if (store::raw(s.unit) < histories_.size())
        histories_[store::raw(s.unit)].segments.push_back(s);
    for (std::uint32_t u = 0; u < layout_.units; ++u) {
      auto all = from_.snapshots(store::unit_id{u});
      if (!all)
        return all.error();
      if (all->size() > 1)
        histories_[u].kept = all->back().at;
      snapshots_.push_back(*std::move(all));
    }
    return {};
  }

  result<void> copy_snapshots(store::unit_id u) {
    for (const auto& s : snapshots_[store::raw(u)]) {
      for (std::uint32_t p = 0; p < s.pieces; ++p) {
        const auto piece = from_.read_piece(u, s.at, p);
        if (!piece)
          return piece.error();
        if (auto written = to_.write_piece(u, s.at, p, *piece); !written)
          return written;
        out_.bytes += piece->size();
      }
      if (auto written = to_.copy_row(s); !written)
        return written;
      ++out_.snapshots;
    }
    step();
    return {};
  }

  result<void> copy_sleepers(store::unit_id u) {
    const auto all = from_.sleepers(u);
    if (!all)
      return all.error();
    for (const auto& s : *all) {
      auto whole = from_.read_sleeper(u, s.user);
      if (!whole)
        return whole.error();
      if (!*whole)
        return {errc::state_in_use, "somebody has used the state while it was copied"};
      out_.bytes += (*whole)->state.size();
      if (auto written = to_.copy_row(store::unit_sleeper{u, *std::move(*whole)}); !written)
        return written;
      ++out_.sleepers;
    }
    return {};
  }

  store::state_store& from_;
  store::state_store& to_;
  const store::state_layout& layout_;
  const std::function<void(double)>& progress_;
  std::vector<store::unit_history> histories_;         ///< by unit
  std::vector<std::vector<store::snapshot>> snapshots_; ///< by unit
  copied_state out_;
  std::size_t step_ = 0, steps_ = 1;
};

} // namespace

result<copied_state> copy_state(const std::string& from, const std::string& to, const std::function<void(double)>& progress) {
  std::error_code unreadable;
  if (!is_postgres(from) && !std::filesystem::is_regular_file(state_folder::file_in(from), unreadable))
    return {errc::no_such_file, '"' + from + "\" holds no state"};
  auto source = hold(from);
  if (!source)
    return source.error();
  const auto layout = source->rows->layout();
  if (!layout)
    return layout.error();
  if (!*layout)
    return {errc::no_such_file, '"' + shown(from) + "\" holds no state"};
  auto target = hold(to);
  if (!target)
    return target.error();
  const auto there = target->rows->layout();
  if (!there)
    return there.error();
  const auto nodes = target->rows->nodes();
  if (!nodes)
    return nodes.error();
  if (*there || !nodes->empty())
    return {errc::bad_state, '"' + shown(to) + "\" holds " + (*there ? "a state" : "part of a copy") + " already: choose an empty place"};
  return copier(*source->rows, *target->rows, **layout, progress).run();
}

} // namespace ammo
