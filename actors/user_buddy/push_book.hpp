/// What a User Buddy that proposes pushes remembers: what it has registered with MetaSpace, wakes whose catalogues are still
/// to come, and how many pushes it has proposed. Pure.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/base/result.hpp"
#include "actors/protocol/messages/push.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace ammo {

struct push_book_state;

class push_book {
public:
  /// Wakes that may wait for their catalogue: it is on its way when they come.
  static constexpr std::size_t most_early = 64;

  /// As registered last; nothing: it isn't.
  [[nodiscard]] const std::optional<watch>& watched() const noexcept { return watched_; }
  void registered(std::optional<watch> w) { watched_ = std::move(w); }

  /// May one more push be proposed, at most `most` an interval? It counts if so.
  [[nodiscard]] bool may_push(time_source::instant now, std::uint32_t most, std::chrono::nanoseconds interval);
  /// What is really new: not a creation of the registered slate that has only moved.
  [[nodiscard]] std::vector<creation_id> news_of(const wake& m) const;

  /// A wake waits for its catalogue. False: too many do.
  [[nodiscard]] bool put_off(const wake& m);
  /// Those that wait, in the order in which they came; none waits any more.
  [[nodiscard]] std::vector<wake> take_early();

  /// `now`: of this process; the state holds no time of its clock.
  [[nodiscard]] push_book_state save(time_source::instant now) const;
  /// The same book again. Errors: `bad_state`.
  [[nodiscard]] static result<push_book> restore(const push_book_state& state, time_source::instant now);

private:
  std::optional<watch> watched_;
  std::vector<wake> early_;
  std::uint32_t pushes_ = 0;                    // proposed since `since_`
  std::optional<time_source::instant> since_{}; // nothing: none was ever proposed
};

} // namespace ammo
