/// `ammo import`: a deployment's state, warmed from a log of decisions.
/// Lives here: the command's flags and texts. May not live here: anything of a log or a state.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ammo::cli {

struct import_request {
  std::string log, deployment, into, data;
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_import_command(CLI::App& app, import_request& request);

/// Runs it. Returns the exit code: 0 all is in, 1 a part of it is, or none, 2 the log, the deployment or the state is no good.
int import(const import_request& request);

} // namespace ammo::cli
