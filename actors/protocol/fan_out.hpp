/// One message to many members, in turns: no turn holds a thread longer than a chunk of sends takes.
#pragma once

#include "actors/protocol/body.hpp"
#include "actors/protocol/group.hpp"

#include <algorithm>
#include <deque>
#include <functional>

namespace ammo {

class fan_out;

/// Runs something at the end of a scope, however that ends.
template <class F>
struct at_scope_end {
  F run;
  ~at_scope_end() { run(); }
};
template <class F> at_scope_end(F) -> at_scope_end<F>;

/// Tells an actor to go on with one of its fan-outs. Never leaves the actor.
struct fan_out_turn {
  fan_out* of = nullptr;
};

/// The members of a group and the messages on their way to them. Lives in one actor's state, which handles
/// `fan_out_turn` by calling `turn` of the one that it names. Messages go out one after the other, each to everyone who was a member when it
/// was started and still is.
class fan_out {
public:
  /// Sends of one turn, at least. Other actors wait for what so many members do with the message.
  static constexpr std::size_t chunk = 64;
  /// Turns of one message, at most: each waits for all who have work, and where that is much a broadcast must come to its end, too.
  static constexpr std::size_t most_turns = 128;

  void remove(std::uint64_t key) { members_.remove(key); }
  /// That life of it is over. False: it wasn't a member, or is one in a later life.
  bool leave(std::uint64_t key, std::uint64_t life, time_source::instant now) { return members_.leave(key, life, now); }
  [[nodiscard]] bool has(std::uint64_t key) const { return members_.has(key); }
  [[nodiscard]] std::size_t size() const noexcept { return members_.size(); }
  template <class F>
  void each_key(F f) const { members_.each(f); }
  template <class F>
  void each_member(F f) const { members_.each_member(f); }
  [[nodiscard]] std::uint64_t turn_ns_max() const noexcept { return turn_ns_max_; }
  /// Places of members, those of who has left included.
  [[nodiscard]] std::size_t places() const noexcept { return members_.places(); }

  /// Sends the next chunk, and asks the actor for another turn while something is left.
  template <class State>
  void turn(caf::stateful_actor<State>* self) {
    if (under_way_.empty())
      return;
    const auto& time = *self->state.ctx->time;
    const auto begun = time.thread_time();
    const auto& routes = self->state.ctx->routes;
    const at_scope_end go_on{[this, self]() noexcept {
      if (!under_way_.empty())
        try {
          remind_after_others(self, fan_out_turn{this});
        } catch (...) { // no memory even for that: the next message takes it along
          self->state.ctx->refused(self, errc::actor_failed);
        }
    }}; // also where a send or what follows fails
    const auto sent = members_.next(std::max(chunk, members_.places() / most_turns + 1), [&](address member) {
      routes.reach(member, [&](caf::abstract_actor* actor) {
        actor->enqueue(nullptr, caf::make_message_id(), under_way_.front().what, self->context());
      });
    });
    if (sent.last) {
      const auto done = std::move(under_way_.front().done);
      under_way_.pop_front();
      if (done)
        done();
    }
    turn_ns_max_ = std::max(turn_ns_max_, static_cast<std::uint64_t>((time.thread_time() - begun).count()));
  }

protected:
  group::arrival add_member(std::uint64_t key, address member, std::uint64_t life) { return members_.join(key, member, life); }

  template <class State>
  void start_message(caf::stateful_actor<State>* self, caf::message m, std::function<void()> done) {
    self->state.ctx->count.sent(self, size());
    under_way_.push_back({std::move(m), std::move(done)});
    try {
      members_.begin();
    } catch (...) { // the two go together
      under_way_.pop_back();
      throw;
    }
    if (under_way_.size() == 1)
      turn(self);
  }

private:
  struct broadcast {
    caf::message what;
    std::function<void()> done;
  };

  group members_;
  std::deque<broadcast> under_way_; ///< as in `members_`
  std::uint64_t turn_ns_max_ = 0;
};

/// A group whose members have one of these roles.
template <role... Roles>
class fan_out_to : public fan_out {
public:
  /// Adds a member under a key of the caller's choice, or replaces its address.
  group::arrival add(std::uint64_t key, address_of<Roles...> member, std::uint64_t life = 0) {
    return add_member(key, member, life);
  }

  /// Starts a message on its way; `done` runs in the last turn.
  template <class State, role From, class Message>
  void start(caf::stateful_actor<State>* self, packed<From, Message> m, std::function<void()> done = {}) {
    detail::check_sending<From, Message, Roles...>();
    start_message(self, std::move(m.content), std::move(done));
  }
};

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::fan_out_turn)
