#include "runtime/state/replay.hpp"

#include "actors/protocol/state_codec.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace ammo {
namespace {

/// Hands over the message of a frame.
template <class Message, class F>
result<void> with_message(const noted_frame& f, F take) {
  envelope around;
  auto m = decode<Message>(f.body, &around, state_limits);
  if (!m)
    return m.error();
  if constexpr (std::is_invocable_v<F&, Message&, const envelope&>)
    return take(*m, around);
  else
    return take(*m);
}

std::uint32_t day_of(const envelope& e) {
  return static_cast<std::uint32_t>(
    std::chrono::floor<std::chrono::days>(std::chrono::microseconds{e.time_us}).count());
}

result<void> unexpected(const noted_frame& f) {
  return {errc::frame_unknown_type, "frame " + std::to_string(f.what) + " of " + std::string(name_of(f.entity.of)) + ' ' +
                                      std::to_string(f.entity.id)};
}

} // namespace

// -- users -------------------------------------------------------------------------------------------------

shard_replay::shard_replay(std::shared_ptr<const user_config> users, aipp_config aipp, std::optional<address> part)
  : part_(part), users_with_(std::move(users)), aipp_with_(std::move(aipp)), aipp_(std::make_shared<aipp_mind>(aipp_with_)) {}

result<void> shard_replay::adopt(std::span<const std::byte> snapshot, store::position at) {
  auto state = decode_state<user_shard_state>(snapshot);
  if (!state)
    return state.error();
  if (state->places.size() != state->users.size() || !state->aipp)
    return {errc::bad_state, "a snapshot of users without their places"};
  for (std::size_t i = 0; i < state->users.size(); ++i) {
    const auto& saved = state->users[i].mind;
    if (i < state->used.size())
      used_.insert_or_assign(raw(saved.user), state->used[i]);
    for (const auto& held : saved.gone)
      if (held)
        named_.insert_or_assign(held->creation, users_with_->embeddings->hold(held->creation, held->e));
    if (!plays(saved.user))
      continue;
    auto mind = user_mind::restore(users_with_, saved);
    if (!mind)
      return mind.error();
    rows_.insert_or_assign(raw(saved.user), row{std::make_shared<user_mind>(std::move(*mind)), {at.term, state->places[i]}});
  }
  auto& a = *state->aipp;
  a.catalogues.assign(aipp_with_.space.size(), nullptr); // they come from the Subspaces
  a.previous.assign(aipp_with_.space.size(), nullptr);
  a.undelivered.clear(); // nobody says any more what became of them
  a.tally.clear();       // what was counted of a period went with it
  a.regret.clear();
  a.slates = a.slates_known = a.hits = a.hit_slates = 0;
  a.fitness.reset();
  auto mind = aipp_mind::restore(aipp_with_, a);
  if (!mind)
    return mind.error();
  aipp_ = std::make_shared<aipp_mind>(std::move(*mind));
  aipp_at_ = {at.term, state->aipp_place};
  asleep_ = state->asleep;
  answers_ = std::move(state->answers);
  return {};
}

result<void> shard_replay::apply(const noted_frame& f, store::position at) {
  return f.entity.of == role::user_buddy ? apply_to_user(f, at) : f.entity.of == role::aipp ? apply_to_aipp(f, at)
                                                                                            : unexpected(f);
}

void shard_replay::use(user_id user, std::int64_t time_us) {
  auto& last = used_.try_emplace(raw(user), 0).first->second;
  last = std::max(last, time_us / 1'000'000);
}

std::optional<std::int64_t> shard_replay::used(user_id user) const {
  const auto known = used_.find(raw(user));
  return known == used_.end() ? std::nullopt : std::optional(known->second);
}

void shard_replay::forget_counted(user_id user) {
  std::erase_if(counted_, [user](const counted& c) { return c.user == user; });
}

template <class Message> result<void> shard_replay::learn(user_mind& mind, const noted_frame& f) {
  return with_message<Message>(f, [&](const Message& m) -> result<void> {
    differed_ += mind.learn(m) != errc::ok;
    return {};
  });
}

/// Whoever it was of: the embeddings in it serve the whole unit.
result<void> shard_replay::repeat(row* known, const noted_frame& f) {
  const auto slate = decode_state<slate_frame>(f.body);
  if (!slate)
    return slate.error();
  for (const auto& held : slate->named)
    if (held)
      named_.insert_or_assign(held->creation, users_with_->embeddings->hold(held->creation, held->e));
  if (!known)
    return {};
  std::vector<embedding_store::handle> all;
  for (const candidate& c : slate->proposed.candidates)
    if (const auto held = named_.find(c.creation); held != named_.end())
      all.push_back(held->second);
  return known->mind->repeat(*slate, all);
}

/// A part of the snapshot that is of later has it already.
result<void> shard_replay::fell_asleep(user_id user, store::position at) {
  ++asleep_;
  outdated_.erase(raw(user));
  forget_counted(user);
  if (const auto found = rows_.find(raw(user)); found != rows_.end() && found->second.at < at)
    rows_.erase(found);
  if (at > aipp_at_)
    aipp_->let_go(user);
  return {};
}

