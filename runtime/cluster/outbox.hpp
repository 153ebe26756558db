/// What waits for a link to one node, and the window that keeps a slow one from holding up the rest. Pure.
#pragma once

#include "runtime/cluster/batch.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <tuple>

namespace ammo::cluster {

struct outbox_limits {
  std::size_t queue = std::size_t{64} << 20;  ///< bytes of frames that wait; beyond it what comes is shed
  std::size_t window = std::size_t{4} << 20;  ///< bytes of batches on their way that the peer hasn't acknowledged
  std::size_t batch = std::size_t{256} << 10; ///< a batch is closed at so many bytes; one frame may be larger
};

class outbox {
public:
  explicit outbox(outbox_limits limits = {}) : limits_(limits) {}

  /// Queues a frame, whose bytes it takes over. `type`: the message's number. `latest`: it makes what waits for the same address, of the same
  /// type and unit, needless; that one is dropped, which is no loss. False: there is no room; it is shed, and counted by type.
  bool add(address to, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest);

  /// The next batch, if the window lets it go. `received`: the number of the last batch from the peer.
  [[nodiscard]] std::optional<store::bytes> next(std::uint64_t received);
  /// An empty batch, for an acknowledgement that has nothing to travel with.
  [[nodiscard]] store::bytes acknowledgement(std::uint64_t received);
  /// The peer has got all batches up to there. False: it can't have: no such batch was sent, or it was acknowledged before a later one.
  [[nodiscard]] bool on_acknowledged(std::uint64_t number);
  /// The link has broken. What was on its way is lost, numbers begin anew; what waits still waits.
  void on_broken();

  [[nodiscard]] std::size_t waiting() const noexcept { return letters_.size(); }
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return queued_; }
  [[nodiscard]] std::size_t on_the_way() const noexcept { return out_bytes_; }
  /// What was shed since the beginning, by type of message.
  [[nodiscard]] const std::map<std::uint16_t, std::uint64_t>& shed() const noexcept { return shed_; }

private:
  using place = std::tuple<address, store::unit_id, std::uint16_t>;
  struct waiting_letter {
    address to;
    store::unit_id unit{};
    store::term_number term = 0;
    store::bytes frame;
    std::optional<place> latest;
  };
  store::bytes sent(batch_writer& w, std::uint64_t received);

  outbox_limits limits_;
  std::list<waiting_letter> letters_;
  std::map<place, std::list<waiting_letter>::iterator> latest_;
  std::size_t queued_ = 0, out_bytes_ = 0;
  std::deque<std::pair<std::uint64_t, std::size_t>> out_; ///< numbers and sizes of batches on their way
  std::uint64_t number_ = 0, acknowledged_ = 0;
  std::map<std::uint16_t, std::uint64_t> shed_;
};

/// Of the batches of one link, in the order in which they must come.
class inbox {
public:
  /// False: it doesn't follow the one before. A link doesn't lose or repeat, so the peer is at fault: the link is to be closed.
  [[nodiscard]] bool on_batch(std::uint64_t number) noexcept {
    if (number != received_ + 1)
      return false;
    received_ = number;
    return true;
  }
  [[nodiscard]] std::uint64_t received() const noexcept { return received_; }

private:
  std::uint64_t received_ = 0;
};

/// What a unit tells many, numbered: versions of a catalogue, periods of regret. Seen by a node that listens.
class feed {
public:
  enum class news : std::uint8_t {
    next, ///< the one behind the last
    gap,  ///< another one, a new owner's or a later one: what lies between is missed; of versions the newest is all that is needed, of periods the missed ones are skipped
    old,  ///< seen, or of an owner that owns no longer: dropped
  };
  /// A new owner's numbers begin where it stands, maybe behind what the one before said: what that one hadn't made durable is gone.
  [[nodiscard]] news on_news(store::term_number term, std::uint64_t number) noexcept {
    if (term < term_ || (term == term_ && number <= number_))
      return news::old;
    const bool follows = number == number_ + 1;
    if (number > number_ && number_ != 0)
      missed_ += number - number_ - 1;
    term_ = term;
    number_ = number;
    return follows ? news::next : news::gap;
  }
  [[nodiscard]] store::term_number term() const noexcept { return term_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] std::uint64_t missed() const noexcept { return missed_; }

private:
  store::term_number term_ = 0;
  std::uint64_t number_ = 0, missed_ = 0;
};

} // namespace ammo::cluster
