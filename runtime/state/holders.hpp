/// Who had a state before, and whether they are still there: a process that ran on this machine and is gone can be told at once, one that
/// ran elsewhere by its lease.
#pragma once

#include "runtime/store/store.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace ammo {

/// This process, as another one on this machine finds it again.
[[nodiscard]] store::process_mark mark_of_this_process();
/// It ran on this machine, and no process of its number and start is here. False where that can't be told.
[[nodiscard]] bool gone_for_sure(const store::process_mark& who);

/// The mind of waiting for those who had a state: looks at their rows again and again. Pure.
class holder_watch {
public:
  using instant = std::chrono::milliseconds; ///< since any time, the same for all calls

  struct step {
    std::vector<store::incarnation> over;  ///< their lease is over: to be fenced
    std::optional<store::node> beats;      ///< one that renews its lease: it is alive
    std::optional<store::node> waited_for; ///< a silent one, whose lease isn't over
  };
  /// `nodes`: as they were read at `now`.
  [[nodiscard]] step look(std::span<const store::node> nodes, instant now);

private:
  std::map<store::incarnation, instant> ends_; ///< of their leases, as far as was known
};

/// Who has the state now, in words; empty: nobody.
[[nodiscard]] result<std::string> holder_of(store::state_store& of);

/// Fences everybody who had the state, and returns when nothing that they append can count any more. `alone`: whoever had it is gone for
/// sure, since this process holds the folder. Waits for a silent holder's lease, at most so long. Blocks.
/// Errors: `state_in_use` (names the holder), those of the store.
[[nodiscard]] result<void> end_holders(store::state_store& of, bool alone, std::chrono::milliseconds patience);

} // namespace ammo
