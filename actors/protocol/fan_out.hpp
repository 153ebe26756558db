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

  /// Adds a member under a key of the caller's choice, or replaces its handle.
  void add(std::uint64_t key, caf::actor member) {
    auto [it, fresh] = index_.try_emplace(key, members_.size());
    if (fresh)
      members_.push_back(std::move(member));
    else
      members_[it->second] = std::move(member);
  }
  void remove(std::uint64_t key) {
    auto it = index_.find(key);
    if (it == index_.end())
      return;
    members_[it->second] = nullptr; // keeps positions: a message may be on its way
    index_.erase(it);
    ++gaps_;
    compact_if_idle();
  }
  [[nodiscard]] bool has(std::uint64_t key) const { return index_.contains(key); }
  [[nodiscard]] std::size_t size() const noexcept { return index_.size(); }
  [[nodiscard]] const caf::actor* find(std::uint64_t key) const {
    auto it = index_.find(key);
    return it == index_.end() ? nullptr : &members_[it->second];
  }
  template <class F>
  void each_key(F f) const {
    for (const auto& [key, at] : index_)
      f(key);
  }
  [[nodiscard]] std::uint64_t turn_ns_max() const noexcept { return turn_ns_max_; }

  /// Starts a message on its way; `done` runs in the last turn.
  template <class Self>
  void start(Self* self, caf::message m, std::function<void()> done = {}) {
    under_way_.push_back({std::move(m), 0, members_.size(), std::move(done)});
    if (under_way_.size() == 1)
      turn(self);
  }

  /// Sends the next chunk, and asks the actor for another turn while something is left.
  template <class Self>
  void turn(Self* self) {
    if (under_way_.empty())
      return;
    const auto& time = *self->state.ctx->time;
    auto begun = time.thread_time();
    auto& job = under_way_.front();
    auto until = std::min(job.next + chunk, job.end);
    for (; job.next < until; ++job.next)
      if (const auto& member = members_[job.next])
        caf::actor_cast<caf::abstract_actor*>(member)->enqueue(self->ctrl(), caf::make_message_id(), job.what, self->context());
    if (job.next == job.end) {
      auto done = std::move(job.done);
      under_way_.pop_front();
      if (done)
        done();
    }
    auto took = (time.thread_time() - begun).count();
    turn_ns_max_ = std::max(turn_ns_max_, static_cast<std::uint64_t>(took));
    if (!under_way_.empty())
      self->send(self, fan_out_turn{this});
    else
      compact_if_idle();
  }
  /// Places of members, those of who has left included.
  [[nodiscard]] std::size_t places() const noexcept { return members_.size(); }

private:
  struct delivery {
    caf::message what;
    std::size_t next, end;
    std::function<void()> done;
  };

  void compact_if_idle() {
    if (!under_way_.empty() || gaps_ <= 64 || gaps_ <= index_.size())
      return;
    std::vector<caf::actor> kept;
    kept.reserve(index_.size());
    for (auto& [key, at] : index_) {
      kept.push_back(std::move(members_[at]));
      at = kept.size() - 1;
    }
    members_ = std::move(kept);
    gaps_ = 0;
  }

  std::vector<caf::actor> members_;
  std::unordered_map<std::uint64_t, std::size_t> index_;
  std::deque<delivery> under_way_;
  std::size_t gaps_ = 0;
  std::uint64_t turn_ns_max_ = 0;
};

} // namespace ammo

AMMO_LOCAL_MESSAGE(ammo::fan_out_turn)
