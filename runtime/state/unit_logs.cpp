#include "runtime/state/unit_logs.hpp"

#include "runtime/store/commit_queue.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace ammo {
namespace {

class reading {
public:
  reading(std::span<const store::node> nodes, std::span<const store::unit_history> histories, const std::function<result<void>(const unit_frame&)>& take)
    : histories_(histories), take_(take), waiting_(histories.size()) {
    for (const auto& n : nodes)
      unread_.insert(n.id);
  }

  result<void> come(const unit_frame& f) {
    const auto unit = store::raw(f.what.unit);
    if (is_next(unit, f.at.term, f.node) && (waiting_[unit].empty() || f.at < waiting_[unit].begin()->first))
      return take_(f);
    auto& waits = waiting_[unit].try_emplace(f.at).first->second;
    waits = {{f.what.body.begin(), f.what.body.end()}, f};
    return {};
  }

  /// All of that node's frames have come: what waited for them follows.
  result<void> ended(store::incarnation node) {
    unread_.erase(node);
    for (std::uint32_t unit = 0; unit < waiting_.size(); ++unit)
      for (auto& all = waiting_[unit]; !all.empty();) {
        auto& [body, f] = all.begin()->second;
        if (!is_next(unit, f.at.term, f.node))
          break;
        f.what.body = body;
        if (auto taken = take_(f); !taken)
          return taken;
        all.erase(all.begin());
      }
    return {};
  }

private:
  /// Has everything of the unit's earlier terms come?
  [[nodiscard]] bool is_next(std::uint32_t unit, store::term_number term, store::incarnation node) const {
    const auto& h = histories_[unit];
    return std::ranges::none_of(h.segments, [&](const store::segment& s) {
      return s.term < term && (!h.kept || s.term >= h.kept->term) && s.node != node && unread_.contains(s.node);
    });
  }

  struct waiting_frame {
    store::bytes body;
    unit_frame f;
  };
  const std::span<const store::unit_history> histories_;
  const std::function<result<void>(const unit_frame&)>& take_;
  std::set<store::incarnation> unread_;
  std::vector<std::map<store::position, waiting_frame>> waiting_; // by unit
};

} // namespace

result<void> read_unit_logs(store::state_store& from, std::vector<store::node>& nodes, std::span<const store::unit_history> histories,
                            const std::function<result<void>(const unit_frame&)>& take) {
  std::ranges::sort(nodes, {}, [&](const store::node& n) { return store::first_term(n.id, histories); });
  reading all(nodes, histories, take);
  for (std::size_t log = 0; log < nodes.size(); ++log) {
    const auto& n = nodes[log];
    const auto first = store::first_needed(n.id, n.head, histories), last = store::last_needed(n.id, n.head, histories);
    result<void> done;
    const auto hear = [&](const store::block& b) {
      if (!done)
        return;
      auto whole = store::each_frame(b, [&](std::uint64_t place, std::span<const std::byte> bytes) {
        if (!done || place < first)
          return;
        const auto f = unpacked_frame(bytes);
        if (!f || store::raw(f->unit) >= histories.size()) {
          done = {errc::state_damaged, "the log of node " + store::text_of(n.id) + ", place " + std::to_string(place) + ": no frame of a unit"};
          return;
        }
        const auto& h = histories[store::raw(f->unit)];
        const auto* s = store::segment_at(h, n.id, place);
        if (!s)
          return; // of a term that this node had lost
        const store::position at{s->term, place};
        if (!h.kept || *h.kept < at)
          done = all.come({*f, at, n.id, log + 1});
      });
      if (!whole && done)
        done = whole;
    };
    if (first <= last)
      if (auto read = from.read(n.id, first, last, hear); !read)
        return read;
    if (!done)
      return done;
    if (auto rest = all.ended(n.id); !rest)
      return rest;
  }
  return {};
}

} // namespace ammo
