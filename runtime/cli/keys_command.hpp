/// `ammo keys`: keys that a server verifies tokens with, tokens, and the certificates of a cluster's nodes.
/// Lives here: the command's flags and texts. May not live here: what a token or a certificate looks like.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ammo::cli {

struct new_key_request {
  std::string folder, kid = "1";
};
struct token_request {
  std::string folder, kid = "1", user;
  std::vector<std::string> verbs{"person"}, subspaces;
  double rate = 0;
  std::uint32_t minutes = 15;
};
struct authority_request {
  std::string folder = "certificates";
  std::uint32_t days = 3650;
};
struct node_request {
  std::string name, authority = "certificates";
  std::vector<std::string> hosts;
  std::uint32_t days = 365;
  bool renews = false;
};
struct removal_request {
  std::string name, authority = "certificates";
};
/// What each subcommand is asked.
struct keys_requests {
  new_key_request fresh;
  token_request token;
  authority_request init;
  node_request node;
  removal_request remove;
};
struct keys_commands {
  CLI::App* fresh = nullptr; ///< `ammo keys new`
  CLI::App* token = nullptr; ///< `ammo keys token`
  CLI::App* init = nullptr;  ///< `ammo keys init`
  CLI::App* node = nullptr;  ///< `ammo keys node`
  CLI::App* remove = nullptr; ///< `ammo keys remove`
};

/// Declares them; the requests are filled in when the subcommands are parsed, and must live until then.
keys_commands add_keys_command(CLI::App& app, keys_requests& requests);

/// Runs the one that was parsed. Gives the exit code: 0, 1 it failed, 2 bad usage; none was parsed: nothing.
std::optional<int> run_keys(const keys_commands& commands, const keys_requests& requests);

} // namespace ammo::cli
