/// `ammo keys`: keys that a server verifies tokens with, and tokens.
/// Lives here: the command's flags and texts. May not live here: what a token looks like.
#pragma once

#include <cstdint>
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
struct keys_commands {
  CLI::App* fresh = nullptr; ///< `ammo keys new`
  CLI::App* token = nullptr; ///< `ammo keys token`
};

/// Declares both; the requests are filled in when the subcommands are parsed, and must live until then.
keys_commands add_keys_command(CLI::App& app, new_key_request& fresh, token_request& token);

/// Run them. They return the exit code: 0, 1 it failed, 2 bad usage.
int new_key(const new_key_request& request);
int make_token(const token_request& request);

} // namespace ammo::cli
