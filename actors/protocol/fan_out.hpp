/// One message to many members, in turns: no turn holds a thread longer than a chunk of sends takes.
#pragma once

#include "actors/protocol/body.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <unordered_map>

namespace ammo {

class fan_out;

/// Tells an actor to go on with one of its fan-outs. Never leaves the actor.
struct fan_out_turn {
  fan_out* of = nullptr;
};

/// The members of a group and the messages on their way to them. Lives in one actor's state, which handles
/// `fan_out_turn` by calling `turn` of the one that it names. Messages go out one after the other, each to everyone who was a member when it
/// was started and still is.
class fan_out {
public:
  /// Sends of one turn: well below a millisecond's worth.
  static constexpr std::size_t chunk = 256;

  void remove(std::uint64_t key) {
    auto it = index_.find(key);
    if (it == index_.end())
      return;
    members_[it->second] = {}; // keeps positions: a message may be on its way
    index_.erase(it);
    ++gaps_;
    compact_if_idle();
  }
  [[nodiscard]] bool has(std::uint64_t key) const { return index_.contains(key); }
  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  template <class F>
  void each_key(F f) const {
    for (const auto& [key, at] : index_)
      f(key);
  }
  [[nodiscard]] std::uint64_t turn_ns_max() const noexcept { return turn_ns_max_; }
  /// Places of members, those of who has left included.
  [[nodiscard]] std::size_t places() const noexcept { return members_.size(); }

  /// Sends the next chunk, and asks the actor for another turn while something is left.
  template <class State>
  void turn(caf::stateful_actor<State>* self) {
    if (under_way_.empty())
      return;
    const auto& time = *self->state.ctx->time;
    auto begun = time.thread_time();
    auto& job = under_way_.front();
    auto until = std::min(job.next + chunk, job.end);
    auto& routes = self->state.ctx->routes;
    for (; job.next < until; ++job.next)
      routes.reach(members_[job.next], [&](caf::abstract_actor* member) {
        member->enqueue(nullptr, caf::make_message_id(), job.what, self->context());
      });
    if (job.next == job.end) {
      auto done = std::move(job.done);
      under_way_.pop_front();
      if (done)
        done();
    }
    auto took = (time.thread_time() - begun).count();
    turn_ns_max_ = std::max(turn_ns_max_, static_cast<std::uint64_t>(took));
    if (!under_way_.empty())
      remind(self, fan_out_turn{this});
    else
      compact_if_idle();
  }

protected:
  void add_member(std::uint64_t key, address member) {
    auto [it, fresh] = index_.try_emplace(key, members_.size());
    if (fresh)
      members_.push_back(member);
    else
      members_[it->second] = member;
  }

  template <class State>
  void start_message(caf::stateful_actor<State>* self, caf::message m, std::function<void()> done) {
    self->state.ctx->count.sent(self, size());
    under_way_.push_back({std::move(m), 0, members_.size(), std::move(done)});
    if (under_way_.size() == 1)
      turn(self);
  }

private:
  struct broadcast {
    caf::message what;
    std::size_t next, end;
    std::function<void()> done;
  };

  void compact_if_idle() {
    if (!under_way_.empty() || gaps_ <= 64 || gaps_ <= index_.size())
      return;
    std::vector<address> kept;
    kept.reserve(index_.size());
    for (auto& [key, at] : index_) {
      kept.push_back(members_[at]);
      at = kept.size() - 1;
    }
    members_ = std::move(kept);
    gaps_ = 0;
  }

  std::vector<address> members_; ///< nobody's where somebody has left
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::deque<broadcast> under_way_;
  std::size_t gaps_ = 0;
  std::uint64_t turn_ns_max_ = 0;
};

/// A group whose members have one of these roles.
template <role... Roles>
class fan_out_to : public fan_out {
public:
  /// Adds a member under a key of the caller's choice, or replaces its address.
  void add(std::uint64_t key, address_of<Roles...> member) { add_member(key, member); }

  /// Starts a message on its way; `done` runs in the last turn.
  template <class State, role From, class Message>
  void start(caf::stateful_actor<State>* self, packed<From, Message> m, std::function<void()> done = {}) {
    detail::check_sending<From, Message, Roles...>();
    start_message(self, std::move(m.content), std::move(done));
  }
};

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::fan_out_turn)
