/// The mind of a node's log: frames are queued, go out in blocks, one block at a time, and are durable in the order in
/// which they were queued. Pure: no thread, no clock, no store.
#pragma once

#include "actors/base/result.hpp"
#include "runtime/store/records.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

namespace ammo::store {

struct commit_limits {
  std::chrono::microseconds wait{5000};   ///< a frame waits at most so long for others to share its block
  std::size_t block_bytes = 64 * 1024;    ///< a block with so much goes out at once
  std::size_t most_in_a_block = 1u << 20; ///< what waits beyond this goes with the next one: appends stay short
  std::size_t queue_bytes = 16u << 20;    ///< more than this isn't queued: `store_unavailable`
};

class commit_queue {
public:
  using instant = std::chrono::microseconds; ///< since any time, the same for all calls

  explicit commit_queue(commit_limits limits, std::uint64_t head = 0) : limits_(limits), durable_(head), queued_(head) {}

  /// Queues a frame; its place in the log. Errors: `store_unavailable` (so much waits already), `stopped` (fenced).
  [[nodiscard]] result<std::uint64_t> add(std::span<const std::byte> frame, instant now);

  /// When the next block is to go out; none while there is nothing to write, or a block is out.
  [[nodiscard]] std::optional<instant> due() const noexcept;
  /// The block that goes out now. Before it: `due() <= now`. The same block stays `out()` until its fate is known.
  const block& begin();
  [[nodiscard]] const std::optional<block>& out() const noexcept { return out_; }

  /// The block that is out is in the log: every place up to `durable()` is.
  void on_durable() noexcept;
  /// This node is fenced: what waits never becomes durable, and nothing is queued any more.
  void on_fenced() noexcept;
  /// After an append without an answer: is the block that is out the one that lies at its place? Then it is durable; else
  /// it is appended again, unchanged.
  [[nodiscard]] bool is_out(const std::optional<block>& there) const noexcept {
    return out_ && there && there->checksum == out_->checksum && there->frames == out_->frames;
  }

  [[nodiscard]] std::uint64_t durable() const noexcept { return durable_; } ///< last place that is in the log
  [[nodiscard]] std::uint64_t queued() const noexcept { return queued_; }   ///< last place given out
  [[nodiscard]] bool fenced() const noexcept { return fenced_; }
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_.size() + (out_ ? out_->data.size() : 0); }

private:
  commit_limits limits_;
  std::uint64_t durable_ = 0, queued_ = 0;
  bytes waiting_;                ///< frames behind the block that is out, each with its length before it
  std::uint32_t frames_ = 0;     ///< in `waiting_`
  instant since_{};              ///< when the first of them came
  std::optional<block> out_;
  bool fenced_ = false;
};

/// Hands over the frames of a block, with their places. Error: `state_damaged`: lengths and count don't fit the data.
[[nodiscard]] result<void> each_frame(const block& b, const std::function<void(std::uint64_t place, std::span<const std::byte>)>& take);

} // namespace ammo::store
