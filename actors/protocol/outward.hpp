/// What leaves a node's process for other nodes of its cluster. Pure.
/// Lives here: what bodies may ask for. May not live here: links, and who owns what.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/codec.hpp"

#include <cstdint>
#include <functional>

namespace ammo {

/// Any thread. Never blocks, and promises nothing: what finds no way is lost and counted, and its sender sends something newer before long.
class outward {
public:
  virtual ~outward() = default;
  /// To the node that has the unit of that address.
  virtual void send(address to, std::uint16_t type, frame f) = 0;
  /// From a Subspace, or Evolution, that is here: to its relay at every other node, once each. The newest of a type takes the place of one that still waits, and is
  /// sent to nodes that come later.
  /// `make`: the frame, where it is wanted, now or later.
  virtual void spread(address of, std::uint16_t type, std::function<frame()> make) = 0;
};

} // namespace ammo
