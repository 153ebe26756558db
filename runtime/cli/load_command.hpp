/// `ammo load`: sends a table of Goal Buddies to a server.
/// Lives here: the command's flags and texts, and what of a file goes into one request. May not live here: what a server does with it.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace ammo::cli {

struct load_request {
  std::string file;
  std::string to = "http://127.0.0.1:8088";
  std::string trusted;    ///< of https: file with certificates; empty: the system's
  std::string token_file; ///< empty: no token is sent
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_load_command(CLI::App& app, load_request& request);

/// Runs it. Returns the exit code: 0 every row was taken, 1 some were refused or the server didn't answer, 2 bad usage.
int load(const load_request& request);

} // namespace ammo::cli
