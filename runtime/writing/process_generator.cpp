#include "runtime/writing/process_generator.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace ammo {
namespace {

constexpr std::size_t ahead = 8;  // requests that the child is sent before it has answered the first
constexpr std::size_t header = 4; // bytes of a frame's length, the most significant first

/// An answer is one text; nothing in it is larger or deeper than that.
wire_limits limits_of(const process_generator_options& o) {
  return {.bytes = o.frame_bytes, .elements = 256, .depth = 8, .text = 8'192, .rows = 0, .unfolded = 0};
}

frame framed(const writing_request& r) {
  frame out(header);
  encode_to(out, r);
  const auto size = static_cast<std::uint32_t>(out.size() - header);
  for (std::size_t i = 0; i < header; ++i)
    out[i] = static_cast<std::byte>(size >> 8 * (header - 1 - i));
  return out;
}

std::size_t length_in(std::span<const std::byte> head) {
  std::size_t size = 0;
  for (const std::byte b : head.first(header))
    size = size << 8 | static_cast<std::size_t>(b);
  return size;
}

} // namespace

result<std::shared_ptr<process_generator>> process_generator::start(process_generator_options options,
                                                                    std::function<void(errc)> noted) {
  auto child = child_process::start(options.command);
  if (!child)
    return child.error();
  std::shared_ptr<process_generator> made(new process_generator(std::move(options), std::move(noted)));
  made->child_.emplace(std::move(*child));
  made->bell_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (made->bell_ < 0)
    return {errc::generator_failed, "no eventfd"};
  made->thread_ = std::thread([g = made.get()] { g->run(); });
  return made;
}

process_generator::process_generator(process_generator_options options, std::function<void(errc)> noted)
  : options_(std::move(options)), noted_(std::move(noted)) {}

process_generator::~process_generator() {
  close();
  if (bell_ >= 0)
    ::close(bell_);
}

void process_generator::waiting::refuse(errc code, const std::string& detail) {
  written_news n;
  n.goal = goal;
  n.request = request;
  n.code = code;
  n.detail = detail;
  done(std::move(n));
}

std::uint64_t process_generator::write(writing_request r, answer done) {
  const auto asked = r.request;
  std::unique_lock lock(changing_);
  const auto id = next_++;
  r.request = id; // of this stream; a Goal Buddy's own numbers may repeat
  const errc code = closed_ ? errc::cancelled : all_.size() >= options_.waiting ? errc::overloaded : errc::ok;
  if (code == errc::ok) {
    all_.emplace(id, waiting{r.goal, asked, std::move(done), options_.time->now() + options_.timeout, framed(r)});
    queue_.push_back(id);
    lock.unlock();
    wake();
    return id;
  }
  lock.unlock();
  r.request = asked;
  done(answer_to(r, code, "the generator " + options_.command[0]));
  return 0;
}

void process_generator::cancel(std::uint64_t ticket) { (void)refuse(ticket, errc::cancelled, {}); }

void process_generator::close() {
  {
    std::lock_guard lock(changing_);
    closed_ = true;
  }
  wake();
  if (thread_.joinable())
    thread_.join();
}

void process_generator::wake() const noexcept {
  const std::uint64_t one = 1;
  if (bell_ >= 0)
    (void)!::write(bell_, &one, sizeof one);
}

void process_generator::run() {
  for (;;) {
    {
      std::lock_guard lock(changing_);
      if (closed_)
        break;
    }
    expire();
    if (alive())
      send_waiting();
    wait_for_news();
  }
  child_.reset();
  std::map<std::uint64_t, waiting> left;
  {
    std::lock_guard lock(changing_);
    left.swap(all_);
    queue_.clear();
  }
  for (auto& [id, w] : left)
    w.refuse(errc::cancelled, {});
}

/// Is there a child to speak to? One that is lost is started again once it is needed, unless it keeps failing.
bool process_generator::alive() {
  if (child_)
    return true;
  std::vector<std::uint64_t> asked;
  {
    std::lock_guard lock(changing_);
    std::erase_if(queue_, [this](auto id) { return !all_.contains(id); });
    asked.assign(queue_.begin(), queue_.end());
  }
  if (asked.empty())
    return false;
  while (!failures_.empty() && options_.time->now() - failures_.front() > options_.restart_window)
    failures_.pop_front();
  if (failures_.size() > options_.restarts) {
    for (auto id : asked)
      refuse(id, errc::generator_failed, options_.command[0] + " keeps failing");
    return false;
  }
  auto started = child_process::start(options_.command);
  if (!started) {
    failures_.push_back(options_.time->now());
    refuse(asked.front(), started.code(), started.error().detail);
    return false;
  }
  child_.emplace(std::move(*started));
  return true;
}

void process_generator::send_waiting() {
  {
    std::lock_guard lock(changing_);
    while (sent_.size() < ahead && !queue_.empty()) {
      const auto id = queue_.front();
      queue_.pop_front();
      const auto found = all_.find(id);
      if (found == all_.end())
        continue;
      if (sent_.empty())
        heard_ = options_.time->now();
      sent_.push_back(id);
      out_.insert(out_.end(), found->second.bytes.begin(), found->second.bytes.end());
    }
  }
  const auto passed = child_->send(out_);
  if (!passed)
    return lose(errc::generator_failed, options_.command[0] + " has ended");
  out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(*passed));
}