/// AiPP's part of the snapshot may be of later than the frame and from before AiPP heard of it: then the user isn't in it.
result<void> shard_replay::woke(user_id user, const noted_frame& f, store::position at) {
  auto state = decode_state<sleeper_state>(f.body);
  if (!state)
    return state.error();
  asleep_ -= asleep_ > 0;
  outdated_.insert(raw(user));
  for (const auto& held : state->mind.gone)
    if (held)
      named_.insert_or_assign(held->creation, users_with_->embeddings->hold(held->creation, held->e));
  if (at > aipp_at_ || !aipp_->has(user))
    aipp_->take_back(user, state->open);
  if (const auto found = rows_.find(raw(user)); !plays(user) || (found != rows_.end() && found->second.at >= at))
    return {};
  auto mind = user_mind::restore(users_with_, state->mind);
  if (!mind)
    return mind.error();
  rows_.insert_or_assign(raw(user), row{std::make_shared<user_mind>(std::move(*mind)), at});
  return {};
}

std::shared_ptr<const user_mind> shard_replay::mind_of(user_id user) const {
  const auto known = rows_.find(raw(user));
  return known == rows_.end() ? nullptr : known->second.mind;
}

/// A user who joins begins anew, and one who leaves is gone, wherever the snapshot stood.
result<void> shard_replay::apply_to_user(const noted_frame& f, store::position at) {
  const user_id user{f.entity.id};
  const auto found = rows_.find(raw(user));
  row* known = found != rows_.end() && found->second.at < at ? &found->second : nullptr;
  switch (f.what) {
  case join::type:
    forget_counted(user);
    if (const auto joined = with_message<join>(f, [&](const join&, const envelope& e) -> result<void> { use(user, e.time_us); return {}; }); !joined)
      return joined;
    if (plays(user))
      rows_.insert_or_assign(raw(user), row{std::make_shared<user_mind>(users_with_, user), at});
    return {};
  case leave::type:
    rows_.erase(raw(user));
    outdated_.insert(raw(user));
    return {};
  case state_frame | slept_frame::kind: return fell_asleep(user, at);
  case state_frame | sleeper_state::kind: return woke(user, f, at);
  case state_frame | slate_frame::kind: return repeat(known, f);
  default: break;
  }
  if (!known)
    return {};
  switch (f.what) {
  case reward::type: return learn<reward>(*known->mind, f);
  case comparison::type: return learn<comparison>(*known->mind, f);
  case slate_granted::type:
    return with_message<slate_granted>(f, [&](const slate_granted& m) -> result<void> {
      known->mind->granted(m.round, {m.impressions.data(), m.impressions.size()});
      return {};
    });
  case interest_statement::type:
    return with_message<interest_statement>(f, [&](const interest_statement& m, const envelope& e) -> result<void> {
      use(user, e.time_us);
      for (const auto& i : m.stated)
        differed_ += known->mind->take_interest(i.subspace, i.v.values, m.confidence, m.situation) != errc::ok;
      return {};
    });
  case state_frame | user_mind_state::kind: {
    const auto state = decode_state<user_mind_state>(f.body);
    if (!state)
      return state.error();
    auto mind = user_mind::restore(users_with_, *state);
    if (!mind)
      return mind.error();
    *known->mind = std::move(*mind);
    return {};
  }
  default: return unexpected(f);
  }
}

void shard_replay::present(user_id user) {
  if (!aipp_->has(user))
    (void)aipp_->add(user, std::nullopt);
}

result<void> shard_replay::apply_to_aipp(const noted_frame& f, store::position at) {
  if (at <= aipp_at_)
    return {};
  switch (f.what) {
  case slates_granted::type:
    return with_message<slates_granted>(f, [&](const slates_granted& m, const envelope& e) -> result<void> {
      aipp_->at(day_of(e));
      for (const auto& s : m.slates) {
        present(s.user);
        if (s.why != occasion::push)
          use(s.user, e.time_us);
        aipp_->reopen(s);
      }
      return {};
    });
  case feedback::type:
    return with_message<feedback>(f, [&](const feedback& m, const envelope& e) -> result<void> {
      aipp_->at(day_of(e));
      present(m.user);
      use(m.user, e.time_us);
      auto learned = aipp_->take(m);
      differed_ += !learned;
      if (learned)
        counted_.push_back({m.user, std::move(*learned)});
      return {};
    });
  case stated_preference::type:
    return with_message<stated_preference>(f, [&](const stated_preference& m, const envelope& e) -> result<void> {
      aipp_->at(day_of(e));
      present(m.user);
      use(m.user, e.time_us);
      auto learned = aipp_->take(m);
      differed_ += !learned;
      if (learned)
        counted_.push_back({m.user, std::move(*learned)});
      return {};
    });
  case leave::type:
    return with_message<leave>(f, [&](const leave& m) -> result<void> {
      forget_counted(m.user);
      if (aipp_->has(m.user))
        (void)aipp_->remove(m.user);
      return {};
    });
  default: return unexpected(f);
  }
}

