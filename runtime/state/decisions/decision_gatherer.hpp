/// What a state's log says of decisions: slates that were shown, with what there was to choose from, and rewards. Pure.
/// Lives here: frames become rows. May not live here: a store, a quota.
#pragma once

#include "actors/protocol/messages.hpp"
#include "actors/protocol/states.hpp"
#include "runtime/state/noted_frame.hpp"
#include "runtime/store/decisions/decision_store.hpp"

#include <cstdint>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ammo {

class decision_gatherer {
public:
  /// `keeps`: false: only who is to be forgotten is said.
  explicit decision_gatherer(bool keeps) : keeps_(keeps) {}

  /// A frame of a user shard, in the order of its log. Frames that say nothing of decisions are passed over.
  /// Errors: those of the codec.
  [[nodiscard]] result<void> take(const noted_frame& f, store::position at);
  /// What has been gathered since; node and place are the caller's to fill in.
  [[nodiscard]] store::decision_batch batch() { return std::exchange(batch_, {}); }
  [[nodiscard]] std::size_t gathered() const noexcept { return batch_.rows.size() + batch_.creations.size() + batch_.forgotten.size(); }

private:
  struct proposed {
    std::uint64_t round = 0;
    std::uint32_t slots = 0, situation = 0;
    occasion why = occasion::request;
    decision_context context;
    std::vector<creation_id> candidates;
  };
  [[nodiscard]] result<void> take_slate(const noted_frame& f);
  [[nodiscard]] result<void> take_grants(const noted_frame& f, store::position at);
  [[nodiscard]] result<void> take_reward(const noted_frame& f, store::position at);
  void forget(user_id user);
  void name(creation_id creation, std::uint32_t day);

  bool keeps_;
  store::decision_batch batch_;
  std::unordered_map<std::uint64_t, proposed> proposed_;      ///< by user: the last slate, until it is shown
  std::unordered_map<std::uint64_t, store::bytes> embeddings_; ///< that slates have named, until one of them is shown
  std::unordered_set<std::uint64_t> named_today_;
  std::uint32_t today_ = 0;
};

/// Coordinates as a creation's row has them, and back.
[[nodiscard]] store::bytes packed_embedding(std::span<const float> e);
[[nodiscard]] std::vector<float> unpacked_embedding(const store::bytes& data);

} // namespace ammo