/// Until the bell rings, the child speaks, or a deadline passes.
void process_generator::wait_for_news() {
  auto until = options_.time->now() + std::chrono::hours{1};
  {
    std::lock_guard lock(changing_);
    if (!child_ && !queue_.empty())
      return; // it was lost just now: the next one is started at once
    if (!all_.empty())
      until = all_.begin()->second.deadline;
  }
  if (child_ && !sent_.empty())
    until = std::min(until, heard_ + 2 * options_.timeout);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - options_.time->now());
  std::array<pollfd, 2> at{pollfd{bell_, POLLIN, 0}, pollfd{-1, POLLIN, 0}};
  if (child_)
    at[1] = {child_->socket(), static_cast<short>(out_.empty() ? POLLIN : POLLIN | POLLOUT), 0};
  if (::poll(at.data(), at.size(), static_cast<int>(std::max<std::int64_t>(0, left.count()))) <= 0)
    return;
  if (at[0].revents != 0) {
    std::uint64_t rung = 0;
    (void)!::read(bell_, &rung, sizeof rung);
  }
  if (child_ && (at[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
    hear();
}

void process_generator::hear() {
  std::array<std::byte, 16'384> buffer;
  const auto got = child_->receive(buffer);
  if (!got)
    return lose(errc::generator_failed, options_.command[0] + " has ended");
  in_.insert(in_.end(), buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(*got));
  take_frames();
}

void process_generator::take_frames() {
  std::size_t at = 0;
  while (child_ && in_.size() - at >= header) {
    const auto size = length_in(std::span(in_).subspan(at));
    if (size > options_.frame_bytes) // where its next frame begins can't be known
      return lose(errc::frame_too_large, "an answer of " + std::to_string(size) + " bytes, at most " +
                                           std::to_string(options_.frame_bytes));
    if (in_.size() - at - header < size)
      break;
    heard_ = options_.time->now();
    take(std::span(in_).subspan(at + header, size));
    at += header + size;
  }
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(at));
}

/// One answer. What can't be read is the oldest request's.
void process_generator::take(std::span<const std::byte> body) {
  auto news = decode<written_news>(body, nullptr, limits_of(options_));
  if (!news) {
    if (!refuse_oldest(news.code(), "an answer: " + news.error().detail))
      noted_(errc::generator_late);
    return;
  }
  const auto id = news->request;
  const auto answered = std::ranges::find(sent_, id);
  auto w = answered == sent_.end() ? std::nullopt : taken(id);
  if (answered != sent_.end()) {
    sent_.erase(answered);
    std::lock_guard lock(changing_); // what it passed over and nobody waits for, it won't answer
    std::erase_if(sent_, [&](auto older) { return older < id && !all_.contains(older); });
  }
  if (!w)
    return noted_(errc::generator_late);
  news->detail = plain(news->detail, 200);
  news->goal = w->goal;
  news->request = w->request;
  w->done(std::move(*news));
}

/// The child is no use any more. The request that it was at gets the reason; the others wait for the next child.
void process_generator::lose(errc why, const std::string& detail) {
  child_.reset();
  failures_.push_back(options_.time->now());
  out_.clear();
  in_.clear();
  if (!refuse_oldest(why, detail))
    noted_(errc::generator_failed);
  std::lock_guard lock(changing_);
  for (; !sent_.empty(); sent_.pop_back())
    if (all_.contains(sent_.back()))
      queue_.push_front(sent_.back());
}

void process_generator::expire() {
  const auto now = options_.time->now();
  std::vector<std::uint64_t> late;
  {
    std::lock_guard lock(changing_);
    for (const auto& [id, w] : all_) {
      if (w.deadline > now)
        break;
      late.push_back(id);
    }
  }
  for (auto id : late)
    refuse(id, errc::timed_out, "no text within " + std::to_string(options_.timeout.count()) + " ms (goal.generator_timeout_ms)");
  if (child_ && !sent_.empty() && now - heard_ >= 2 * options_.timeout)
    lose(errc::timed_out, options_.command[0] + " says nothing any more");
}

std::optional<process_generator::waiting> process_generator::taken(std::uint64_t id) {
  std::lock_guard lock(changing_);
  auto node = all_.extract(id);
  return node ? std::optional(std::move(node.mapped())) : std::nullopt;
}

bool process_generator::refuse(std::uint64_t id, errc code, const std::string& detail) {
  auto w = taken(id);
  if (w)
    w->refuse(code, detail);
  return w.has_value();
}

bool process_generator::refuse_oldest(errc code, const std::string& detail) {
  std::uint64_t id = 0;
  {
    std::lock_guard lock(changing_);
    const auto found = std::ranges::find_if(sent_, [&](auto s) { return all_.contains(s); });
    if (found == sent_.end())
      return false;
    id = *found;
  }
  return refuse(id, code, detail);
}

} // namespace ammo
