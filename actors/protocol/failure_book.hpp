/// Which parts of a deployment have failed at a message, how often, and which of them are quarantined.
/// Lives here: the count, and when it is too much. May not live here: what a part does.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/protocol/address.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace ammo {

/// Usable from any thread. Asks for no memory once it is made, as memory may be what has run out.
class failure_book {
public:
  /// A part that fails more often than `most` times within `window` is quarantined.
  static constexpr std::size_t most = 5;
  static constexpr std::chrono::seconds window{10};
  /// Parts that are remembered. Beyond that one that isn't quarantined is forgotten, or the newest goes unremembered.
  static constexpr std::size_t room = 1024;

  struct entry {
    address part;
    std::uint64_t failures = 0;
    bool quarantined = false;
    friend bool operator==(const entry&, const entry&) = default;
  };

  failure_book();
  /// Parts that many share, and whose mind may be half changed by a failure: one failure is too often.
  [[nodiscard]] static constexpr bool is_large(role of) noexcept {
    return of == role::aipp || of == role::subspace;
  }
  /// True: it has failed too often, and is quarantined from now on. `comes_back`: its mind will be as it was before, however large it is.
  bool on_failure(address part, time_source::instant now, bool comes_back = false) noexcept;
  /// Quarantines it: its mind can't be brought back.
  void hold(address part) noexcept;
  /// Is it quarantined? Costs next to nothing while no part is.
  [[nodiscard]] bool holds(address part) const noexcept;
  /// Has it failed since its mind was last found to agree with itself? Costs next to nothing while no part has failed.
  [[nodiscard]] bool doubts(address part) const noexcept;
  void trust(address part) noexcept;
  /// It may work again. False: it wasn't quarantined.
  bool release(address part) noexcept;
  /// It has left.
  void forget(address part) noexcept;
  /// Those that have failed, in the order of their addresses.
  [[nodiscard]] std::vector<entry> all() const;

private:
  struct row {
    entry of;
    std::array<time_source::instant, most> last{}; // a ring
    bool doubted = false;
  };
  [[nodiscard]] row* find(address part) noexcept;
  [[nodiscard]] row* made(address part) noexcept;

  mutable std::mutex turn_;
  std::vector<row> rows_;
  void hold(row& r) noexcept;
  std::atomic<std::size_t> known_{0}, held_{0}; // rows, and those that are quarantined
};

} // namespace ammo
