/// Is this the process that made it? Asked at every call of a host, so it costs a read.
#pragma once

#include <sys/types.h>

namespace ammo {

/// A page that the kernel empties in a child (MADV_WIPEONFORK), however that was forked; where there is none, the process's number is asked for. Usable
/// from any thread.
class fork_mark {
public:
  fork_mark() noexcept;
  ~fork_mark();
  fork_mark(const fork_mark&) = delete;
  fork_mark& operator=(const fork_mark&) = delete;

  /// This process is a child of the one that made the mark.
  [[nodiscard]] bool forked() const noexcept { return page_ ? *page_ == 0 : other_process(); }

private:
  [[nodiscard]] bool other_process() const noexcept;
  const pid_t process_;
  volatile const unsigned char* page_ = nullptr; // null: there was no room
};

} // namespace ammo
