/// Minds as they were: restored from a unit's snapshot, and told again what its log says since. Pure.
/// Lives here: what each frame does to a mind. May not live here: a store, an actor.
#pragma once

#include "actors/aipp/aipp_mind.hpp"
#include "actors/protocol/frame_log.hpp"
#include "actors/protocol/state/key_state.hpp"
#include "actors/subspace/subspace_mind.hpp"
#include "actors/user_buddy/user_mind.hpp"
#include "runtime/state/noted_frame.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

/// The users of a shard, with their part of AiPP. A frame is applied unless the snapshot has it: each entity's part of a snapshot
/// knows the place of its last frame.
class shard_replay {
public:
  /// `part`: this User Buddy alone, or no User Buddy (the address of AiPP), while the others are at work; none: the whole shard.
  shard_replay(std::shared_ptr<const user_config> users, aipp_config aipp, std::optional<address> part = {});
  /// Errors: those of the codec, `bad_state`.
  [[nodiscard]] result<void> adopt(std::span<const std::byte> snapshot, store::position at);
  /// Errors: those of the codec; `bad_state` where the frame can't be true after those before it.
  [[nodiscard]] result<void> apply(const noted_frame& f, store::position at);
  /// Of a slate that isn't to be applied: the embeddings in it, which serve the whole unit. Errors: those of the codec.
  [[nodiscard]] result<void> name(const noted_frame& f) { return repeat(nullptr, f); }
  /// All frames have been applied. Rewards that AiPP has counted and a User Buddy hasn't learned yet are learned now.
  void finish();
  /// The same of AiPP alone: these users are here, ascending.
  void finish(std::span<const std::uint64_t> here);
  /// The same of the one User Buddy: what AiPP has counted of it since the snapshot and its mind hasn't learned, oldest first.
  [[nodiscard]] std::vector<std::variant<reward, comparison>> unlearned() const;

  [[nodiscard]] std::vector<std::shared_ptr<user_mind>> users() const; ///< ascending
  [[nodiscard]] const std::shared_ptr<aipp_mind>& aipp() const noexcept { return aipp_; }
  /// Frames that minds have answered in another way than before: the options have changed since.
  [[nodiscard]] std::uint64_t differed() const noexcept { return differed_; }
  /// Of that user; null: they aren't here.
  [[nodiscard]] std::shared_ptr<const user_mind> mind_of(user_id user) const;
  /// Under keys, as the snapshot has them. Taken.
  [[nodiscard]] std::vector<key_frame> take_answers() { return std::exchange(answers_, {}); }
  /// How many sleep: they are rows of the store.
  [[nodiscard]] std::uint64_t asleep() const noexcept { return asleep_; }
  /// When somebody last wanted something of the user, in seconds since 1970; nothing: the state doesn't say.
  [[nodiscard]] std::optional<std::int64_t> used(user_id user) const;
  /// Users who have woken or left since: a row of theirs, if there is one, is of before.
  [[nodiscard]] const std::set<std::uint64_t>& outdated() const noexcept { return outdated_; }

private:
  struct row {
    std::shared_ptr<user_mind> mind;
    store::position at;
  };
  struct counted {
    user_id user{};
    std::variant<reward, comparison> what;
  };
  [[nodiscard]] result<void> apply_to_user(const noted_frame& f, store::position at);
  [[nodiscard]] result<void> apply_to_aipp(const noted_frame& f, store::position at);
  [[nodiscard]] result<void> repeat(row* known, const noted_frame& f);
  [[nodiscard]] result<void> fell_asleep(user_id user, store::position at);
  [[nodiscard]] result<void> woke(user_id user, const noted_frame& f, store::position at);
  template <class Message> [[nodiscard]] result<void> learn(user_mind& mind, const noted_frame& f);
  void forget_counted(user_id user);
  void present(user_id user);
  void use(user_id user, std::int64_t time_us);
  [[nodiscard]] bool plays(user_id user) const noexcept { return !part_ || *part_ == address_of<role::user_buddy>(user); }

  std::optional<address> part_;
  std::shared_ptr<const user_config> users_with_;
  aipp_config aipp_with_;
  std::shared_ptr<aipp_mind> aipp_;
  store::position aipp_at_;
  std::map<std::uint64_t, row> rows_; // by user
  std::unordered_map<creation_id, embedding_store::handle> named_;
  std::deque<counted> counted_; // by AiPP, in its order
  std::vector<key_frame> answers_;
  std::uint64_t differed_ = 0, asleep_ = 0;
  std::set<std::uint64_t> outdated_;
  std::unordered_map<std::uint64_t, std::int64_t> used_; // by user
};

/// A Subspace with its ledger and its Goal Buddies.
class subspace_replay {
public:
  explicit subspace_replay(const subspace_config& config);
  [[nodiscard]] result<void> adopt(std::span<const std::byte> snapshot, store::position at);
  [[nodiscard]] result<void> apply(const noted_frame& f, store::position at);
  void finish();

  /// An owner begins: of the first frame of its term, or without one.
  void begin_term(store::term_number term);

  [[nodiscard]] const std::shared_ptr<subspace_mind>& mind() const noexcept { return mind_; }
  [[nodiscard]] std::vector<admit_goal> goals() const; ///< ascending: members that have created
  /// What those that move remembered at the snapshot. Taken.
  [[nodiscard]] std::vector<goal_mind_state> take_minds() { return std::exchange(minds_, {}); }
  /// Under keys, as the snapshot has them. Taken.
  [[nodiscard]] std::vector<key_frame> take_answers() { return std::exchange(answers_, {}); }

private:
  [[nodiscard]] result<void> apply_to_goal(const noted_frame& f);
  subspace_config with_;
  std::shared_ptr<subspace_mind> mind_;
  store::position at_;
  store::term_number term_ = 0; // whose frames were applied last
  std::map<std::uint64_t, admit_goal> goals_;
  std::vector<goal_mind_state> minds_;
  std::vector<key_frame> answers_;
};

} // namespace ammo