void shard_replay::finish() {
  for (const counted& c : std::exchange(counted_, {}))
    if (const auto known = rows_.find(raw(c.user)); known != rows_.end()) // learned before: it says so, and nothing changes
      std::visit([&](const auto& m) { (void)known->second.mind->learn(m); }, c.what);
  std::vector<std::uint64_t> here;
  for (const auto& [user, known] : rows_)
    here.push_back(user);
  finish(here);
}

void shard_replay::finish(std::span<const std::uint64_t> here) {
  for (const user_id user : aipp_->save().hosts)
    if (!std::ranges::binary_search(here, raw(user)))
      (void)aipp_->remove(user);
  for (const std::uint64_t user : here)
    present(user_id{user});
  (void)aipp_->close();
  (void)aipp_->take_expired();
  aipp_->refused().take([](errc, std::uint32_t) {}); // counted when it happened
  named_.clear();
}

std::vector<std::variant<reward, comparison>> shard_replay::unlearned() const {
  std::vector<std::variant<reward, comparison>> out;
  for (const auto& [user, known] : rows_) {
    auto would = *known.mind;
    for (const counted& c : counted_)
      if (raw(c.user) == user && std::visit([&](const auto& m) { return would.learn(m); }, c.what) == errc::ok)
        out.push_back(c.what);
  }
  return out;
}

std::vector<std::shared_ptr<user_mind>> shard_replay::users() const {
  std::vector<std::shared_ptr<user_mind>> all;
  for (const auto& [user, known] : rows_)
    all.push_back(known.mind);
  return all;
}

// -- subspaces ---------------------------------------------------------------------------------------------

subspace_replay::subspace_replay(const subspace_config& config) : with_(config), mind_(std::make_shared<subspace_mind>(config)) {}

result<void> subspace_replay::adopt(std::span<const std::byte> snapshot, store::position at) {
  auto state = decode_state<subspace_unit_state>(snapshot);
  if (!state)
    return state.error();
  state->mind.estimated.reset(); // periods are counted anew
  auto mind = subspace_mind::restore(with_, state->mind);
  if (!mind)
    return mind.error();
  mind_ = std::make_shared<subspace_mind>(std::move(*mind));
  at_ = {at.term, state->place};
  term_ = at.term;
  minds_ = std::move(state->minds);
  answers_ = std::move(state->answers);
  for (auto& g : state->goals)
    goals_.insert_or_assign(raw(g.goal), std::move(g));
  return {};
}

result<void> subspace_replay::apply_to_goal(const noted_frame& f) {
  if (f.what == admit_goal::type)
    return with_message<admit_goal>(f, [&](admit_goal& m) -> result<void> {
      goals_.insert_or_assign(raw(m.goal), std::move(m));
      return {};
    });
  if (f.what != leave_goal::type)
    return unexpected(f);
  goals_.erase(f.entity.id);
  return {};
}

void subspace_replay::begin_term(store::term_number term) {
  if (term > std::exchange(term_, std::max(term_, term)))
    mind_->begin_term(term);
}

result<void> subspace_replay::apply(const noted_frame& f, store::position at) {
  begin_term(at.term);
  if (f.entity.of == role::goal_buddy)
    return apply_to_goal(f);
  if (f.entity.of != role::subspace)
    return unexpected(f);
  if (at <= at_)
    return {};
  const auto done = [](auto&&...) { return result<void>{}; };
  switch (f.what) {
  case join_goal::type:
    return with_message<join_goal>(f, [&](const join_goal& m) { return done(mind_->join(m)); });
  case creation_offer::type:
    return with_message<creation_offer>(f, [&](const creation_offer& m) {
      return done(mind_->offer(m).code == errc::ok || mind_->forget(m.goal));
    });
  case creation_withdrawal::type:
    return with_message<creation_withdrawal>(f, [&](const creation_withdrawal& m) { return done(mind_->withdraw(m)); });
  case leave_goal::type:
    return with_message<leave_goal>(f, [&](const leave_goal& m) { return done(mind_->remove(m.goal)); });
  case period_open::type: return done(mind_->publish());
  case regret_feedback::type:
    return with_message<regret_feedback>(f, [&](const regret_feedback& m) {
      (void)mind_->earn(m);
      return done(mind_->sell(m));
    });
  default: return unexpected(f);
  }
}

/// Whose first creation was never taken was never added.
void subspace_replay::finish() {
  auto creators = mind_->creators();
  std::ranges::sort(creators);
  std::erase_if(goals_, [&](const auto& entry) {
    const goal_id goal{entry.first};
    if (std::ranges::binary_search(creators, goal))
      return false;
    (void)mind_->forget(goal);
    return true;
  });
}

std::vector<admit_goal> subspace_replay::goals() const {
  std::vector<admit_goal> all;
  for (const auto& [goal, m] : goals_) {
    all.push_back(m);
    all.back().request = 0; // nobody waits for it any more
  }
  return all;
}

} // namespace ammo
