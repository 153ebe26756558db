#include "runtime/store/commit_queue.hpp"

#include "runtime/store/store.hpp"

#include <cassert>
#include <utility>

namespace ammo::store {

namespace {

constexpr std::size_t length_bytes = 4;

/// Of a frame, from the bytes before it; `at` has four at least.
std::size_t length_at(std::span<const std::byte> at) noexcept {
  std::size_t length = 0;
  for (std::size_t k = length_bytes; k-- > 0;)
    length = length << 8 | std::to_integer<std::size_t>(at[k]);
  return length;
}

} // namespace

result<std::uint64_t> commit_queue::add(std::span<const std::byte> frame, instant now) {
  if (fenced_)
    return {errc::stopped, "this node's log is fenced"};
  if (waiting_bytes() + length_bytes + frame.size() > limits_.queue_bytes)
    return {errc::store_unavailable, std::to_string(waiting_bytes()) + " bytes wait for the store, no more than " +
                                       std::to_string(limits_.queue_bytes) + " may"};
  if (frames_ == 0)
    since_ = now;
  for (std::size_t i = 0, length = frame.size(); i < length_bytes; ++i, length >>= 8)
    waiting_.push_back(static_cast<std::byte>(length));
  waiting_.insert(waiting_.end(), frame.begin(), frame.end());
  ++frames_;
  return ++queued_;
}

std::optional<commit_queue::instant> commit_queue::due() const noexcept {
  if (out_ || frames_ == 0 || fenced_)
    return std::nullopt;
  return waiting_.size() >= limits_.block_bytes ? since_ : since_ + limits_.wait;
}

const block& commit_queue::begin() {
  assert(!out_ && frames_ > 0 && !fenced_);
  std::size_t size = 0;
  std::uint32_t frames = 0;
  while (frames < frames_) {
    const std::size_t next = length_bytes + length_at(std::span(waiting_).subspan(size));
    if (frames > 0 && size + next > limits_.most_in_a_block)
      break;
    size += next;
    ++frames;
  }
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(size);
  bytes rest(end, waiting_.end());
  waiting_.erase(end, waiting_.end());
  out_ = sealed(durable_ + 1, frames, std::exchange(waiting_, std::move(rest)));
  frames_ -= frames; // those behind have waited: the next block is due at once
  return *out_;
}

void commit_queue::on_durable() noexcept {
  assert(out_);
  durable_ = out_->last();
  out_.reset();
}

void commit_queue::on_fenced() noexcept {
  fenced_ = true;
  out_.reset();
  waiting_.clear();
  frames_ = 0;
}

result<void> each_frame(const block& b, const std::function<void(std::uint64_t, std::span<const std::byte>)>& take) {
  const auto damaged = [&] {
    return failure{errc::state_damaged, "the block at place " + std::to_string(b.first) + ": its frames' lengths don't fit"};
  };
  std::span<const std::byte> rest(b.data);
  std::vector<std::span<const std::byte>> frames;
  for (std::uint32_t i = 0; i < b.frames; ++i) {
    if (rest.size() < length_bytes)
      return damaged();
    const std::size_t length = length_at(rest);
    rest = rest.subspan(length_bytes);
    if (rest.size() < length)
      return damaged();
    frames.push_back(rest.first(length));
    rest = rest.subspan(length);
  }
  if (!rest.empty())
    return damaged();
  std::uint64_t place = b.first;
  for (const auto frame : frames)
    take(place++, frame);
  return {};
}

} // namespace ammo::store
