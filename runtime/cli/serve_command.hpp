/// `ammo serve`: a live deployment behind HTTP, until a signal ends it.
/// Lives here: the command's flags and texts. May not live here: anything of HTTP.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace ammo::cli {

/// What the command line asks for.
struct serve_request {
  std::string target;                       ///< a built-in deployment's name, or a TOML file
  std::string listen = "127.0.0.1:8088";
  std::string rpc, keys, admin;             ///< empty: not given
  std::string certificate, certificate_key; ///< empty: not given
  std::string state, data;                  ///< empty: not given
  std::string log = "warning";              ///< the least level of what is said on standard error
  std::uint32_t people = 0;                 ///< simulated ones
  std::vector<std::string> settings;        ///< KEY=VALUE, of --set
};

/// Declares the subcommand; `request` is filled in when it is parsed and must live until then.
CLI::App& add_serve_command(CLI::App& app, serve_request& request);

/// Serves until SIGINT or SIGTERM. Returns the exit code: 0 ended by a signal, 1 failed, 2 bad usage or configuration.
int serve(const serve_request& request);

} // namespace ammo::cli
