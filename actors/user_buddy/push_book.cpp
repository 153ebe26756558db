#include "actors/user_buddy/push_book.hpp"

#include "actors/base/saved.hpp"
#include "actors/protocol/state/user_state.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace ammo {

bool push_book::may_push(time_source::instant now, std::uint32_t most, std::chrono::nanoseconds interval) {
  if (!since_ || now - *since_ >= interval) {
    since_ = now;
    pushes_ = 0;
  }
  return pushes_ < most && (++pushes_, true);
}

std::vector<creation_id> push_book::news_of(const wake& m) const {
  std::vector<creation_id> out;
  for (std::size_t i = 0; i < m.fresh.size(); ++i) {
    const creation_id before = i < m.replaced.size() ? m.replaced[i] : no_creation;
    if (before == no_creation || !watched_ || std::ranges::find(watched_->slate, before) == watched_->slate.end())
      out.push_back(m.fresh[i]);
  }
  return out;
}

bool push_book::put_off(const wake& m) {
  if (early_.size() >= most_early)
    return false;
  early_.push_back(m);
  return true;
}

std::vector<wake> push_book::take_early() { return std::exchange(early_, {}); }

push_book_state push_book::save(time_source::instant now) const {
  push_book_state out{.watched = watched_, .early = early_, .pushes = pushes_, .age_ns = {}};
  if (since_)
    out.age_ns = static_cast<std::uint64_t>(std::max<std::chrono::nanoseconds>(now - *since_, {}).count());
  return out;
}

result<push_book> push_book::restore(const push_book_state& state, time_source::instant now) {
  constexpr std::uint64_t longest = std::numeric_limits<std::int64_t>::max() / 2;
  if (state.early.size() > most_early || (state.pushes > 0 && !state.age_ns) || state.age_ns.value_or(0) > longest)
    return bad_state("what a user's pushes remember");
  push_book out;
  out.watched_ = state.watched;
  out.early_ = state.early;
  out.pushes_ = state.pushes;
  if (state.age_ns)
    out.since_ = now - std::chrono::nanoseconds(*state.age_ns);
  return out;
}

} // namespace ammo
