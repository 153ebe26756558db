#include "runtime/writing/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

extern char** environ; // NOLINT: POSIX has no header for it

namespace ammo {
namespace {

failure system_failure(const std::string& what, int code) {
  return {errc::generator_failed, what + ": " + std::generic_category().message(code)};
}

/// In a process group of its own, with the signals as a fresh program expects them.
int set(posix_spawnattr_t& attributes) {
  sigset_t none, usual;
  sigemptyset(&none);
  sigemptyset(&usual);
  for (int s : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGCHLD})
    sigaddset(&usual, s);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  return posix_spawnattr_setflags(&attributes,
                                  POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
}

int spawn(pid_t& pid, int its_end, const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const auto& w : command)
    words.push_back(const_cast<char*>(w.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_adddup2(&actions, its_end, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, its_end, STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  set(attributes);
  const int code = posix_spawnp(&pid, words[0], &actions, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

/// Bytes moved; 0 where the socket would have to wait; nothing where there is nobody at the other end.
std::optional<std::size_t> moved(ssize_t n, bool end_is_zero) noexcept {
  if (n > 0 || (n == 0 && !end_is_zero))
    return static_cast<std::size_t>(n);
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
    return 0;
  return std::nullopt;
}

} // namespace

result<std::vector<std::string>> command_of(std::string_view line) {
  std::vector<std::string> words;
  bool inside = false; // of a word
  char quote = 0;
  for (char c : line) {
    if (quote == 0 && c == ' ') {
      inside = false;
      continue;
    }
    if (!std::exchange(inside, true))
      words.emplace_back();
    if (quote == 0 && (c == '"' || c == '\''))
      quote = c;
    else if (c == quote)
      quote = 0;
    else
      words.back() += c;
  }
  if (quote != 0 || words.empty() || words.front().empty())
    return {errc::bad_value, quote != 0 ? "a quote that doesn't end, in the command " + std::string(line) : "an empty command"};
  return words;
}

result<child_process> child_process::start(const std::vector<std::string>& command) {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return system_failure("no socket pair", errno);
  fcntl(ends[0], F_SETFL, O_NONBLOCK);
  pid_t pid = -1;
  const int code = spawn(pid, ends[1], command);
  close(ends[1]);
  if (code == 0)
    return child_process(pid, ends[0]);
  close(ends[0]);
  return system_failure('"' + command[0] + "\" can't be started", code);
}

child_process::~child_process() {
  if (socket_ >= 0)
    close(socket_);
  if (pid_ <= 0)
    return;
  kill(-pid_, SIGKILL);
  kill(pid_, SIGKILL); // before it was in its group
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::size_t> child_process::send(std::span<const std::byte> bytes) noexcept {
  return moved(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), false);
}

std::optional<std::size_t> child_process::receive(std::span<std::byte> bytes) noexcept {
  return moved(::recv(socket_, bytes.data(), bytes.size(), 0), true);
}

} // namespace ammo
