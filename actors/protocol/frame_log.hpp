/// Where bodies note what must survive a restart: frames, in the order in which they became true.
/// Lives here: the interface, and what a snapshot asks of a body. May not live here: a store, a thread, CAF.
#pragma once

#include "actors/protocol/address.hpp"
#include "actors/protocol/messages.hpp"
#include "actors/protocol/states.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <utility>
#include <variant>
#include <vector>

namespace ammo {

class user_mind;

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
  /// May something that has to be durable begin? Errors: `store_unavailable`, `state_full`, `state_damaged`; `overloaded` where the
  /// store answers and lags far behind.
  [[nodiscard]] virtual result<void> takes_changes() const = 0;
  /// May a slate begin? It needs room for its frames, and no store that answers. Errors: as above.
  [[nodiscard]] virtual result<void> takes_slates() const = 0;
  /// A part has failed at a message, and waits for its mind as it was after its last frame: a `brought_back`. Comes as soon as the store
  /// answers; where the state doesn't give the mind back, the part is quarantined. Never blocks.
  virtual void bring_back(address part) noexcept = 0;
  /// Users who have left memory: each is a row of the store.
  [[nodiscard]] virtual std::uint64_t asleep() const { return 0; }
  /// Somebody wants something of a user who isn't here: if they sleep, they wake. The host's bridge hears of it as `woken`. Never blocks.
  virtual void wake(user_id) {}
  /// That call has been heard: until then what was told of the user is told again. Never blocks.
  virtual void is_awake(user_id) noexcept {}
};

/// For an AiPP shard, a Subspace or a User Buddy. Never leaves the process.
template <class Mind>
struct brought_back {
  std::shared_ptr<Mind> mind;
  std::vector<std::variant<reward, comparison>> unlearned{}; ///< of a User Buddy: counted by AiPP, oldest first
};

/// What becomes of a User Buddy that is to leave memory: whoever decides first decides. Usable from any thread.
class sleep_attempt {
public:
  /// Somebody wants something of the user, or it takes too long. False: they sleep.
  bool call_off() noexcept { return settle(stage::off); }
  /// The row is in the store. False: it was called off.
  bool fall_asleep() noexcept { return settle(stage::asleep); }
  [[nodiscard]] bool is_off() const noexcept { return at_.load(std::memory_order_acquire) == stage::off; }

private:
  enum class stage : std::uint8_t { open,
                                    off,
                                    asleep };
  bool settle(stage as) noexcept {
    auto expected = stage::open;
    return at_.compare_exchange_strong(expected, as, std::memory_order_acq_rel);
  }
  std::atomic<stage> at_{stage::open};
};

/// A User Buddy is to leave memory. It goes from the bridge (which holds the user's calls from then on) to the User Buddy, MetaSpace, AiPP and the
/// User Buddy again: behind everything that was on its way. `to` gets the whole; who has a reason against it destroys it. Never leaves the process.
struct sleep_call {
  user_id user{};
  std::shared_ptr<sleep_attempt> attempt;
  std::function<void(std::uint64_t place, sleeper_state whole)> to;
  bool of_aipp = false;                       ///< AiPP has added its part
  std::optional<awaiting_user_state> open{};  ///< that part
};
/// To AiPP and the Supervisor: the user's row is in the store and the log says so. To the bridge: the User Buddy has ended.
struct fell_asleep {
  user_id user{};
};
/// To the bridge: it was given up, and the user is here as before.
struct stayed_awake {
  user_id user{};
};
/// To AiPP, which adds the catalogues, and from there to the Supervisor, which starts the User Buddy.
struct back_from_sleep {
  user_id user{};
  std::shared_ptr<user_mind> mind;
  std::optional<awaiting_user_state> open;
  std::uint64_t place = 0; ///< of the frame that says so
  std::vector<std::shared_ptr<const catalogue_version>> catalogues{};
};
/// To the bridge: the user is here, in that life. `unknown_user`: there is no such sleeper. Other errors: those of the store and of a row.
struct woken {
  user_id user{};
  std::uint64_t life = 0;
  failure why{errc::ok, {}};
};

/// Asks a body for its state, for a snapshot. `to` gets the state and the place of its entity's last frame in it; where the
/// message is dropped unread, `to` is destroyed uncalled. Never leaves the process.
template <class State>
struct save_call {
  std::function<void(std::uint64_t place, State state)> to;
};

} // namespace ammo
