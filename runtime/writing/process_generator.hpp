/// A generator in a process of its own: frames of msgpack on its standard streams (docs/generators.md). One thread speaks with
/// it; nobody waits for it.
#pragma once

#include "actors/base/clock.hpp"
#include "actors/goal_buddy/text_generator.hpp"
#include "actors/protocol/codec.hpp"
#include "runtime/writing/child_process.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace ammo {

struct process_generator_options {
  std::vector<std::string> command;
  std::chrono::milliseconds timeout{2'000}; ///< from `write` to the answer
  /// Failures of the child within the window after which it isn't started again until one of them is older.
  std::uint32_t restarts = 5;
  std::chrono::seconds restart_window{60};
  std::size_t frame_bytes = std::size_t{1} << 16; ///< longest answer; a longer one ends the child unread
  std::size_t waiting = 4'096;                    ///< requests; more are refused as `overloaded`
  std::shared_ptr<const time_source> time = machine_time(); ///< never null
};

class process_generator final : public text_generator {
public:
  /// Starts the child at once, so that a command that can't run is known here. `noted`: told of what has no answer of its own:
  /// `generator_late` (answers that came after their time, or to no question), `generator_failed` (the child was lost while
  /// nobody waited). Called on any thread. Errors: `generator_failed`.
  static result<std::shared_ptr<process_generator>> start(process_generator_options options, std::function<void(errc)> noted);
  ~process_generator() override;

  /// Answers, beside those of the interface: `generator_failed` (the child ended, or keeps failing), `timed_out`,
  /// `frame_too_large`, other `frame_…` and `not_finite` (what it sent), `overloaded`, or the code that the child sent.
  std::uint64_t write(writing_request r, answer done) override;
  void cancel(std::uint64_t ticket) override;
  /// Not from a `done`.
  void close() override;

private:
  struct waiting {
    goal_id goal{};
    std::uint64_t request = 0;
    answer done;
    time_source::instant deadline;
    frame bytes; ///< length and frame; kept until answered, should the child have to be started again
    void refuse(errc code, const std::string& detail);
  };
  process_generator(process_generator_options options, std::function<void(errc)> noted);

  void run();
  [[nodiscard]] bool alive();
  void send_waiting();
  void wait_for_news();
  void hear();
  void take_frames();
  void take(std::span<const std::byte> body);
  void lose(errc why, const std::string& detail);
  void expire();
  /// Answers a request with a failure, or the oldest one that the child has; false: there is none.
  bool refuse(std::uint64_t id, errc code, const std::string& detail);
  bool refuse_oldest(errc code, const std::string& detail);
  [[nodiscard]] std::optional<waiting> taken(std::uint64_t id);
  void wake() const noexcept;

  const process_generator_options options_;
  const std::function<void(errc)> noted_;
  std::mutex changing_;
  std::map<std::uint64_t, waiting> all_; ///< asked and not answered, the oldest first
  std::deque<std::uint64_t> queue_;      ///< of those, not sent yet
  std::uint64_t next_ = 1;
  bool closed_ = false;
  int bell_ = -1; ///< an eventfd
  std::thread thread_;
  // Of the thread alone.
  std::optional<child_process> child_;
  std::deque<std::uint64_t> sent_; ///< and not answered by the child, though perhaps out of time
  frame out_, in_;
  time_source::instant heard_{};      ///< the child's last frame, or since when it has something to do
  std::deque<time_source::instant> failures_;
};

} // namespace ammo
