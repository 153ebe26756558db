/// `ammo write`: what the Goal Buddies whom some words concern would write for them.
/// Lives here: the command's flags and texts. May not live here: anything of the writing.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ammo::cli {

struct write_request {
  std::string target, words;       ///< a built-in deployment's name or a TOML file; what somebody looks for
  std::string generator;           ///< empty: the deployment's, or the template
  std::uint32_t count = 3;
  double reach = 0.7, length = 0.4;
  std::string seed;                ///< empty: the deployment's
  std::string data, html;
  std::vector<std::string> settings; ///< KEY=VALUE, of --set
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_write_command(CLI::App& app, write_request& request);

/// Runs it. Returns the exit code: 0, 1 nothing was written, 2 bad usage or configuration.
int write(const write_request& request);

} // namespace ammo::cli
