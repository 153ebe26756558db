/// Which threads are in a host's code at the moment: a callback, a policy, a log sink.
#pragma once

namespace ammo {

/// Marks the calling thread for the scope: it runs code of the host of `deployment`, by address. Marks nest.
class in_host_code {
public:
  explicit in_host_code(const void* deployment) noexcept : deployment_(deployment), outer_(innermost) { innermost = this; }
  ~in_host_code() { innermost = outer_; }
  in_host_code(const in_host_code&) = delete;
  in_host_code& operator=(const in_host_code&) = delete;

  /// Is the calling thread in such code?
  [[nodiscard]] static bool of(const void* deployment) noexcept {
    for (const auto* at = innermost; at; at = at->outer_)
      if (at->deployment_ == deployment)
        return true;
    return false;
  }

private:
  const void* deployment_;
  const in_host_code* outer_;
  inline static thread_local const in_host_code* innermost = nullptr;
};

} // namespace ammo
