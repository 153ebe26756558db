// Replaces operator new for the whole program: the array forms end up in these, too.
#include "tests/support/allocations.hpp"

#include <cstdlib>
#include <new>
#include <utility>

namespace {
thread_local std::size_t allocated = 0;
constexpr std::size_t never = ~std::size_t{0};
thread_local std::size_t until_failure = never;
thread_local bool fails_again = false, failed = false;

/// Is this the allocation that fails?
bool fails() noexcept {
  if (until_failure == never)
    return false;
  if (until_failure > 0)
    return --until_failure, false;
  failed = true;
  if (!fails_again)
    until_failure = never;
  return true;
}

void* counted(void* p, std::size_t size) {
  if (!p)
    throw std::bad_alloc();
  allocated += size;
  return p;
}
} // namespace

std::size_t ammo::test::allocated_bytes() noexcept { return allocated; }
void ammo::test::fail_allocation_after(std::size_t pieces) noexcept {
  until_failure = pieces;
  fails_again = failed = false;
}
void ammo::test::fail_allocations_from(std::size_t pieces) noexcept {
  until_failure = pieces;
  fails_again = true;
  failed = false;
}
bool ammo::test::spare_allocations() noexcept { return std::exchange(until_failure, never) != never && !failed; }

void* operator new(std::size_t size) { return counted(fails() ? nullptr : std::malloc(size), size); }
void* operator new(std::size_t size, std::align_val_t align) {
  auto a = static_cast<std::size_t>(align);
  return counted(fails() ? nullptr : std::aligned_alloc(a, (size + a - 1) / a * a), size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return fails() ? nullptr : std::malloc(size); }
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
