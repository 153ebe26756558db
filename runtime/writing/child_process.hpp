/// A program of somebody else's, which is spoken to through its standard input and output. Nothing it does raises a signal
/// here: both are one end of a socket pair.
#pragma once

#include "actors/base/result.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <utility>
#include <vector>

namespace ammo {

/// The words of a command line; quotes, single or double, keep blanks. Errors: `bad_value` (empty, an open quote).
[[nodiscard]] result<std::vector<std::string>> command_of(std::string_view line);

class child_process {
public:
  /// Starts `command[0]`, looked up in PATH, with no file open but its standard ones; the error stream goes nowhere. Errors:
  /// `generator_failed`, with the system's reason.
  static result<child_process> start(const std::vector<std::string>& command);
  child_process(child_process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)) {}
  child_process& operator=(child_process&&) = delete;
  /// Kills it, with all that it has started in its process group, and waits for its end.
  ~child_process();

  [[nodiscard]] int socket() const noexcept { return socket_; } ///< to poll
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// How many bytes were passed on, without waiting; nothing: it has ended.
  [[nodiscard]] std::optional<std::size_t> send(std::span<const std::byte> bytes) noexcept;
  [[nodiscard]] std::optional<std::size_t> receive(std::span<std::byte> bytes) noexcept;

private:
  child_process(pid_t pid, int socket) noexcept : pid_(pid), socket_(socket) {}
  pid_t pid_;
  int socket_; // not blocking
};

} // namespace ammo
