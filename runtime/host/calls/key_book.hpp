/// What became of the calls of a host that change something, by their keys.
#pragma once

#include "runtime/cluster/key_book.hpp"
#include "runtime/host/calls/ticket.hpp"

#include <cstddef>

namespace ammo {

using cluster::call_identity;
[[nodiscard]] call_identity identity_of(const host_question& q);

/// Pure. Memory is bounded: of calls that were answered the last `remembered` keys are known.
class key_book : public cluster::key_book<host_answer> {
public:
  static constexpr std::size_t remembered = 16'384;
  key_book() : cluster::key_book<host_answer>(remembered) {}
};

} // namespace ammo
