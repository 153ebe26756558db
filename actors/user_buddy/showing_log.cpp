#include "actors/user_buddy/showing_log.hpp"

#include "actors/base/saved.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

/// The creation's row, whatever its generation.
creation_id place_of(creation_id id) noexcept { return make_creation_id(subspace_of(id), row_of(id), 0); }

/// Is it younger than so many seconds? A clock that was set back makes nothing old.
bool younger(const showing_state& s, std::uint64_t seconds, std::int64_t now_s) noexcept {
  return now_s < s.at_s || static_cast<std::uint64_t>(now_s) - static_cast<std::uint64_t>(s.at_s) < seconds;
}

std::pair<creation_id, goal_id> who(const showing_state& s) noexcept { return {s.place, s.goal}; }

} // namespace

void showing_log::keep(std::uint64_t seconds) noexcept { keep_s_ = std::max(keep_s_, seconds); }

void showing_log::proposed(std::uint64_t round, std::span<const candidate> candidates, std::uint32_t slots, bool sure,
                           std::int64_t now_s, const seen_catalogues& live) {
  if (sure)
    candidates = candidates.first(std::min<std::size_t>(slots, candidates.size()));
  try {
    for (const candidate& c : candidates)
      if (const catalogue_version* home = live.live_in(c.creation))
        shown_.push_back({place_of(c.creation), home->find(c.creation)->goal, round, now_s});
  } catch (...) {
    granted(round, {});
    throw;
  }
}

void showing_log::forget_old(std::int64_t now_s) noexcept {
  while (!shown_.empty() && (shown_.size() > most || !younger(shown_.front(), keep_s_, now_s)))
    shown_.pop_front();
}

void showing_log::granted(std::uint64_t round, std::span<const impression> shown) {
  const auto is_shown = [&](const showing_state& s) {
    return std::ranges::any_of(shown, [&](const impression& i) { return place_of(i.creation) == s.place; });
  };
  std::erase_if(shown_, [&](const showing_state& s) { return s.round == round && !is_shown(s); });
}

std::vector<creation_id> showing_log::over(const most_showings& limit, std::int64_t now_s, const seen_catalogues& live) const {
  std::vector<std::pair<creation_id, goal_id>> all;
  for (const showing_state& s : shown_)
    if (younger(s, limit.within_s, now_s))
      all.push_back(who(s));
  std::ranges::sort(all);
  std::vector<creation_id> out;
  for (auto first = all.begin(); first != all.end();) {
    const auto last = std::find_if(first, all.end(), [&](const auto& s) { return s != *first; });
    const auto [place, goal] = *first;
    const catalogue_version* home = live.newest(subspace_of(place));
    if (last - first >= static_cast<std::ptrdiff_t>(limit.times) && home && row_of(place) < home->rows())
      if (const creation_info& now = home->info(row_of(place)); now.id != no_creation && now.goal == goal)
        out.push_back(now.id);
    first = last;
  }
  std::ranges::sort(out);
  return out;
}

showing_log_state showing_log::added(std::uint64_t round) const {
  const auto first = std::ranges::find(shown_, round, &showing_state::round);
  return {{first, shown_.end()}, keep_s_};
}

void showing_log::add(const showing_log_state& more) {
  keep(more.keep_s);
  shown_.insert(shown_.end(), more.shown.begin(), more.shown.end());
  if (!shown_.empty())
    forget_old(shown_.back().at_s);
}

showing_log_state showing_log::save() const { return {{shown_.begin(), shown_.end()}, keep_s_}; }

std::optional<showing_log> showing_log::restored(const showing_log_state& s) {
  if (s.shown.size() > most || !std::ranges::is_sorted(s.shown, {}, &showing_state::round) ||
      std::ranges::any_of(s.shown, [](const showing_state& x) { return x.place != place_of(x.place); }))
    return {};
  showing_log log;
  log.shown_.assign(s.shown.begin(), s.shown.end());
  log.keep_s_ = s.keep_s;
  return log;
}

} // namespace ammo
