#include "runtime/host/calls/callback_runner.hpp"

#include "actors/base/host_code.hpp"

#include <algorithm>
#include <atomic>
#include <string_view>

namespace ammo {
namespace {

/// What waits for longer, while callbacks run, gets a thread more.
constexpr std::chrono::milliseconds patience{1};

} // namespace

/// One piece of work on its way through a host's executor: runs once, or is dropped.
class callback_runner::token {
public:
  explicit token(std::shared_ptr<callback_runner> of) : of_(std::move(of)) {}
  token(const token&) = delete;
  token& operator=(const token&) = delete;
  ~token() {
    if (!used_.load())
      of_->dropped();
  }
  void run() {
    if (!used_.exchange(true))
      of_->run_one();
  }

private:
  std::shared_ptr<callback_runner> of_;
  std::atomic<bool> used_{false};
};

std::shared_ptr<callback_runner> callback_runner::start(setup with) {
  std::shared_ptr<callback_runner> out(new callback_runner(std::move(with)));
  lock held(out->guard_);
  out->start_thread();
  return out;
}

void callback_runner::start_thread() {
  threads_.reserve(threads_.size() + 1);
  threads_.emplace_back([me = shared_from_this()] { me->with_.run_on ? me->run_executor() : me->run_own(); });
}

/// Something new waits.
void callback_runner::came(lock& held) {
  bool wake = true;
  if (with_.run_on)
    ++unposted_;
  else
    wake = call_watcher();
  held.unlock();
  if (wake)
    work_.notify_one();
}

/// Sees to it that a thread looks at what waits. A thread woken for each answer would take the processor from the actor that gives the
/// answers, each time: one is enough, and takes more as long as there is more. True: one has to be woken.
bool callback_runner::call_watcher() {
  if (watching_)
    return false;
  if (idle_ > 0)
    return called_ = watching_ = true;
  if (threads_.size() < with_.threads && !closed_)
    try {
      start_thread();
      called_ = watching_ = true;
    } catch (...) { // those that there are go on
    }
  return false;
}

std::uint64_t callback_runner::oldest_turn() const noexcept {
  if (answers_.empty() || pushes_.empty())
    return answers_.empty() ? pushes_.front().turn : answers_.front().turn;
  return std::min(answers_.front().turn, pushes_.front().turn);
}

/// Waits while something waits and the threads that run callbacks leave nothing waiting for long. Where one blocks, they do.
void callback_runner::stand_by(lock& held) {
  while (running_ > 0 && waits() && !closed_) {
    const auto newer = next_turn_;
    ended_watch_.wait_for(held, patience, [this] { return closed_; });
    if (waits() && oldest_turn() < newer)
      return;
  }
}

void callback_runner::answer(room in, std::shared_ptr<work> what, place p) noexcept {
  auto& one = in.front();
  one.what = std::move(what);
  one.held = std::move(p);
  one.trace = trace_scope::current();
  lock held(guard_);
  one.turn = next_turn_++;
  answers_.splice(answers_.end(), in);
  came(held);
}

void callback_runner::push(slate s, std::function<void(bool)> outcome, bool here) {
  lock held(guard_);
  if (!listener_ || closed_ || with_.pushes == 0) {
    const auto other = closed_ || here ? nullptr : elsewhere_;
    held.unlock();
    return other ? (*other)(std::move(s), std::move(outcome)) : outcome(false);
  }
  if (pushes_.size() < with_.pushes) {
    pushes_.push_back({next_turn_++, std::move(s), std::move(outcome), here});
    return came(held);
  }
  auto oldest = std::move(pushes_.front());
  pushes_.pop_front();
  pushes_.push_back({next_turn_++, std::move(s), std::move(outcome), here}); // takes over the turn of the one that is shed
  held.unlock();
  with_.ctx->count.add(counter::pushes_shed, this);
  with_.ctx->refused(this, errc::push_shed);
  oldest.outcome(false);
}

void callback_runner::pass_on(elsewhere to) {
  auto next = to ? std::make_shared<const elsewhere>(std::move(to)) : nullptr;
  lock held(guard_);
  elsewhere_.swap(next);
}

void callback_runner::listen(std::function<void(const slate&)> listener, std::function<bool(user_id)> wanted) {
  auto next = listener ? std::make_shared<const push_listener>(push_listener{std::move(listener), std::move(wanted)}) : nullptr;
  lock held(guard_);
  listener_.swap(next);
}

/// A host's callback must not throw. If it does, the fault stays its own.
template <class F>
void callback_runner::call(F run) noexcept {
  in_host_code here(with_.ctx.get());
  try {
    run();
  } catch (...) {
    with_.ctx->refused(this, errc::callback_failed);
  }
}

/// Does somebody wait for this user's pushes? No, where the host's own answer throws.
bool callback_runner::wants(const push_listener& who, user_id user) noexcept {
  bool wanted = !who.wanted;
  if (!wanted)
    call([&] { wanted = who.wanted(user); });
  return wanted;
}

/// Runs the oldest of what waits, without the lock.
void callback_runner::run_one(lock& held) {
  if (!waits())
    return;
  ++running_;
  if (answers_.size() + pushes_.size() > 1 && !with_.run_on && call_watcher())
    work_.notify_one();
  if (pushes_.empty() || (!answers_.empty() && answers_.front().turn < pushes_.front().turn)) {
    room taken;
    taken.splice(taken.end(), answers_, answers_.begin());
    held.unlock();
    auto& next = taken.front();
    next.held.give_back();
    const trace_scope part_of(std::move(next.trace));
    call([&what = next.what] {
      what->run();
      what = nullptr; // what it holds is the host's, too
    });
  } else {
    auto next = std::move(pushes_.front());
    pushes_.pop_front();
    auto listener = listener_;
    const auto other = closed_ || next.here ? nullptr : elsewhere_;
    held.unlock();
    const bool heard = listener && wants(*listener, next.what.user);
    bool told = false;
    try {
      if (!heard && other)
        (*other)(std::move(next.what), next.outcome);
      else
        next.outcome(heard);
      told = true;
    } catch (...) { // no memory: it counts as shown to nobody, as it does where nothing is heard of it
      with_.ctx->refused(this, errc::push_shed);
    }
    if (heard && told)
      call([&] {
        listener->hear(next.what);
        listener = nullptr; // what it holds is the host's, too
      });
  }
  held.lock();
  --running_;
  if (running_ == 0)
    quiet_.notify_all();
}

void callback_runner::run_one() {
  lock held(guard_);
  run_one(held);
}

void callback_runner::run_own() {
  lock held(guard_);
  for (;;) {
    ++idle_;
    work_.wait(held, [this] { return called_ || closed_ || (waits() && !watching_); }); // the last: what came before this thread did
    --idle_;
    called_ = false;
    watching_ = true;
    stand_by(held);
    watching_ = false;
    while (waits())
      run_one(held);
    if (closed_ && !waits())
      return;
  }
}

/// Hands one token to the executor for each thing that waits. What it drops or throws at runs here.
void callback_runner::run_executor() {
  lock held(guard_);
  for (;;) {
    work_.wait(held, [this] { return unposted_ > 0 || dropped_ > 0 || closed_; });
    if (dropped_ > 0) {
      --dropped_;
      run_one(held);
    } else if (unposted_ > 0) {
      --unposted_;
      ++running_; // the host's code, too
      held.unlock();
      bool handed_on = false;
      try {
        const auto one = std::make_shared<token>(shared_from_this());
        handed_on = true;
        in_host_code here(with_.ctx.get());
        with_.run_on([one] { one->run(); });
      } catch (...) { // a token that there is was dropped
      }
      held.lock();
      if (!handed_on)
        ++dropped_;
      if (--running_ == 0)
        quiet_.notify_all();
    } else {
      return;
    }
  }
}

void callback_runner::dropped() {
  lock held(guard_);
  if (closed_)
    return;
  ++dropped_;
  held.unlock();
  with_.ctx->refused(this, errc::callback_failed);
  work_.notify_one();
}

bool callback_runner::close(std::chrono::milliseconds at_most) {
  lock held(guard_);
  closed_ = true;
  const auto unseen = std::exchange(pushes_, {});
  work_.notify_all();
  ended_watch_.notify_all();
  const auto nothing_left = [this] {
    return running_ == 0 && (with_.run_on ? unposted_ == 0 && dropped_ == 0 : answers_.empty());
  };
  const bool quiet = quiet_.wait_for(held, at_most, nothing_left);
  auto threads = std::exchange(threads_, {});
  held.unlock();
  for (auto& t : threads)
    quiet ? t.join() : t.detach();
  return quiet;
}

} // namespace ammo
