/// Where bodies note what must survive a restart: frames, in the order in which they became true.
/// Lives here: the interface, and what a snapshot asks of a body. May not live here: a store, a thread, CAF.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/states.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

/// What a noted frame holds: a message's type, or a state's kind with this bit.
inline constexpr std::uint16_t state_frame = 0x8000;

/// A frame belongs to a unit and, within it, to an entity; one actor alone notes the frames of an entity while it lives, so the
/// log has them in the order in which they happened. A frame is noted before what follows from it is sent: whoever
/// receives that finds the frame noted. Any thread. Never blocks for a store.
class frame_log {
public:
  /// The embedding of a creation, block-relative; null where it isn't known.
  using embedder = std::function<std::shared_ptr<const held_embedding>(creation_id)>;

  virtual ~frame_log() = default;
  /// `unit`: the address of its AiPP shard, of its Subspace, or of the host. Its place in the log, from 1.
  virtual std::uint64_t note(address unit, address entity, std::uint16_t what, std::span<const std::byte> frame) = 0;
  /// A slate that a User Buddy has proposed. Embeddings that its unit hasn't noted since its last snapshot are added.
  virtual std::uint64_t note_slate(address unit, address entity, slate_frame slate, const embedder& embed) = 0;
  /// The last place that was given out.
  [[nodiscard]] virtual std::uint64_t noted() const = 0;
  /// May something that has to be durable begin? Errors: `store_unavailable`, `state_full`, `state_damaged`.
  [[nodiscard]] virtual result<void> takes_changes() const = 0;
  /// May a slate begin? It needs room for its frames, and no store that answers.
  [[nodiscard]] virtual result<void> takes_slates() const = 0;
  /// A part has failed at a message, and waits for its mind as it was after its last frame: a `brought_back`. Comes as soon as the store
  /// answers; where the state doesn't give the mind back, the part is quarantined. Never blocks.
  virtual void bring_back(address part) noexcept = 0;
};

/// For an AiPP shard, a Subspace or a User Buddy. Never leaves the process.
template <class Mind>
struct brought_back {
  std::shared_ptr<Mind> mind;
  std::vector<std::variant<reward, comparison>> unlearned{}; ///< of a User Buddy: counted by AiPP, oldest first
};

/// Asks a body for its state, for a snapshot. `to` gets the state and the place of its entity's last frame in it; where the
/// message is dropped unread, `to` is destroyed uncalled. Never leaves the process.
template <class State>
struct save_call {
  std::function<void(std::uint64_t place, State state)> to;
};

} // namespace ammo
