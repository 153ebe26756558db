/// `ammo node`: one of several processes that play a deployment together, until a signal ends it; `ammo status`: how they are.
/// Lives here: the commands' flags and texts. May not live here: anything of a cluster.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ammo::cli {

/// What the command line asks for; empty: as the configuration says.
struct member_request {
  std::string config;
  std::string name, listen, certificates, data;
  std::string log = "info";          ///< the least level of what is said on standard error
  std::vector<std::string> settings; ///< KEY=VALUE, of --set
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_node_command(CLI::App& app, member_request& request);
/// Plays until SIGINT or SIGTERM. Returns the exit code: 0 ended by a signal, 1 failed, 2 bad usage or configuration.
int play_node(const member_request& request);

struct status_request {
  std::string at;
  member_request as; ///< whose certificate is shown
};
CLI::App& add_status_command(CLI::App& app, status_request& request);
/// Asks a node, and says on standard output what it knows. Returns the exit code.
int tell_status(const status_request& request);

} // namespace ammo::cli
