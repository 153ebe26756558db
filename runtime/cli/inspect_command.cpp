#include "runtime/cli/inspect_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/state/inspection.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace ammo::cli {

CLI::App& add_inspect_command(CLI::App& app, inspect_request& request) {
  auto& inspect = *app.add_subcommand("inspect", "Say what a deployment's state holds, and check every checksum in it");
  inspect.add_option("STATE", request.state, "What options.state, or state = \"…\" in TOML, names: a folder, or postgresql://…")->type_name("")->required();
  inspect.add_flag("--json", request.json, "One JSON object a line: the state, then users, Goal Buddies, units, logs, damage");
  inspect.footer("Examples:\n"
                 "  ammo inspect /var/lib/my_app/ammo\n"
                 "  ammo inspect postgresql://ammo@db/films\n"
                 "  ammo inspect ammo_state --json | jq 'select(.kind == \"user\")'\n\n"
                 "Nothing is changed, and a runtime may be using the state meanwhile.\n"
                 "Exit codes: 0 all can be read, 1 something is damaged, 2 no state there");
  return inspect;
}

int inspect(const inspect_request& request) {
  const auto found = inspect_state(request.state);
  if (!found)
    return refuse(found.error(), found.code() == errc::state_damaged ? failed : bad_usage);
  if (!put(request.json ? found->to_json() : found->to_text(), stdout))
    return refuse({errc::no_such_file, "what was found can't be written"}, failed);
  return found->damage.empty() ? 0 : failed;
}

} // namespace ammo::cli
