#include "runtime/state/decisions/decision_records.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/state/decisions/decision_gatherer.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <unordered_set>

namespace ammo {
namespace {

std::string_view name_of(occasion why) {
  return why == occasion::request ? "ask" : why == occasion::push ? "push"
                                                                  : "round";
}

std::string_view name_of(propensity_source s) {
  switch (s) {
  case propensity_source::exact: return "exact";
  case propensity_source::resampled: return "resampled";
  case propensity_source::control: return "control";
  case propensity_source::unknown: break;
  }
  return "unknown";
}

std::string number(double x) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x).ptr;
  return {text.data(), end};
}
std::string number(float x) {
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x).ptr;
  return {text.data(), end};
}

std::string two(unsigned n) { return {static_cast<char>('0' + n / 10 % 10), static_cast<char>('0' + n % 10)}; }

/// "2026-11-29 13:44:00.123456+00:00"
std::string time_named(std::int64_t us) {
  using namespace std::chrono;
  const sys_time<microseconds> at{microseconds{us}};
  const auto day = floor<days>(at);
  const hh_mm_ss clock{at - day};
  const auto rest = std::to_string(1'000'000 + clock.subseconds().count()).substr(1);
  return name_of_day(static_cast<std::uint32_t>(day.time_since_epoch().count())) + ' ' + two(static_cast<unsigned>(clock.hours().count())) + ':' +
         two(static_cast<unsigned>(clock.minutes().count())) + ':' + two(static_cast<unsigned>(clock.seconds().count())) + '.' + rest + "+00:00";
}

/// "1795959840.123456"
std::string seconds_named(std::int64_t us) {
  return std::to_string(us / 1'000'000) + '.' + std::to_string(1'000'000 + us % 1'000'000).substr(1);
}

} // namespace

result<std::uint32_t> day_named(std::string_view date) {
  unsigned y = 0, m = 0, d = 0;
  const auto read = [&](std::size_t from, std::size_t n, unsigned& to) {
    const auto end = std::from_chars(date.data() + from, date.data() + from + n, to);
    return end.ec == std::errc{} && end.ptr == date.data() + from + n;
  };
  const bool shaped = date.size() == 10 && date[4] == '-' && date[7] == '-' && read(0, 4, y) && read(5, 2, m) && read(8, 2, d);
  const std::chrono::year_month_day day{std::chrono::year{static_cast<int>(y)}, std::chrono::month{m}, std::chrono::day{d}};
  if (!shaped || !day.ok() || y < 1970)
    return {errc::bad_value, '"' + std::string(date) + "\" is no day; allowed: as 2026-11-29"};
  return static_cast<std::uint32_t>(std::chrono::sys_days{day}.time_since_epoch().count());
}

std::string name_of_day(std::uint32_t day) {
  const std::chrono::year_month_day d{std::chrono::sys_days{std::chrono::days{day}}};
  return std::to_string(static_cast<int>(d.year())) + '-' + two(static_cast<unsigned>(d.month())) + '-' + two(static_cast<unsigned>(d.day()));
}

result<void> read_decisions(store::decision_store& from, std::optional<std::uint32_t> day, const std::function<bool(const decision&)>& take) {
  std::unordered_map<std::uint64_t, double> earned;
  failure unreadable{errc::ok, {}};
  const auto damaged = [&](const failure& why) {
    unreadable = {errc::state_damaged, "a decision: " + std::string(ammo::name_of(why.code))};
    return false;
  };
  // Of any day: a reward may come on a later one.
  auto read = from.read(decided_reward::kind, std::nullopt, [&](store::decision_row&& row) {
    const auto r = decode_state<decided_reward>(row.data);
    if (!r)
      return damaged(r.error());
    earned.insert_or_assign(raw(r->impression), r->value);
    return true;
  });
  if (!read || unreadable.code != errc::ok)
    return read ? result<void>(unreadable) : read;
  std::unordered_set<std::uint64_t> revoked; // by first impression
  read = from.read(decided_revocation::kind, std::nullopt, [&](store::decision_row&& row) {
    const auto r = decode_state<decided_revocation>(row.data);
    if (!r)
      return damaged(r.error());
    revoked.insert(raw(r->first));
    return true;
  });
  if (!read || unreadable.code != errc::ok)
    return read ? result<void>(unreadable) : read;
  read = from.read(decided_slate::kind, day, [&](store::decision_row&& row) {
    auto s = decode_state<decided_slate>(row.data);
    if (!s)
      return damaged(s.error());
    if (!s->shown.empty() && revoked.contains(raw(s->shown[0].impression)))
      return true;
    decision d{*std::move(s), {}};
    for (const auto& i : d.slate.shown)
      if (const auto found = earned.find(raw(i.impression)); found != earned.end())
        d.rewards.emplace_back(found->second);
      else
        d.rewards.emplace_back();
    return take(d);
  });
  return read && unreadable.code != errc::ok ? result<void>(unreadable) : read;
}

