/// Units between two of their snapshots: what the older one and the log make of them, beside what the newer one says. Pure.
#pragma once

#include "actors/protocol/state/evolution_state.hpp"
#include "actors/protocol/state/key_state.hpp"
#include "runtime/state/comparison/state_comparison.hpp"
#include "runtime/state/replay.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <vector>

namespace ammo {

/// A unit on its way from one snapshot to the next. A process that began in between has brought the unit back: so does this, at the first frame of a
/// later term.
class unit_replay {
public:
  unit_replay(store::position from, store::position to) : from_(from), to_(to), at_(from) {}
  virtual ~unit_replay() = default;
  /// Errors: those of the codec, `bad_state`.
  [[nodiscard]] virtual result<void> adopt(std::span<const std::byte> older, std::span<const std::byte> newer) = 0;
  /// In order. Frames that the older snapshot has, and those behind the newer one, are passed over.
  [[nodiscard]] result<void> take(const noted_frame& f, store::position at, unit_comparison& out);
  /// After the last frame.
  void compare(unit_comparison& out);
  [[nodiscard]] store::position from() const noexcept { return from_; }

protected:
  /// The answers under keys in the two snapshots; calls under way aren't compared.
  void adopt_answers(std::vector<key_frame>&& older, std::vector<key_frame>&& newer);
  [[nodiscard]] virtual result<bool> apply(const noted_frame& f, store::position at, unit_comparison& out) = 0; ///< false: it lies behind
  virtual void begin_anew(store::term_number term) = 0;
  virtual void judge(unit_comparison& out) = 0;
  /// Has a part of the newer snapshot, which noted its last own frame there in its term, this frame?
  [[nodiscard]] bool within(store::position at, std::uint64_t place) const noexcept {
    return at <= store::position{to_.term, std::max(place, to_.place)};
  }
  store::position from_, to_;

private:
  void reach(store::position at);
  [[nodiscard]] result<void> take_answer(const noted_frame& f, store::position at, unit_comparison& out);
  store::position at_;
  std::vector<key_frame> played_, saved_;
};

/// What is of no shard and no subspace.
class host_check final : public unit_replay {
public:
  using unit_replay::unit_replay;
  result<void> adopt(std::span<const std::byte> older, std::span<const std::byte> newer) override;

private:
  result<bool> apply(const noted_frame& f, store::position at, unit_comparison& out) override;
  void begin_anew(store::term_number) override {}
  void judge(unit_comparison& out) override;
  std::optional<evolution_mind_state> played_strains_, saved_strains_;
};

/// The row of a user who sleeps now; none: they don't.
using row_reader = std::function<result<std::optional<store::sleeper>>(std::uint64_t user)>;

/// Sleepers are compared as they wake, with the frame that says so, or else with their rows.
class user_shard_check final : public unit_replay {
public:
  user_shard_check(store::position from, store::position to, std::shared_ptr<const user_config> users, aipp_config aipp, row_reader row_of);
  result<void> adopt(std::span<const std::byte> older, std::span<const std::byte> newer) override;

private:
  result<bool> apply(const noted_frame& f, store::position at, unit_comparison& out) override;
  void begin_anew(store::term_number) override { past_.finish(); }
  void judge(unit_comparison& out) override;
  void follow_sleep(const noted_frame& f, unit_comparison& out);
  void compare_sleeper(std::uint64_t user, std::span<const std::byte> row, unit_comparison& out);
  [[nodiscard]] std::string difference(const user_mind_state& played, const user_mind_state& saved, unit_comparison& out) const;

  std::shared_ptr<const user_config> users_with_;
  aipp_config aipp_with_;
  shard_replay past_;
  std::map<std::uint64_t, std::pair<user_mind_state, std::uint64_t>> users_; ///< of the newer snapshot, with their places
  aipp_mind_state aipp_;
  std::uint64_t aipp_place_ = 0;
  std::set<std::uint64_t> left_; ///< behind the newer snapshot
  std::set<std::uint64_t> woke_; ///< the same
  std::map<std::uint64_t, user_mind_state> asleep_; ///< who fell asleep, as they were then by the log; until they wake
  std::string slept_otherwise_;                     ///< the first difference of a sleeper; empty: none
  row_reader row_of_;
};

class subspace_check final : public unit_replay {
public:
  subspace_check(store::position from, store::position to, const subspace_config& config) : unit_replay(from, to), with_(config), past_(config) {}
  result<void> adopt(std::span<const std::byte> older, std::span<const std::byte> newer) override;

private:
  result<bool> apply(const noted_frame& f, store::position at, unit_comparison& out) override;
  void begin_anew(store::term_number term) override;
  void judge(unit_comparison& out) override;
  subspace_config with_;
  subspace_replay past_;
  subspace_unit_state newer_;
};

} // namespace ammo
