#include "runtime/host/fork_mark.hpp"

#include <cstddef>

#include <sys/mman.h>
#include <unistd.h>

namespace ammo {
namespace {

std::size_t page_size() noexcept { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

} // namespace

fork_mark::fork_mark() noexcept : process_(getpid()) {
  void* const page = mmap(nullptr, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (page == MAP_FAILED)
    return;
  if (madvise(page, page_size(), MADV_WIPEONFORK) != 0) { // before Linux 4.14
    munmap(page, page_size());
    return;
  }
  *static_cast<unsigned char*>(page) = 1;
  page_ = static_cast<const unsigned char*>(page);
}

fork_mark::~fork_mark() {
  if (page_)
    munmap(const_cast<unsigned char*>(page_), page_size());
}

bool fork_mark::other_process() const noexcept { return getpid() != process_; }

} // namespace ammo
