#include "runtime/state/comparison/unit_replays.hpp"

#include "actors/protocol/state_codec.hpp"

#include <algorithm>
#include <utility>

namespace ammo {
namespace {

/// The bytes of a part of a state, alone in a whole one.
template <class State, class Part> frame bytes_of(Part State::*member, const State& of) {
  State alone;
  alone.*member = of.*member;
  return encode_state(alone);
}
template <class State, class Part> bool same(Part State::*member, const State& a, const State& b) {
  return bytes_of(member, a) == bytes_of(member, b);
}

/// What follows from the log whatever was heard of other people.
belief_state told(const belief_state& b) {
  belief_state out;
  out.rounds = b.rounds;
  for (const auto& p : b.people) {
    auto& own = out.people.emplace_back();
    own.counts = p.counts;
    own.interests = p.interests;
  }
  return out;
}
bool same(belief_state a, belief_state b) {
  user_mind_state one, other;
  one.belief = std::move(a);
  other.belief = std::move(b);
  return encode_state(one) == encode_state(other);
}

std::string named(user_id user, const char* what) { return "user " + std::to_string(raw(user)) + ": " + what; }

} // namespace

result<void> unit_replay::take(const noted_frame& f, store::position at, unit_comparison& out) {
  if (at <= from_)
    return {};
  if (at.term > to_.term)
    return {};
  reach(at);
  if (is_last(f))
    return {};
  if (f.entity.of == role::host)
    return take_answer(f, at, out);
  const auto applied = apply(f, at, out);
  if (!applied)
    return applied.error();
  out.frames += *applied;
  return {};
}

namespace {

void add_answer(std::vector<key_frame>& to, key_frame key) {
  if (request_under_way(key) == 0)
    to.push_back(std::move(key));
}

/// Have all that are there been played, in that order? The oldest of a process may be gone, whatever their unit.
bool is_part_of(std::span<const key_frame> saved, std::span<const key_frame> played) {
  auto from = played.begin();
  for (const auto& key : saved) {
    from = std::find_if(from, played.end(), [&](const key_frame& p) { return encode_state(p) == encode_state(key); });
    if (from++ == played.end())
      return false;
  }
  return true;
}

} // namespace

void unit_replay::adopt_answers(std::vector<key_frame>&& older, std::vector<key_frame>&& newer) {
  for (auto& key : older)
    add_answer(played_, std::move(key));
  for (auto& key : newer)
    add_answer(saved_, std::move(key));
}

result<void> unit_replay::take_answer(const noted_frame& f, store::position at, unit_comparison& out) {
  if (!within(at, 0))
    return {};
  auto key = decode_state<key_frame>(f.body);
  if (!key)
    return key.error();
  add_answer(played_, *std::move(key));
  ++out.frames;
  return {};
}

/// A unit that was brought back learned at its start what it hadn't learned before, maybe in terms without a frame of its own.
void unit_replay::reach(store::position at) {
  if (at.term > at_.term)
    begin_anew(at.term);
  at_ = at;
}

void unit_replay::compare(unit_comparison& out) {
  out.compared = true;
  reach(to_);
  judge(out);
  if (out.differs.empty() && !is_part_of(saved_, played_))
    out.differs = "answers under keys";
}

// -- what is of no shard and no subspace -------------------------------------------------------------------

result<void> host_check::adopt(std::span<const std::byte> older, std::span<const std::byte> newer) {
  auto before = decode_state<host_unit_state>(older), after = decode_state<host_unit_state>(newer);
  if (!before || !after)
    return before ? after.error() : before.error();
  adopt_answers(std::move(before->answers), std::move(after->answers));
  played_strains_ = std::move(before->evolution);
  saved_strains_ = std::move(after->evolution);
  return {};
}

result<bool> host_check::apply(const noted_frame& f, store::position at, unit_comparison&) {
  if (!within(at, 0))
    return false;
  auto strains = decode_state<evolution_mind_state>(f.body);
  if (!strains)
    return strains.error();
  played_strains_ = *std::move(strains);
  return true;
}

void host_check::judge(unit_comparison& out) {
  if (encode_state(host_unit_state{{}, played_strains_}) != encode_state(host_unit_state{{}, saved_strains_}))
    out.differs = "strains";
}

// -- users -------------------------------------------------------------------------------------------------

user_shard_check::user_shard_check(store::position from, store::position to, std::shared_ptr<const user_config> users, aipp_config aipp, row_reader row_of)
  : unit_replay(from, to), users_with_(std::move(users)), aipp_with_(std::move(aipp)), past_(users_with_, aipp_with_), row_of_(std::move(row_of)) {}

result<void> user_shard_check::adopt(std::span<const std::byte> older, std::span<const std::byte> newer) {
  if (auto adopted = past_.adopt(older, from_); !adopted)
    return adopted;
  auto state = decode_state<user_shard_state>(newer);
  if (!state)
    return state.error();
  if (state->places.size() != state->users.size() || !state->aipp)
    return {errc::bad_state, "a snapshot of users without their places"};
  for (std::size_t i = 0; i < state->users.size(); ++i) {
    auto& mind = state->users[i].mind;
    const auto user = raw(mind.user);
    users_.insert_or_assign(user, std::pair(std::move(mind), state->places[i]));
  }
  adopt_answers(past_.take_answers(), std::move(state->answers));
  aipp_ = *std::move(state->aipp);
  aipp_place_ = state->aipp_place;
  return {};
}

result<bool> user_shard_check::apply(const noted_frame& f, store::position at, unit_comparison& out) {
  auto place = aipp_place_;
  if (f.entity.of == role::user_buddy) {
    const auto user = users_.find(f.entity.id);
    place = user != users_.end() ? user->second.second : 0;
  }
  if (within(at, place)) {
    follow_sleep(f, out);
    auto done = past_.apply(f, at);
    return done ? result<bool>(true) : done.error();
  }
  if (f.entity.of == role::user_buddy && f.what == leave::type)
    left_.insert(f.entity.id);
  if (f.what == (state_frame | sleeper_state::kind)) {
    follow_sleep(f, out);
    woke_.insert(f.entity.id);
  }
  if (f.entity.of == role::user_buddy && f.what == (state_frame | slate_frame::kind))
    if (auto heard_names = past_.name(f); !heard_names)
      return heard_names.error();
  return false;
}

/// Before it is applied.
void user_shard_check::follow_sleep(const noted_frame& f, unit_comparison& out) {
  if (f.what == (state_frame | slept_frame::kind)) {
    if (const auto mind = past_.mind_of(user_id{f.entity.id}))
      asleep_.insert_or_assign(f.entity.id, mind->save_own());
  } else if (f.what == (state_frame | sleeper_state::kind)) {
    compare_sleeper(f.entity.id, f.body, out);
    asleep_.erase(f.entity.id);
  } else if (f.entity.of == role::user_buddy && f.what == leave::type) {
    asleep_.erase(f.entity.id);
  }
}

void user_shard_check::compare_sleeper(std::uint64_t user, std::span<const std::byte> row, unit_comparison& out) {
  const auto played = asleep_.find(user);
  if (played == asleep_.end() || !slept_otherwise_.empty())
    return;
  ++out.users;
  const auto saved = decode_state<sleeper_state>(row);
  const auto again = saved ? user_mind::restore(users_with_, saved->mind) : result<user_mind>(saved.error());
  slept_otherwise_ = again ? difference(played->second, again->save_own(), out) : "user " + std::to_string(user) + ": " + again.error().text();
  if (!slept_otherwise_.empty())
    slept_otherwise_ += " (asleep)";
}

std::string user_shard_check::difference(const user_mind_state& a, const user_mind_state& b, unit_comparison& out) const {
  using s = user_mind_state;
  if (a.rounds != b.rounds)
    return named(b.user, "slates: ") + std::to_string(a.rounds) + " by the log, " + std::to_string(b.rounds) + " in the snapshot";
  if (a.observations != b.observations)
    return named(b.user, "rewards learned: ") + std::to_string(a.observations) + " by the log, " + std::to_string(b.observations) + " in the snapshot";
  if (!same(&s::prior, a, b)) // a strain is dealt anew, and isn't in the log
    return named(b.user, "what it began with");
  if (!same(&s::slates, a, b))
    return named(b.user, "slates that await feedback");
  if (!same(&s::showings, a, b))
    return named(b.user, "showings");
  if (same(&s::belief, a, b))
    return {};
  // Who hears of others, through the learner or of what the group likes, learns from it what the log doesn't say.
  if (a.belief.people.empty() && a.belief.heard == b.belief.heard)
    return named(b.user, "posterior");
  ++out.heard_news;
  return same(told(a.belief), told(b.belief)) ? std::string{} : named(b.user, "rewards and interests");
}

void user_shard_check::judge(unit_comparison& out) {
  const auto first = [&](const std::string& where) {
    if (out.differs.empty())
      out.differs = where;
  };
  std::map<std::uint64_t, user_mind_state> played;
  for (const auto& mind : past_.users())
    played.emplace(raw(mind->user()), mind->save_own());
  for (const auto& [user, saved] : users_) {
    ++out.users;
    const auto found = played.find(user);
    if (found == played.end()) {
      first("user " + std::to_string(user) + ": is in the snapshot, and not by the log");
      continue;
    }
    const auto again = user_mind::restore(users_with_, saved.first); // as it says itself, and not as it was written
    first(again ? difference(found->second, again->save_own(), out) : "user " + std::to_string(user) + ": " + again.error().text());
  }
  for (const auto& [user, mind] : played)
    if (!users_.contains(user) && !left_.contains(user))
      first("user " + std::to_string(user) + ": is there by the log, and not in the snapshot");
  for (const auto& [user, mind] : asleep_) {
    const auto row = row_of_(user);
    if (!row)
      first("user " + std::to_string(user) + ", asleep: " + row.error().text());
    else if (*row && !woke_.contains(user) && !left_.contains(user))
      compare_sleeper(user, (*row)->state, out);
    else if (!*row && !woke_.contains(user) && !left_.contains(user))
      first("user " + std::to_string(user) + ": sleeps by the log, and has no row");
  }
  if (!slept_otherwise_.empty())
    first(slept_otherwise_);
  auto own = past_.aipp()->save();
  for (auto* of : {&own, &aipp_}) // who woke between a snapshot's parts is in one of them
    std::erase_if(of->log.users, [&](const auto& u) { return woke_.contains(raw(u.user)); });
  own.log.today = aipp_.log.today = 0;
  if (!same(&aipp_mind_state::log, own, aipp_))
    first("impressions that await feedback");
}

// -- subspaces ---------------------------------------------------------------------------------------------

result<void> subspace_check::adopt(std::span<const std::byte> older, std::span<const std::byte> newer) {
  if (auto adopted = past_.adopt(older, from_); !adopted)
    return adopted;
  auto state = decode_state<subspace_unit_state>(newer);
  if (!state)
    return state.error();
  newer_ = *std::move(state);
  adopt_answers(past_.take_answers(), std::exchange(newer_.answers, {}));
  return {};
}

void subspace_check::begin_anew(store::term_number term) {
  past_.finish();
  past_.begin_term(term);
  (void)past_.mind()->publish();
}

result<bool> subspace_check::apply(const noted_frame& f, store::position at, unit_comparison&) {
  if (!within(at, f.entity.of == role::subspace ? newer_.place : 0))
    return false;
  auto done = past_.apply(f, at);
  return done ? result<bool>(true) : done.error();
}

void subspace_check::judge(unit_comparison& out) {
  using s = subspace_mind_state;
  const auto again = subspace_mind::restore(with_, newer_.mind);
  if (!again) {
    out.differs = again.error().text();
    return;
  }
  const auto played = past_.mind()->save(), saved = again->save();
  const auto look = [&](auto member, const char* what) {
    if (out.differs.empty() && !same(member, played, saved))
      out.differs = what;
  };
  look(&s::catalogue, "creations");
  look(&s::ledger, "budgets");
  look(&s::members, "Goal Buddies");
  look(&s::answered, "answers under keys");
  look(&s::sales, "sales");
  std::set<std::uint64_t> mine, theirs;
  for (const auto& g : past_.goals())
    mine.insert(raw(g.goal));
  for (const auto& g : newer_.goals)
    theirs.insert(raw(g.goal));
  if (out.differs.empty() && mine != theirs)
    out.differs = "admissions of Goal Buddies";
}

} // namespace ammo
