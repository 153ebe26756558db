#include "runtime/state/decisions/decision_gatherer.hpp"

#include "actors/protocol/state_codec.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>

namespace ammo {
namespace {

/// Proposals that were never shown, and embeddings of creations that never were.
constexpr std::size_t most_waiting = 65'536;

std::uint32_t day_of(std::int64_t time_us) {
  return static_cast<std::uint32_t>(std::chrono::floor<std::chrono::days>(std::chrono::microseconds{time_us}).count());
}

template <class Map> void make_room(Map& of) {
  if (of.size() > most_waiting)
    of.erase(of.begin());
}

} // namespace

store::bytes packed_embedding(std::span<const float> e) {
  store::bytes out(e.size() * sizeof(float));
  if (!out.empty())
    std::memcpy(out.data(), e.data(), out.size());
  return out;
}

std::vector<float> unpacked_embedding(const store::bytes& data) {
  std::vector<float> out(data.size() / sizeof(float));
  if (!out.empty())
    std::memcpy(out.data(), data.data(), out.size() * sizeof(float));
  return out;
}

result<void> decision_gatherer::take(const noted_frame& f, store::position at) {
  if (f.what == leave::type && (f.entity.of == role::aipp || f.entity.of == role::user_buddy)) {
    const auto who = f.entity.of == role::user_buddy ? result<leave>(leave{user_id{f.entity.id}}) : decode<leave>(f.body, nullptr, state_limits);
    if (!who)
      return who.error();
    forget(who->user);
    return {};
  }
  if (!keeps_)
    return {};
  if (f.entity.of == role::user_buddy && f.what == (state_frame | slate_frame::kind))
    return take_slate(f);
  if (f.entity.of == role::aipp && f.what == slates_granted::type)
    return take_grants(f, at);
  if (f.entity.of == role::aipp && f.what == feedback::type)
    return take_reward(f, at);
  return {};
}

void decision_gatherer::forget(user_id user) {
  proposed_.erase(raw(user));
  std::erase_if(batch_.rows, [&](const store::decision_row& r) { return r.user == raw(user); });
  batch_.forgotten.push_back(raw(user));
}

result<void> decision_gatherer::take_slate(const noted_frame& f) {
  auto slate = decode_state<slate_frame>(f.body);
  if (!slate)
    return slate.error();
  for (const auto& held : slate->named)
    if (held)
      embeddings_.insert_or_assign(raw(held->creation), packed_embedding(held->e));
  make_room(embeddings_);
  auto& p = slate->proposed;
  if (p.round == 0)
    return {};
  proposed waits{p.round, p.slots, slate->situation, p.why, {}, {}};
  if (slate->context)
    waits.context = *std::move(slate->context);
  for (const candidate& c : p.candidates)
    waits.candidates.push_back(c.creation);
  proposed_.insert_or_assign(f.entity.id, std::move(waits));
  make_room(proposed_);
  return {};
}

/// The first time on a day that a slate shows it; or when its embedding has become known.
void decision_gatherer::name(creation_id creation, std::uint32_t day) {
  if (day != today_) {
    today_ = day;
    named_today_.clear();
  }
  const auto known = embeddings_.find(raw(creation));
  if (!named_today_.insert(raw(creation)).second && known == embeddings_.end())
    return;
  batch_.creations.push_back({raw(creation), day, {}});
  if (known == embeddings_.end())
    return;
  batch_.creations.back().data = std::move(known->second);
  embeddings_.erase(known);
}

result<void> decision_gatherer::take_grants(const noted_frame& f, store::position at) {
  envelope around;
  const auto m = decode<slates_granted>(f.body, &around, state_limits);
  if (!m)
    return m.error();
  std::uint32_t item = 0;
  for (const slate_granted& g : m->slates) {
    if (g.code != errc::ok) {
      if (!g.impressions.empty())
        batch_.rows.push_back({day_of(around.time_us), f.unit, at, item++, raw(g.user), decided_revocation::kind, encode_state(decided_revocation{g.user, g.impressions[0].id})});
      continue;
    }
    decided_slate d{.user = g.user, .round = g.round, .time_us = around.time_us, .why = g.why, .slots = static_cast<std::uint32_t>(g.impressions.size()), .situation = 0, .context = {}, .shown = {}};
    std::vector<creation_id> candidates;
    if (const auto found = proposed_.find(raw(g.user)); found != proposed_.end() && found->second.round == g.round) {
      auto& p = found->second;
      std::tie(d.why, d.slots, d.situation) = std::tuple(p.why, p.slots, p.situation);
      d.context = std::move(p.context);
      candidates = std::move(p.candidates);
      proposed_.erase(found);
    }
    const std::uint32_t day = day_of(around.time_us);
    for (const impression& i : g.impressions) {
      const auto chosen = static_cast<std::size_t>(std::ranges::find(candidates, i.creation) - candidates.begin());
      d.shown.push_back({i.id, i.creation, i.propensity, chosen < d.context.values.size() ? d.context.values[chosen] : 0.0f});
      name(i.creation, day);
    }
    d.context.values.clear(); // they stand beside what was shown
    batch_.rows.push_back({day, f.unit, at, item++, raw(g.user), decided_slate::kind, encode_state(d)});
  }
  return {};
}

result<void> decision_gatherer::take_reward(const noted_frame& f, store::position at) {
  envelope around;
  const auto m = decode<feedback>(f.body, &around, state_limits);
  if (!m)
    return m.error();
  const decided_reward r{m->user, m->impression, m->value, around.time_us};
  batch_.rows.push_back({day_of(around.time_us), f.unit, at, 0, raw(m->user), decided_reward::kind, encode_state(r)});
  return {};
}

} // namespace ammo
