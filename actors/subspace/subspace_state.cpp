// A Subspace's mind and its parts as values, and back.
#include "actors/protocol/state/subspace_state.hpp"

#include "actors/base/saved.hpp"
#include "actors/evolution/genes.hpp"
#include "actors/space/content_set.hpp"
#include "actors/subspace/subspace_mind.hpp"

#include <limits>
#include <utility>

namespace ammo {
namespace {

/// Adds up two amounts ≥ 0; false where 64 bits don't hold the sum.
bool add(std::int64_t& to, std::int64_t more) noexcept { return more >= 0 && !__builtin_add_overflow(to, more, &to); }

failure bad_account(goal_id goal) { return bad_state("the account of goal " + std::to_string(raw(goal))); }

std::vector<departure_state> departures(const std::unordered_map<std::uint64_t, goal_id>& left) {
  std::vector<departure_state> out;
  for (const auto* entry : by_key(left))
    out.push_back({creation_id{entry->first}, entry->second});
  return out;
}

std::unordered_map<std::uint64_t, goal_id> departed(const std::vector<departure_state>& left) {
  std::unordered_map<std::uint64_t, goal_id> out;
  for (const departure_state& d : left)
    out.emplace(raw(d.creation), d.goal);
  return out;
}

} // namespace

ledger_state ledger::save() const {
  ledger_state out;
  for (const auto* entry : by_key(accounts_)) {
    const account& a = entry->second;
    account_state& s = out.accounts.emplace_back(account_state{goal_id{entry->first}, a.granted, a.spent, {}, {}});
    for (const auto& [key, micros] : a.open)
      s.open.push_back({key, micros});
    for (const auto& series : a.done)
      s.done.insert(s.done.end(), series.begin(), series.end());
  }
  return out;
}

result<ledger> ledger::restore(const ledger_state& state) {
  ledger out;
  if (!ascends(state.accounts, &account_state::goal))
    return bad_state("accounts out of order");
  for (const account_state& s : state.accounts) {
    account a{.granted = s.granted, .spent = s.spent, .open = {}, .done = {}};
    if (!ascends(s.open, &reserved_state::key) || !ascends(s.done))
      return bad_account(s.goal);
    for (const auto& [key, micros] : s.open) {
      if (!add(a.reserved, micros))
        return bad_account(s.goal);
      a.open.emplace_hint(a.open.end(), key, micros);
    }
    for (std::uint64_t key : s.done)
      if (auto& series = a.done[series_of(key)]; series.size() < remembered && !a.open.contains(key))
        series.insert(series.end(), key);
      else
        return bad_account(s.goal);
    std::int64_t used = 0;
    if (!add(used, a.spent) || !add(used, a.reserved) || used > a.granted || !add(out.granted_, a.granted))
      return bad_account(s.goal);
    out.spent_ += a.spent;
    out.reserved_ += a.reserved;
    out.accounts_.emplace(raw(s.goal), std::move(a));
  }
  return out;
}

group_estimate_state group_estimate::save() const {
  group_estimate_state out{{}, ye_, e_, n_, y_, yy_, rows_};
  for (std::size_t k = 0; k < e_.size(); ++k) {
    const auto row = ee_.begin() + static_cast<std::ptrdiff_t>(k * width_);
    out.ee.insert(out.ee.end(), row + static_cast<std::ptrdiff_t>(k), row + width_);
  }
  return out;
}

result<group_estimate> group_estimate::restore(std::uint32_t width, const group_estimate_state& s) {
  group_estimate out(width);
  const std::size_t d = s.e.empty() ? 0 : width;
  if (d > widest || s.e.size() != d || s.ye.size() != d || s.ee.size() != d * (d + 1) / 2 ||
      !(s.n >= 0 && s.rows >= 0) || (d == 0 && (s.n > 0 || s.rows > 0 || s.y != 0 || s.yy != 0)))
    return bad_state("the estimate of what the group likes");
  out.ee_.resize(d * d);
  auto from = s.ee.begin();
  for (std::size_t k = 0; k < d; ++k)
    for (std::size_t j = k; j < d; ++j)
      out.ee_[k * d + j] = *from++;
  out.ye_ = s.ye;
  out.e_ = s.e;
  out.n_ = s.n;
  out.y_ = s.y;
  out.yy_ = s.yy;
  out.rows_ = s.rows;
  return out;
}

subspace_mind_state subspace_mind::save() const {
  subspace_mind_state out{.catalogue = catalogue_.save(),
                          .ledger = ledger_.save(),
                          .market = market_.save(),
                          .group = group_.save(),
                          .estimated = estimated_,
                          .members = {},
                          .answered = {},
                          .fresh = fresh_,
                          .sales = sales_,
                          .left = departures(left_),
                          .left_before = departures(left_before_),
                          .strains = strains_,
                          .fitness = fitness_.save()};
  for (const auto* entry : by_key(members_)) {
    const auto& [goal, m] = *entry;
    out.members.push_back(
      {goal_id{goal}, m.owner, m.created, m.earned.fraction(), m.creation, m.competes, m.error, m.title, m.tags});
  }
  for (const auto* entry : by_key(answered_))
    for (const auto& series : entry->second)
      for (const auto& [key, verdict] : series)
        out.answered.push_back(verdict);
  return out;
}

result<subspace_mind> subspace_mind::restore(const subspace_config& config, const subspace_mind_state& state) {
  subspace_mind out(config);
  auto c = catalogue::restore(config.id, config.coordinates, config.norm_cap, config.capacity, state.catalogue,
                              config.near_duplicate);
  if (!c)
    return c.error();
  auto accounts = ledger::restore(state.ledger);
  if (!accounts)
    return accounts.error();
  auto market = slot_market::restore(out.market_.config(), state.market);
  if (!market)
    return market.error();
  auto group = group_estimate::restore(config.coordinates.width, state.group);
  if (!group)
    return group.error();
  auto fitness = fitness_book::restore({}, state.fitness);
  if (!fitness)
    return fitness.error();
  out.catalogue_ = *std::move(c);
  out.ledger_ = *std::move(accounts);
  out.market_ = *std::move(market);
  out.group_ = *std::move(group);
  out.fitness_ = *std::move(fitness);
  if (auto adopted = out.adopt(state); !adopted)
    return adopted.error();
  return out;
}

result<void> subspace_mind::adopt(const subspace_mind_state& s) {
  const auto key_of = [](const creation_verdict& v) { return std::pair(v.goal, v.key); };
  if (!ascends(s.members, &member_state::goal) || !ascends(s.answered, key_of) ||
      !ascends(s.left, &departure_state::creation) || !ascends(s.left_before, &departure_state::creation))
    return bad_state("entries of a Subspace out of order");
  for (const member_state& m : s.members) {
    if (!ledger_.has(m.goal) || market_.has(m.goal) != market_.sells())
      return bad_account(m.goal);
    if (m.tags.size() > most_tags || !ascends(m.tags))
      return bad_state("the tags of goal " + std::to_string(raw(m.goal)));
    member made{m.owner, m.created, {}, m.creation, m.competes, m.error, m.title, m.tags};
    made.earned.restore(m.earned_fraction);
    members_.emplace(raw(m.goal), std::move(made));
    goals_of_owner_.add(m.owner);
  }
  if (ledger_.accounts() != members_.size() || (market_.sells() && market_.buyers() != members_.size()))
    return bad_state("accounts of no Goal Buddy");
  for (const auto& p : s.catalogue.panels)
    for (const creation_info& c : p->info)
      if (c.id != no_creation) {
        if (const auto whose = members_.find(raw(c.goal)); whose == members_.end() || whose->second.owner != c.owner)
          return bad_state("creation " + std::to_string(raw(c.id)) + " is nobody's");
        live_of_owner_.add(c.owner);
        members_.at(raw(c.goal)).live.push_back(c.id);
      }
  for (const creation_verdict& v : s.answered) {
    if (!members_.contains(raw(v.goal)))
      return bad_account(v.goal);
    auto& series = answered_[raw(v.goal)][series_of(v.key)];
    if (series.size() == remembered)
      return bad_account(v.goal);
    series.emplace_hint(series.end(), v.key, v);
  }
  published_ = catalogue_.published();
  estimated_ = s.estimated;
  fresh_ = s.fresh;
  sales_ = s.sales;
  left_ = departed(s.left);
  left_before_ = departed(s.left_before);
  if (const std::size_t n = s.strains ? strains_of(*s.strains, buddy_kind::goal, config_.id) : 0;
      n != s.fitness.strains || (s.strains && (check(*s.strains) != errc::ok || n == 0)))
    return bad_state("the strains of a Subspace");
  strains_ = s.strains;
  return {};
}

} // namespace ammo
