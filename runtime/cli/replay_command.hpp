/// `ammo replay`: whether a state is what its log says.
/// Lives here: the command's flags and texts. May not live here: anything of a state.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ammo::cli {

struct replay_request {
  std::string state, deployment, data;
  bool json = false;
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_replay_command(CLI::App& app, replay_request& request);

/// Runs it. Returns the exit code: 0 equal, 1 something differs or can't be read, 2 there is no state, or it isn't the deployment's.
int replay(const replay_request& request);

} // namespace ammo::cli
