// An AiPP shard's mind and its parts as values, and back.
#include "actors/protocol/state/aipp_state.hpp"

#include "actors/aipp/aipp_mind.hpp"
#include "actors/base/saved.hpp"
#include "actors/protocol/fixed_sums.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace ammo {
namespace {

failure bad_user(user_id user) { return bad_state("user " + std::to_string(raw(user)) + " of an AiPP shard"); }

} // namespace

impression_log_state impression_log::save() const {
  impression_log_state out{newest_, {}, {}, today_};
  for (const issued& i : issued_)
    if (i.counter > 0)
      out.issued.push_back({i.counter, i.answered == 1, i.user});
  for (const auto* entry : by_key(open_))
    out.users.push_back(saved(entry->first, entry->second));
  return out;
}

awaiting_user_state impression_log::saved(std::uint64_t user, const ring& r) {
  awaiting_user_state out{user_id{user}, {}, static_cast<std::uint32_t>(r.oldest)};
  for (const awaited& a : r.entries)
    out.entries.push_back({a.id, a.about.creation, a.about.round, a.about.slot == 0, a.open, a.day, static_cast<std::uint32_t>(a.about.slot), static_cast<std::uint8_t>(a.about.arm)});
  return out;
}

result<impression_log::ring> impression_log::restored(const awaiting_user_state& u) const {
  constexpr std::uint64_t most_rounds = (std::uint64_t{1} << 54) - 1;
  ring r{{}, u.oldest};
  if (u.entries.empty() || u.entries.size() > open_impressions_ || u.oldest >= u.entries.size())
    return bad_state("the impressions of user " + std::to_string(raw(u.user)));
  for (const awaited_state& a : u.entries) {
    const std::uint64_t slot = a.slot == unknown_slot ? (a.first ? 0 : 1) : a.slot;
    if (slot >= max_slots || a.round > most_rounds || a.arm > static_cast<std::uint8_t>(arm::control))
      return bad_state("an impression of user " + std::to_string(raw(u.user)));
    r.entries.push_back({a.id, {a.creation, a.round, slot, a.arm}, a.open, a.day});
  }
  if (r.entries.size() < open_impressions_) { // more are kept than before: the ring opens where it begins
    std::ranges::rotate(r.entries, r.entries.begin() + static_cast<std::ptrdiff_t>(r.oldest));
    r.oldest = 0;
  }
  return r;
}

std::optional<awaiting_user_state> impression_log::of(user_id user) const {
  const auto mine = open_.find(raw(user));
  return mine == open_.end() ? std::nullopt : std::optional(saved(mine->first, mine->second));
}

result<void> impression_log::put_back(const awaiting_user_state& of) {
  auto r = restored(of);
  if (!r)
    return r.error();
  drop_expired(*r);
  if (r->entries.empty())
    open_.erase(raw(of.user));
  else
    open_.insert_or_assign(raw(of.user), *std::move(r));
  return {};
}

result<impression_log> impression_log::restore(std::uint32_t open_impressions, std::uint32_t shard, std::uint32_t days,
                                               const impression_log_state& state) {
  impression_log out(open_impressions, shard, days);
  out.today_ = state.today;
  constexpr std::uint64_t most = (std::uint64_t{1} << 63) - 1;
  const auto place = [](const issued_state& i) { return i.counter % issued_remembered; };
  if (!ascends(state.issued, place) || !ascends(state.users, &awaiting_user_state::user))
    return bad_state("a log of impressions out of order");
  out.newest_ = state.newest;
  for (const issued_state& i : state.issued) {
    if (i.counter == 0 || i.counter > std::min(most, state.newest))
      return bad_state("an impression issued");
    out.issued_[place(i)] = {i.counter, i.answered, i.user};
  }
  for (const awaiting_user_state& u : state.users) {
    auto r = out.restored(u);
    if (!r)
      return r.error();
    out.open_.emplace(raw(u.user), *std::move(r));
  }
  return out;
}

bool aipp_mind::delivers_to(user_id user) const noexcept {
  return std::ranges::any_of(undelivered_, [user](const auto& d) { return d.second.user == user; });
}

std::optional<awaiting_user_state> aipp_mind::open_of(user_id user) const { return log_.of(user); }

void aipp_mind::let_go(user_id user) {
  if (index_.find(user) == hosts)
    (void)remove(user);
}

void aipp_mind::take_back(user_id user, const std::optional<awaiting_user_state>& open) {
  if (!has(user))
    index_.set(user, hosts);
  log_.forget(user);
  if (open && open->user == user)
    (void)log_.put_back(*open); // of another deployment's limits: they are late
}

std::vector<exposure> exposure_tally::save() const {
  exposure_tally copy = *this;
  return copy.take();
}

void exposure_tally::restore(const std::vector<exposure>& counted) {
  for (const exposure& e : counted) {
    auto& to = of(e.creation);
    to.impressions = e.impressions;
    to.engagement = sum_of(e.engagement);
  }
}

