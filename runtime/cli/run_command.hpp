/// `ammo run`: plays a deployment with simulated people and says what came of it.
/// Lives here: the command's flags and texts. May not live here: anything of the game.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ammo::cli {

/// What the command line asks for.
struct run_request {
  std::string target;                       ///< a built-in deployment's name, or a TOML file
  std::map<std::string, std::string> given; ///< value by flag ("--rounds"), of those in `option_flags`
  std::vector<std::string> settings;        ///< KEY=VALUE, of --set
  std::string data, report, html;           ///< empty: not given
  bool wire_check = false, no_baselines = false, diagnose = false, evolve = false, quiet = false;
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_run_command(CLI::App& app, run_request& request);

/// Runs it. Returns the exit code: 0, 1 failed, 2 bad usage or configuration, 128 + signal when interrupted.
int run(const run_request& request);

} // namespace ammo::cli
