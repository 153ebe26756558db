#include "ammo/version.hpp"
#include "runtime/cli/import_command.hpp"
#include "runtime/cli/inspect_command.hpp"
#include "runtime/cli/keys_command.hpp"
#include "runtime/cli/load_command.hpp"
#include "runtime/cli/node_command.hpp"
#include "runtime/cli/replay_command.hpp"
#include "runtime/cli/run_command.hpp"
#include "runtime/cli/serve_command.hpp"
#include "runtime/cli/state_command.hpp"
#include "runtime/cli/write_command.hpp"
#include "runtime/config/option_rules.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <exception>
#include <iostream>
#include <string>
#include <vector>

namespace {

/// "--slotz is no flag of ammo run; nearest: --slots".
std::string unexpected(const CLI::App& asked, const std::string& command) {
  auto rest = asked.remaining(true);
  auto flag = std::find_if(rest.begin(), rest.end(), [](const std::string& r) { return r.starts_with('-'); });
  if (flag == rest.end())
    return (rest.empty() ? "something" : '"' + rest.back() + '"') + " is one argument too many for " + command;
  auto name = flag->substr(0, flag->find('='));
  std::vector<std::string> flags;
  for (const auto* option : asked.get_options())
    if (!option->get_lnames().empty())
      flags.push_back("--" + option->get_lnames().front());
  auto meant = ammo::nearest(name, std::vector<std::string_view>(flags.begin(), flags.end()));
  return name + " is no flag of " + command + (meant.empty() ? "" : "; nearest: " + std::string(meant));
}

int usage_error(const CLI::App& app, const CLI::ParseError& e) {
  bool sub = !app.get_subcommands().empty();
  const auto& asked = sub ? *app.get_subcommands().front() : app;
  auto command = sub ? "ammo " + asked.get_name() : "ammo";
  bool extra = dynamic_cast<const CLI::ExtrasError*>(&e) != nullptr;
  std::cerr << "ammo: " << (extra ? unexpected(asked, command) : e.what()) << "\nSee: " << command << " --help\n";
  return 2;
}

int start(int argc, char** argv) {
  CLI::App app{"AMMO: agents that play the attention game.\n"
               "User Buddies choose what a person sees, Goal Buddies create it, and both learn.",
               "ammo"};
  app.set_version_flag("--version", "ammo " + std::string(ammo::version()), "Say which version this is");
  app.require_subcommand(1);
  app.footer("Try:  ammo run coin\n      ammo serve coin\n      ammo write coin \"liquid staking\"\n      ammo inspect STATE\n      ammo run --help\n\n"
             "Exit codes: 0 done, 1 failed, 2 bad usage or configuration, 130 interrupted");
  ammo::cli::run_request request;
  ammo::cli::add_run_command(app, request);
  ammo::cli::write_request writing;
  const auto& write = ammo::cli::add_write_command(app, writing);
  ammo::cli::inspect_request inspecting;
  const auto& inspect = ammo::cli::add_inspect_command(app, inspecting);
  ammo::cli::import_request importing;
  const auto& import = ammo::cli::add_import_command(app, importing);
  ammo::cli::replay_request replaying;
  const auto& replay = ammo::cli::add_replay_command(app, replaying);
  ammo::cli::state_copy_request copying;
  const auto& copy = ammo::cli::add_state_command(app, copying);
  ammo::cli::load_request loading;
  const auto& load = ammo::cli::add_load_command(app, loading);
  ammo::cli::keys_requests keying;
  const auto keys = ammo::cli::add_keys_command(app, keying);
  ammo::cli::serve_request serving;
  const auto& serve = ammo::cli::add_serve_command(app, serving);
  ammo::cli::member_request playing;
  const auto& node = ammo::cli::add_node_command(app, playing);
  ammo::cli::status_request asking;
  const auto& status = ammo::cli::add_status_command(app, asking);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return e.get_exit_code() == 0 ? app.exit(e) : usage_error(app, e);
  }
  if (inspect.parsed())
    return ammo::cli::inspect(inspecting);
  if (import.parsed())
    return ammo::cli::import(importing);
  if (replay.parsed())
    return ammo::cli::replay(replaying);
  if (copy.parsed())
    return ammo::cli::copy(copying);
  if (load.parsed())
    return ammo::cli::load(loading);
  if (const auto done = ammo::cli::run_keys(keys, keying))
    return *done;
  if (serve.parsed())
    return ammo::cli::serve(serving);
  if (node.parsed())
    return ammo::cli::play_node(playing);
  if (status.parsed())
    return ammo::cli::tell_status(asking);
  return write.parsed() ? ammo::cli::write(writing) : ammo::cli::run(request);
}

} // namespace

int main(int argc, char** argv) {
  try {
    return start(argc, argv);
  } catch (const std::exception& e) {
    std::cerr << "ammo: " << e.what() << '\n';
    return 1;
  }
}
