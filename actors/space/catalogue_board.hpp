/// The newest catalogue version of each subspace of a process, for whoever needs it before the news has come round.
/// Lives here: the board. May not live here: when a version is published, and what is done with it.
#pragma once

#include "actors/space/catalogue.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace ammo {

/// A place for each subspace. Any thread may post and look; to see that nothing is new costs one load a subspace.
class catalogue_board {
public:
  explicit catalogue_board(std::size_t subspaces) : places_(subspaces) {}

  [[nodiscard]] std::size_t size() const noexcept { return places_.size(); }
  /// Ignored: one of a subspace that has no place. A Subspace that begins anew may post an older version than before.
  void post(std::shared_ptr<const catalogue_version> newest) {
    if (!newest || raw(newest->subspace()) >= places_.size())
      return;
    place& at = places_[raw(newest->subspace())];
    const auto version = newest->version();
    std::lock_guard held(at.guard);
    at.newest.swap(newest); // what hung there before goes with `newest`
    at.version.store(version, std::memory_order_release);
  }
  /// Version of what hangs there; 0: nothing.
  [[nodiscard]] std::uint64_t version(subspace_id of) const noexcept { return places_[raw(of)].version.load(std::memory_order_acquire); }
  /// Null: nothing.
  [[nodiscard]] std::shared_ptr<const catalogue_version> newest(subspace_id of) const {
    const place& at = places_[raw(of)];
    std::lock_guard held(at.guard);
    return at.newest;
  }

private:
  struct place {
    mutable std::mutex guard;
    std::atomic<std::uint64_t> version{0};
    std::shared_ptr<const catalogue_version> newest;
  };
  std::vector<place> places_;
};

} // namespace ammo
