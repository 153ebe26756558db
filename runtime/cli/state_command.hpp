/// `ammo state copy`: a state from one place to another.
/// Lives here: the command's flags and texts. May not live here: anything of a state.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ammo::cli {

struct state_copy_request {
  std::string from, to; ///< a folder, or postgresql://…
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then. Gives back `ammo state copy`.
CLI::App& add_state_command(CLI::App& app, state_copy_request& request);

/// Runs it. Returns the exit code: 0, 1 it failed, 2 there is no state, or one at the target.
int copy(const state_copy_request& request);

} // namespace ammo::cli
