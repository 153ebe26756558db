/// `ammo inspect`: what a state holds, and whether all of it can be read.
/// Lives here: the command's flags and texts. May not live here: anything of a state.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ammo::cli {

struct inspect_request {
  std::string state; ///< the folder
  bool json = false;
  bool decisions = false, csv = false;
  std::string day; ///< as 2026-11-29; empty: all
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_inspect_command(CLI::App& app, inspect_request& request);

/// Runs it. Returns the exit code: 0, 1 something is damaged, 2 there is no state.
int inspect(const inspect_request& request);

} // namespace ammo::cli