aipp_mind_state aipp_mind::save() const {
  aipp_mind_state out{.hosts = {},
                      .people = {},
                      .catalogues = snapshots_,
                      .previous = previous_,
                      .log = log_.save(),
                      .period = period_,
                      .slates = slates_,
                      .slates_known = slates_known_,
                      .hits = hits_,
                      .hit_slates = hit_slates_,
                      .rounds = rounds_,
                      .regret = {},
                      .tally = tally_.save(),
                      .fitness = {},
                      .deliveries = deliveries_,
                      .undelivered = {},
                      .scales = {},
                      .votes = votes_.save(),
                      .compared = control_.save()};
  for (const auto& [delivery, waits] : undelivered_)
    out.undelivered.push_back({delivery, waits.user, waits.round, waits.slate, waits.why});
  index_.each([&](user_id user, std::uint32_t at) {
    if (at == hosts)
      out.hosts.push_back(user);
  });
  std::ranges::sort(out.hosts);
  for (std::size_t p = 0; p < users_.size(); ++p) {
    const auto q = rows_.begin() + static_cast<std::ptrdiff_t>(p * stride_);
    out.people.push_back({users_[p], {{q, q + config_.space.dim()}}, held_out_[p], played_[p]});
  }
  for (const by_round& r : regret_)
    out.regret.push_back({wire_of(r.stated), wire_of(r.slate)});
  if (fitness_)
    out.fitness = fitness_->save();
  for (const engagement_scale& e : scales_)
    out.scales.push_back({e.rewards, e.exponents, e.beyond});
  return out;
}

result<aipp_mind> aipp_mind::restore(aipp_config config, const aipp_mind_state& s) {
  aipp_mind out(std::move(config));
  auto log = impression_log::restore(out.config_.open_impressions, out.config_.shard, out.config_.impression_days, s.log);
  if (!log)
    return log.error();
  if (auto seen = out.restore_catalogues(s); !seen)
    return seen.error();
  if (auto here = out.restore_users(s); !here)
    return here.error();
  for (const auto* counted : {&s.tally, &s.votes})
    if (!ascends(*counted, &exposure::creation) || (!counted->empty() && counted->front().creation == no_creation))
      return bad_state("the tally of an AiPP shard");
  if (s.fitness) {
    auto book = fitness_book::restore(out.config_.fitness, *s.fitness);
    if (!book)
      return book.error();
    out.fitness_ = *std::move(book);
  }
  out.log_ = *std::move(log);
  out.period_ = s.period;
  out.slates_ = s.slates;
  out.slates_known_ = s.slates_known;
  out.hits_ = s.hits;
  out.hit_slates_ = s.hit_slates;
  for (const round_regret_state& r : s.regret)
    out.regret_.push_back({sum_of(r.stated), sum_of(r.slate)});
  out.tally_.restore(s.tally);
  out.votes_.restore(s.votes);
  if (!ascends(s.undelivered, &undelivered_state::delivery) || s.undelivered.size() > most_undelivered)
    return bad_state("the deliveries of an AiPP shard");
  out.deliveries_ = s.deliveries;
  for (const undelivered_state& u : s.undelivered) {
    if (u.delivery == 0 || u.delivery > s.deliveries)
      return bad_state("delivery " + std::to_string(u.delivery) + " of an AiPP shard");
    out.undelivered_.emplace(u.delivery, on_its_way{u.user, u.round, u.slate, u.why});
  }
  if (!out.control_.restore(s.compared))
    return bad_state("what control is compared with in an AiPP shard");
  if (s.scales.size() > out.scales_.size())
    return bad_state("an AiPP shard of another layout");
  for (std::size_t i = 0; i < s.scales.size(); ++i) {
    const auto& e = s.scales[i];
    if (e.rewards > std::uint64_t{1} << 50 || std::abs(static_cast<double>(e.exponents)) > 1100.0 * static_cast<double>(e.rewards))
      return bad_state("what rewards count for in an AiPP shard");
    out.scales_[i] = {e.rewards, e.exponents, e.beyond && e.rewards > 0};
  }
  return out;
}

result<void> aipp_mind::restore_catalogues(const aipp_mind_state& s) {
  if (s.catalogues.size() != snapshots_.size() || s.previous.size() != snapshots_.size())
    return bad_state("an AiPP shard of another layout");
  for (std::size_t i = 0; i < snapshots_.size(); ++i)
    for (const auto& held : {s.previous[i], s.catalogues[i]}) {
      const subspace_id at{static_cast<std::uint16_t>(i)};
      if (held && (held->subspace() != at || held->coordinates() != config_.space.coordinates(at)))
        return bad_state("a catalogue of an AiPP shard");
      if (held) {
        tally_.reach(at, held->rows());
        votes_.reach(at, held->rows());
      }
    }
  snapshots_ = s.catalogues;
  previous_ = s.previous;
  count_best();
  return {};
}

/// Nobody's best slate is known then: each is found when it is needed.
result<void> aipp_mind::restore_users(const aipp_mind_state& s) {
  rounds_ = 0;
  if (!ascends(s.hosts))
    return bad_state("the users of an AiPP shard");
  for (user_id user : s.hosts)
    if (!add(user, {}))
      return bad_user(user);
  for (const person_state& p : s.people) {
    if (!std::ranges::is_sorted(p.held_out) || !add(p.user, person{p.q.values, p.held_out}))
      return bad_user(p.user);
    played_.back() = p.played;
  }
  rounds_ = s.rounds;
  for (std::uint32_t played : played_)
    awaited_ += rounds_ - std::min(rounds_, played);
  return {};
}

} // namespace ammo
