/// The units of a node, at work: what its run asks of them.
#pragma once

#include "actors/base/result.hpp"
#include "actors/protocol/address.hpp"
#include "runtime/host/calls/ticket.hpp"
#include "runtime/store/store.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace ammo {

class seat {
public:
  virtual ~seat() = default;

  // -- any thread --------------------------------------------------------------------------------------------
  /// `given`: a repeat under the key is told the same. `unit`: whom it is for. Where that isn't here the call ends as `state_in_use`, and nothing has happened.
  virtual void call(host_question q, std::shared_ptr<ticket> asker, std::uint64_t key, bool given, store::unit_id unit) = 0;
  /// What a body at another node has sent. Errors: those of `arrive`.
  virtual result<void> arrive(address to, std::span<const std::byte> bytes) = 0;
  /// See `runtime::release`.
  [[nodiscard]] virtual result<void> release(const std::string& part) = 0;

  // -- one thread, which they block --------------------------------------------------------------------------
  /// Takes units that are free, and has them at work. `by`: a connection to the store. `mine` hears which are this node's, before their bodies begin; the others are
  /// another's. Those that serve: of the others nobody can read what was there. Errors: those of `state_keeper::take`: the run must end.
  [[nodiscard]] virtual result<std::vector<store::claim>> take(store::state_store& by, std::vector<store::claim> free, const std::function<void(std::span<const store::claim>)>& mine) = 0;
  /// Users and Goal Buddies that a unit has here.
  [[nodiscard]] virtual std::size_t entities(store::unit_id unit) = 0;
  /// A snapshot of these is written, while they go on; empty: of all.
  virtual void prepare(std::vector<store::unit_id> units) = 0;
  /// Another node may have a unit from here on. Nobody calls it any more. `refused`: this node is fenced. Errors: `store_unavailable`: nobody can say.
  [[nodiscard]] virtual result<store::verdict> give(const store::claim& c) = 0;
  /// Bodies of units that were given end. What they have done since isn't kept.
  virtual void part(std::span<const store::claim> given) = 0;
  /// All that was noted is written, as far as it may be: what follows doesn't count.
  virtual void write() = 0;
  /// They end: calls that are under way end as `stopped`. Nobody calls any more.
  virtual void end() = 0;
};

} // namespace ammo
