/// The host of state_host.cpp as a process of its own, which the test may kill or freeze.
#pragma once

#include <catch2/catch.hpp>

#include <csignal>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <utility>
#include <vector>

extern char** environ; // NOLINT

namespace ammo::test {

class state_host_process {
public:
  state_host_process(const std::string& state, const std::string& record, int seed) {
    std::vector<std::string> words{AMMO_STATE_HOST, state, record, std::to_string(seed)};
    std::vector<char*> arguments;
    for (auto& w : words)
      arguments.push_back(w.data());
    arguments.push_back(nullptr);
    REQUIRE(::posix_spawn(&process_, words[0].c_str(), nullptr, nullptr, arguments.data(), environ) == 0);
  }
  state_host_process(const state_host_process&) = delete;
  state_host_process& operator=(const state_host_process&) = delete;
  ~state_host_process() {
    if (process_ > 0) {
      (void)::kill(process_, SIGKILL);
      (void)::waitpid(process_, nullptr, 0);
    }
  }

  void kill() {
    REQUIRE(::kill(process_, SIGKILL) == 0);
    int status = 0;
    REQUIRE(::waitpid(std::exchange(process_, 0), &status, 0) > 0);
    REQUIRE(WIFSIGNALED(status)); // it didn't end by itself
  }
  /// Has it ended by itself?
  [[nodiscard]] bool ended() {
    if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_)
      process_ = 0;
    return process_ == 0;
  }
  void freeze() const { REQUIRE(::kill(process_, SIGSTOP) == 0); }
  void thaw() const { REQUIRE(::kill(process_, SIGCONT) == 0); }
  [[nodiscard]] ::pid_t number() const noexcept { return process_; }

private:
  ::pid_t process_ = 0;
};

} // namespace ammo::test
