// The past is read: the newest snapshot of every unit, and the frames since.
#include "runtime/state/past.hpp"

#include "actors/protocol/state_codec.hpp"
#include "runtime/state/holders.hpp"
#include "runtime/state/state_place.hpp"
#include "runtime/state/unit_logs.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <future>
#include <string>
#include <thread>
#include <utility>

namespace ammo {
namespace {

failure named(failure why, std::uint32_t unit, const std::string& where) {
  why.detail = "unit " + std::to_string(unit) + ", " + where + (why.detail.empty() ? "" : ": " + why.detail);
  return why;
}

/// Bytes that were written whole and can't be read are damage, whatever the codec calls it.
failure damage(failure why) {
  const auto code = static_cast<int>(why.code);
  if ((code >= static_cast<int>(errc::frame_truncated) && code <= static_cast<int>(errc::frame_bad_extension)) ||
      why.code == errc::not_finite) {
    why.detail = std::string(name_of(why.code)) + (why.detail.empty() ? "" : ", " + why.detail);
    why.code = errc::state_damaged;
  }
  return why;
}

} // namespace

void state_keeper::begin_units(past& p, const mind_configs& configs, std::span<const store::unit_id> units) {
  p.units.assign(units.begin(), units.end());
  for (const auto u : units)
    if (const auto n = store::raw(u); n > units_.shards)
      p.subspaces.try_emplace(n, configs.subspaces[n - 1 - units_.shards]);
    else if (n > 0)
      p.shards.try_emplace(n, configs.users[n - 1], configs.aipp[n - 1]);
}

result<void> state_keeper::read_all(past& p) {
  if (auto ended = end_holders(*store_, folder_.has_value(), std::chrono::milliseconds{how_.state_wait_ms}); !ended) {
    auto why = ended.error();
    if (why.code == errc::state_in_use)
      why.detail = '"' + shown(place_) + "\": " + why.detail;
    return why;
  }
  auto claims = store_->claims();
  if (!claims)
    return claims.error();
  p.claims = *std::move(claims);
  return read_units(p, p.units);
}

result<void> state_keeper::read_units(past& p, std::span<const store::unit_id> units) {
  auto nodes = p.from->nodes();
  if (!nodes)
    return nodes.error();
  p.nodes = *std::move(nodes);
  p.histories.resize(units_.size());
  std::deque<std::pair<store::unit_id, std::future<result<void>>>> adopted; // while the next one is read
  const std::size_t together = std::max(1u, std::thread::hardware_concurrency());
  const auto one_adopted = [&]() -> result<void> {
    auto [u, done] = std::move(adopted.front());
    adopted.pop_front();
    if (auto is = done.get(); !is)
      return named(damage(is.error()), store::raw(u), "its snapshot");
    if (p.keys)
      for (auto& key : answers_in(p, u))
        follow_key(u, std::move(key), true);
    return {};
  };
  for (const auto u : units) {
    auto segments = p.from->segments(u);
    if (!segments)
      return segments.error();
    p.histories[store::raw(u)].segments = *std::move(segments);
    auto state = newest_snapshot(p, u);
    if (!state)
      return state.error();
    if (!*state)
      continue;
    if (adopted.size() == together)
      if (auto done = one_adopted(); !done)
        return done;
    const auto at = *p.histories[store::raw(u)].kept;
    adopted.emplace_back(u, std::async([this, &p, u, at, s = std::move(**state)] { return adopt(p, u, at, s); }));
  }
  while (!adopted.empty())
    if (auto done = one_adopted(); !done)
      return done;
  return read_logs(p);
}

/// Nothing: there is none.
result<std::optional<store::bytes>> state_keeper::newest_snapshot(past& p, store::unit_id u) {
  const auto all = p.from->snapshots(u);
  if (!all)
    return all.error();
  if (all->empty())
    return std::optional<store::bytes>{};
  const auto& newest = all->front();
  p.histories[store::raw(u)].kept = newest.at;
  store::bytes state;
  for (std::uint32_t piece = 0; piece < newest.pieces; ++piece) {
    const auto part = p.from->read_piece(u, newest.at, piece);
    if (!part)
      return part.error();
    state.insert(state.end(), part->begin(), part->end());
  }
  return std::optional(std::move(state));
}

/// Other units are adopted meanwhile.
result<void> state_keeper::adopt(past& p, store::unit_id u, store::position at, std::span<const std::byte> state) {
  const auto number = store::raw(u);
  if (number > units_.shards)
    return p.subspaces.at(number).adopt(state, at);
  if (number > 0)
    return p.shards.at(number).adopt(state, at);
  auto host = decode_state<host_unit_state>(state);
  if (!host)
    return host.error();
  p.answers_of_host = std::move(host->answers);
  strains_ = std::move(host->evolution);
  return {};
}

std::vector<key_frame> state_keeper::answers_in(past& p, store::unit_id u) const {
  const auto number = store::raw(u);
  return number == 0 ? std::exchange(p.answers_of_host, {}) : number <= units_.shards ? p.shards.at(number).take_answers() : p.subspaces.at(number).take_answers();
}

result<void> state_keeper::read_logs(past& p) {
  const auto take = [&](const unit_frame& f) -> result<void> {
    p.log = f.log;
    auto applied = apply(p, f.what, f.at);
    if (!applied)
      return named(damage(applied.error()), store::raw(f.what.unit), "the log of node " + store::text_of(f.node) + ", place " + std::to_string(f.at.place));
    return {};
  };
  if (auto read = read_unit_logs(*p.from, p.nodes, p.histories, take); !read)
    return read;
  for (std::size_t log = 0; log < p.nodes.size(); ++log)
    for (const auto u : p.units)
      if (const auto& of = p.histories[store::raw(u)]; of.kept)
        for (const auto& s : of.segments)
          if (s.term == of.kept->term && s.node == p.nodes[log].id)
            p.snapshot_of[u] = log + 1;
  return {};
}

result<void> state_keeper::apply(past& p, const noted_frame& f, store::position at) {
  ++p.frames;
  if (is_last(f))
    return {};
  if (f.entity.of == role::host)
    return apply_key(p, f);
  const auto number = store::raw(f.unit);
  if (number > units_.shards)
    return p.subspaces.at(number).apply(f, at);
  if (number > 0) {
    if (f.what == interest_statement::type)
      if (const auto said = decode<interest_statement>(f.body))
        p.interests.emplace(p.log, said->request);
    return p.shards.at(number).apply(f, at);
  }
  if (f.what == (state_frame | evolution_mind_state::kind)) {
    auto strains = decode_state<evolution_mind_state>(f.body);
    if (strains)
      strains_ = *std::move(strains);
    return strains ? result<void>{} : strains.error();
  }
  return {errc::frame_unknown_type, "a frame of no shard and no subspace"};
}

result<void> state_keeper::apply_key(past& p, const noted_frame& f) {
  auto key = decode_state<key_frame>(f.body);
  if (!key)
    return key.error();
  if (!p.keys)
    return {};
  if (request_under_way(*key) != 0)
    p.opened.insert_or_assign(key->key, p.log);
  follow_key(f.unit, *std::move(key), true);
  return {};
}

/// A call that was under way when its process ended has happened if its frame is there.
void state_keeper::close_keys(past& p) {
  std::vector<key_of> closed;
  {
    const std::scoped_lock turn(keys_);
    for (auto call = open_.begin(); call != open_.end();) {
      if (!std::ranges::binary_search(p.units, call->second.unit)) {
        ++call;
        continue;
      }
      const auto opened = p.opened.find(call->first);
      const auto log = opened == p.opened.end() ? p.snapshot_of[call->second.unit] : opened->second;
      if (p.interests.contains({log, request_under_way(call->second.what)})) {
        closed.push_back(std::move(call->second));
        closed.back().what.answer = feedback_verdict{};
      }
      call = open_.erase(call);
    }
  }
  for (auto& call : closed)
    follow_key(call.unit, std::move(call.what), true);
  order_keys();
}

} // namespace ammo
