#include "runtime/store/log_writer.hpp"

#include <algorithm>
#include <utility>

namespace ammo::store {

using namespace std::chrono_literals;

log_writer::log_writer(std::unique_ptr<state_store> to, incarnation me, commit_limits limits, log_events events,
                       std::shared_ptr<const time_source> clock)
  : store_(std::move(to)), me_(me), events_(std::move(events)), clock_(std::move(clock)), queue_(limits), thread_([this] { run(); }) {}

log_writer::~log_writer() {
  {
    const std::scoped_lock turn(turn_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

commit_queue::instant log_writer::now() const {
  return std::chrono::duration_cast<commit_queue::instant>(clock_->now().time_since_epoch());
}

result<std::uint64_t> log_writer::add(std::span<const std::byte> frame) {
  const std::scoped_lock turn(turn_);
  const auto before = queue_.due();
  auto place = queue_.add(frame, now());
  if (queue_.due() != before) // the writer sleeps until then
    changed_.notify_all();
  return place;
}

std::uint64_t log_writer::durable() const {
  const std::scoped_lock turn(turn_);
  return queue_.durable();
}

std::size_t log_writer::waiting_bytes() const {
  const std::scoped_lock turn(turn_);
  return queue_.waiting_bytes();
}

bool log_writer::flush(std::chrono::milliseconds within) {
  std::unique_lock turn(turn_);
  const std::uint64_t wanted = queue_.queued();
  hurry_ = true;
  changed_.notify_all();
  const bool done = changed_.wait_for(turn, within, [&] { return queue_.durable() >= wanted || queue_.fenced(); });
  return done && queue_.durable() >= wanted;
}

result<verdict> log_writer::release(std::span<const std::byte> frame, unit_id unit, term_number term, std::chrono::milliseconds within) {
  std::unique_lock turn(turn_);
  const auto place = queue_.add(frame, now());
  if (!place)
    return place.code() == errc::stopped ? result<verdict>(verdict::refused) : place.error();
  gives_ = giving{*place, unit, term};
  hurry_ = true;
  changed_.notify_all();
  if (!changed_.wait_for(turn, within, [&] { return queue_.durable() >= *place || queue_.fenced(); }))
    return {errc::store_unavailable, "the store doesn't say whether the unit was given up"};
  return queue_.durable() >= *place ? verdict::done : verdict::refused;
}

/// Appends, or, where an append before had no answer, looks first whether it is there.
result<verdict> log_writer::write(const block& b, const std::optional<giving>& gives, bool again) {
  if (again) {
    const auto there = store_->block_at(me_, b.first);
    if (!there)
      return there.error();
    if (queue_.is_out(*there)) // only this thread changes what is out
      return verdict::done;
  }
  return gives ? store_->release(me_, b, gives->unit, gives->term) : store_->append(me_, b);
}

/// The fate of the block that is out. No answer: the writer was stopped before there was one.
result<verdict> log_writer::write_until_known(std::unique_lock<std::mutex>& turn) {
  const block out = queue_.begin();
  const auto gives = gives_ && gives_->place < out.first + out.frames ? std::exchange(gives_, std::nullopt) : std::nullopt;
  auto pause = 10ms;
  for (bool again = false;; again = true) {
    turn.unlock();
    auto done = write(out, gives, again);
    if (!done && events_.on_unavailable)
      events_.on_unavailable(done.error());
    turn.lock();
    if (done || changed_.wait_for(turn, pause, [&] { return stop_; }))
      return done;
    pause = std::min(2 * pause, std::chrono::milliseconds(1s));
  }
}

void log_writer::run() {
  std::unique_lock turn(turn_);
  while (!stop_ && !queue_.fenced()) {
    const auto due = queue_.due();
    if (!due) {
      hurry_ = false;
      changed_.wait(turn);
      continue;
    }
    if (const auto left = *due - now(); left > 0us && !hurry_) {
      changed_.wait_for(turn, left);
      continue;
    }
    const auto known = write_until_known(turn);
    if (!known)
      return;
    *known == verdict::done ? queue_.on_durable() : queue_.on_fenced();
    changed_.notify_all();
    const bool fenced = queue_.fenced();
    const std::uint64_t durable = queue_.durable();
    turn.unlock();
    if (!fenced && events_.on_durable)
      events_.on_durable(durable);
    if (fenced && events_.on_fenced)
      events_.on_fenced();
    turn.lock();
  }
}

} // namespace ammo::store