std::string decision_writer::subspace_named(creation_id id) const {
  const auto at = static_cast<std::size_t>(subspace_of(id));
  return at < subspaces_.size() ? subspaces_[at] : std::to_string(at);
}

bool decision_writer::json(const decision& d) {
  const auto& s = d.slate;
  auto shown = nlohmann::json::array();
  for (std::size_t slot = 0; slot < s.shown.size(); ++slot) {
    const auto& i = s.shown[slot];
    nlohmann::json row{{"impression", raw(i.impression)}, {"creation", raw(i.creation)}, {"subspace", subspace_named(i.creation)}, {"slot", slot}, {"source", name_of(i.propensity.source)}, {"value", i.value}};
    row["propensity"] = i.propensity.known() ? nlohmann::json(i.propensity.value) : nlohmann::json();
    row["reward"] = d.rewards[slot] ? nlohmann::json(*d.rewards[slot]) : nlohmann::json();
    shown.push_back(std::move(row));
  }
  auto among = nlohmann::json::array();
  for (const creation_id id : s.context.among)
    among.push_back(raw(id));
  ++written_;
  const nlohmann::json line{{"kind", "decision"}, {"user", raw(s.user)}, {"round", s.round}, {"time_us", s.time_us}, {"why", name_of(s.why)}, {"situation", s.situation}, {"slots", s.slots}, {"catalogues", s.context.catalogues}, {"eligible", s.context.eligible}, {"among", std::move(among)}, {"shown", std::move(shown)}};
  return put_(line.dump() + '\n');
}

bool decision_writer::json(const store::decided_creation& c) {
  if (c.data.empty())
    return true;
  const creation_id id{c.creation};
  const nlohmann::json line{{"kind", "creation"}, {"creation", c.creation}, {"subspace", subspace_named(id)}, {"embedding", unpacked_embedding(c.data)}};
  return put_(line.dump() + '\n');
}

bool decision_writer::csv_head() {
  return put_(",timestamp,item_id,position,click,propensity_score,user_feature_0,user_feature_1,user,round,time,item,subspace,slot,"
              "propensity,source,value,reward,impression,eligible,embedding\n");
}

bool decision_writer::csv(const decision& d) {
  const auto& s = d.slate;
  if (!std::ranges::all_of(s.shown, [](const decided_impression& i) { return i.propensity.known(); })) {
    ++left_out_;
    return true;
  }
  ++written_;
  for (std::size_t slot = 0; slot < s.shown.size(); ++slot) {
    const auto& i = s.shown[slot];
    const auto [known, anew] = items_.try_emplace(raw(i.creation), items_.size());
    const auto item = known->second;
    std::string where;
    if (anew && embedding_of_)
      for (const float x : embedding_of_(i.creation))
        where += (where.empty() ? "" : " ") + number(x);
    const auto reward = d.rewards[slot] ? number(*d.rewards[slot]) : std::string{};
    const auto propensity = number(i.propensity.value);
    const auto user = std::to_string(raw(s.user));
    std::string line = std::to_string(lines_++);
    for (const std::string& cell :
         {time_named(s.time_us), std::to_string(item), std::to_string(slot + 1), reward.empty() ? "0" : reward, propensity, user,
          std::to_string(s.situation), user, std::to_string(s.round), seconds_named(s.time_us), std::to_string(raw(i.creation)), subspace_named(i.creation),
          std::to_string(slot), propensity, std::string(name_of(i.propensity.source)), number(i.value), reward, std::to_string(raw(i.impression)),
          std::to_string(s.context.eligible), where})
      line += ',' + cell;
    if (!put_(line + '\n'))
      return false;
  }
  return true;
}

} // namespace ammo
