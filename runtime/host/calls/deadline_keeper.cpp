#include "runtime/host/calls/deadline_keeper.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ammo {

bool deadline_book::add(std::shared_ptr<ticket> t) {
  if (tickets_.size() >= sweep_at_)
    forget_answered();
  auto at = tickets_.end();
  while (at != tickets_.begin() && t->due() < (*std::prev(at))->due())
    --at;
  const bool first = at == tickets_.begin();
  tickets_.insert(at, std::move(t));
  return first;
}

void deadline_book::forget_answered() {
  std::erase_if(tickets_, [](const auto& t) { return t->ended(); });
  sweep_at_ = std::max<std::size_t>(1'024, 2 * tickets_.size());
}

std::optional<time_source::instant> deadline_book::next() {
  while (!tickets_.empty() && tickets_.front()->ended())
    tickets_.pop_front();
  return tickets_.empty() ? std::nullopt : std::optional(tickets_.front()->due());
}

std::vector<std::shared_ptr<ticket>> deadline_book::due(time_source::instant now) {
  std::vector<std::shared_ptr<ticket>> out;
  for (auto first = next(); first && *first <= now; first = next()) {
    out.push_back(std::move(tickets_.front()));
    tickets_.pop_front();
  }
  return out;
}

deadline_keeper::deadline_keeper(std::shared_ptr<const time_source> time, std::chrono::milliseconds timeout)
  : time_(std::move(time)), timeout_(timeout), thread_([this] { run(); }) {}

deadline_keeper::~deadline_keeper() {
  {
    std::lock_guard held(guard_);
    over_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void deadline_keeper::keep(std::shared_ptr<ticket> t) {
  std::unique_lock held(guard_);
  const bool first = book_.add(std::move(t));
  const bool wake = std::exchange(idle_, false) || first; // else it looks before this one is due
  held.unlock();
  if (wake)
    changed_.notify_one();
}

void deadline_keeper::end_all() {
  std::unique_lock held(guard_);
  const auto all = book_.take_all();
  held.unlock();
  for (const auto& t : all)
    t->answer(failure{errc::stopped, {}});
}

void deadline_keeper::run() {
  std::unique_lock held(guard_);
  while (!over_) {
    const auto next = book_.next();
    if (!next) {
      idle_ = true;
      changed_.wait(held);
      idle_ = false;
      continue;
    }
    if (const auto now = time_->now(); now < *next) {
      changed_.wait_for(held, *next - now);
      continue;
    }
    const auto late = book_.due(time_->now());
    held.unlock();
    for (const auto& t : late)
      t->expire(timeout_);
    held.lock();
  }
}

} // namespace ammo
