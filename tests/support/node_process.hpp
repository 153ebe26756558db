/// Nodes of a cluster for tests: the deployment that they play, and `ammo node` as a process that a test may kill or freeze.
#pragma once

#include "ammo/runtime.hpp"
#include "runtime/node/certificates.hpp"
#include "tests/support/private_postgres.hpp"
#include "tests/support/scratch.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

extern char** environ; // NOLINT

namespace ammo::test {

/// A database, certificates and a file for nodes of one deployment.
class cluster_place {
public:
  /// `lease_ms`: short where nodes are killed; where none is, no machine is so slow that a lease runs out.
  explicit cluster_place(std::vector<std::string> names = {"a", "b", "c"}, int lease_ms = 900) : in_("ammo_cluster"), state_(new_postgres_database()) {
    REQUIRE(node::make_authority(certificates()));
    for (const auto& name : names)
      REQUIRE(node::make_node(certificates(), name));
    config_ = in_.write("films.toml", "name = \"films\"\nslots = 3\nthreads = 2\nstate = \"" + state_ +
                                        "\"\n[[subspace]]\nname = \"film\"\nwidth = 2\n[goal]\npolicy = \"static\"\n[user]\nbroadcast = \"ignored\"\n"
                                        "[limits]\nimpression_days = 10000\n[durability]\nlease_ms = " + std::to_string(lease_ms) +
                                        "\ncommit_ms = 0\n[node]\ncertificates = \"" +
                                        certificates() + "\"\nlisten = \"127.0.0.1:0\"\n");
  }
  [[nodiscard]] std::string certificates() const { return (in_.folder / "certificates").string(); }
  [[nodiscard]] const std::string& config() const noexcept { return config_; }
  [[nodiscard]] const std::string& state() const noexcept { return state_; }
  /// Of a node in this process.
  [[nodiscard]] options of(const std::string& name) const {
    auto o = options::from_file(config_);
    INFO((o ? std::string{} : o.error().text()));
    REQUIRE(o);
    o->node.certificates = certificates();
    o->node.name = name;
    return *o;
  }

private:
  scratch in_;
  std::string state_, config_;
};

/// `ammo node` as a process of its own. Ready when it is made.
class node_process {
public:
  node_process(const cluster_place& of, const std::string& name, std::vector<std::string> more = {}) {
    std::vector<std::string> words{AMMO_COMMAND, "node", "--config", of.config(), "--name", name, "--certificates", of.certificates()};
    words.insert(words.end(), more.begin(), more.end());
    std::vector<char*> arguments;
    for (auto& w : words)
      arguments.push_back(w.data());
    arguments.push_back(nullptr);
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, ends[1], STDOUT_FILENO);
    REQUIRE(::posix_spawn(&process_, words[0].c_str(), &files, nullptr, arguments.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&files);
    ::close(ends[1]);
    out_ = ends[0];
    for (char c; said_.empty() || said_.back() != '\n';) {
      pollfd waits{out_, POLLIN, 0};
      if (::poll(&waits, 1, 60'000) != 1 || ::read(out_, &c, 1) != 1)
        break;
      said_ += c;
    }
  }
  node_process(const node_process&) = delete;
  node_process& operator=(const node_process&) = delete;
  ~node_process() {
    if (process_ > 0) {
      (void)::kill(process_, SIGKILL);
      (void)::waitpid(process_, nullptr, 0);
    }
    ::close(out_);
  }

  /// "ready 127.0.0.1:41234 0123…\n"; empty: it ended before.
  [[nodiscard]] const std::string& said() const noexcept { return said_; }
  [[nodiscard]] std::string address() const {
    const auto from = said_.find(' ') + 1;
    return said_.substr(from, said_.find(' ', from) - from);
  }
  void freeze() const { REQUIRE(::kill(process_, SIGSTOP) == 0); }
  void thaw() const { REQUIRE(::kill(process_, SIGCONT) == 0); }
  void kill() { REQUIRE(WIFSIGNALED(ended_by(SIGKILL))); }
  /// Its exit code.
  int terminate() {
    const int status = ended_by(SIGTERM);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  /// Of one that ends by itself.
  int wait() { return ended_by(0); }

private:
  int ended_by(int signal) {
    if (signal != 0)
      REQUIRE(::kill(process_, signal) == 0);
    int status = 0;
    REQUIRE(::waitpid(std::exchange(process_, 0), &status, 0) > 0);
    return status;
  }
  ::pid_t process_ = 0;
  int out_ = -1;
  std::string said_;
};

inline nlohmann::json status_of(runtime& rt) {
  const auto told = rt.node_status();
  INFO((told ? std::string{} : told.error().text()));
  REQUIRE(told);
  return nlohmann::json::parse(*told);
}
inline bool serves(runtime& rt) { return status_of(rt).at("serves").get<bool>(); }

} // namespace ammo::test
