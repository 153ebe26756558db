/// Counts what operator new is asked for, in programs that link allocations.cpp.
#pragma once

#include <cstddef>

namespace ammo::test {

/// Bytes that operator new has given out in this thread so far, freed or not.
[[nodiscard]] std::size_t allocated_bytes() noexcept;

} // namespace ammo::test
