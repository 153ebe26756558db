/// Counts what operator new is asked for, and fails at will, in programs that link allocations.cpp.
#pragma once

#include <cstddef>

namespace ammo::test {

/// Bytes that operator new has given out in this thread so far, freed or not.
[[nodiscard]] std::size_t allocated_bytes() noexcept;

/// Operator new gives out so many pieces of memory in this thread, and then, once, none.
void fail_allocation_after(std::size_t pieces) noexcept;
/// The same, but from then on it gives out none.
void fail_allocations_from(std::size_t pieces) noexcept;
/// It doesn't any more. True: it was still to come.
bool spare_allocations() noexcept;

} // namespace ammo::test
