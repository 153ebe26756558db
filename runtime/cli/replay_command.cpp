#include "runtime/cli/replay_command.hpp"

#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/state/comparison/state_comparison.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace ammo::cli {

CLI::App& add_replay_command(CLI::App& app, replay_request& request) {
  auto& command = *app.add_subcommand("replay", "Play a state's log from its older snapshots to its newer ones, and say whether they are the same to the bit");
  command.add_option("STATE", request.state, "A state that no runtime has: a folder, or postgresql://…")->type_name("")->required();
  command.add_option("DEPLOYMENT", request.deployment, "What it is the state of: coin, job, edu, all or a TOML file")->type_name("")->required();
  command.add_option("--data", request.data, "Folder of the data that the deployment reads")->type_name("DIR");
  command.add_flag("--json", request.json, "One JSON object a line, for each unit");
  command.footer("Examples:\n"
                 "  ammo replay ammo_state films.toml\n"
                 "  ammo replay postgresql://ammo@db/films films.toml --json | jq 'select(.equal | not)'\n\n"
                 "Nothing is changed.\n"
                 "Exit codes: 0 equal, 1 something differs or can't be read, 2 no state there, or not of this deployment");
  return command;
}

int replay(const replay_request& request) {
  auto deployment = deployment_of(request.deployment);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  if (auto found = find_data(request.data, *deployment); !found)
    return refuse(found.error(), bad_usage);
  deployment->state = request.state;
  const auto done = replay_state(*deployment);
  if (!done)
    return refuse(done.error(), done.code() == errc::state_damaged || done.code() == errc::store_unavailable ? failed : bad_usage);
  if (!put(request.json ? done->to_json() : done->to_text(), stdout))
    return refuse({errc::no_such_file, "what was found can't be written"}, failed);
  return done->equal() ? 0 : failed;
}

} // namespace ammo::cli
