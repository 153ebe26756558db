#include "runtime/cli/state_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/cli/terminal/terminal.hpp"
#include "runtime/state/copying.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace ammo::cli {

CLI::App& add_state_command(CLI::App& app, state_copy_request& request) {
  auto& state = *app.add_subcommand("state", "Copy a deployment's state to another place");
  state.require_subcommand(1);
  auto& copy = *state.add_subcommand("copy", "Copy a state that no runtime has: a folder, or postgresql://…");
  copy.add_option("FROM", request.from, "Where it is")->type_name("")->required();
  copy.add_option("TO", request.to, "An empty folder or database; a folder is made where there is none")->type_name("")->required();
  copy.footer("Examples:\n"
              "  ammo state copy ammo_state postgresql://ammo@db/films\n"
              "  ammo state copy postgresql://ammo@db/films backup_of_today\n\n"
              "Every row is checked against its checksum; FROM stays as it is.\n"
              "Exit codes: 0 copied, 1 it failed, 2 no state at FROM, or something at TO");
  return copy;
}

int copy(const state_copy_request& request) {
  const bool shows = is_terminal(stderr);
  const auto done = copy_state(request.from, request.to, [shows](double share) {
    if (shows)
      std::fprintf(stderr, "\rcopying %3.0f %%", 100 * share);
  });
  if (shows)
    std::fputs("\r\x1b[K", stderr);
  if (!done)
    return refuse(done.error(), done.code() == errc::no_such_file || done.code() == errc::bad_state ? bad_usage : failed);
  const auto said = "Copied " + std::to_string(done->units) + " units: " + std::to_string(done->snapshots) + " snapshots, " +
                    std::to_string(done->blocks) + " blocks of the log, " + std::to_string(done->sleepers) + " sleepers; " +
                    std::to_string(done->bytes) + " bytes\n";
  if (!put(said, stdout))
    return refuse({errc::no_such_file, "standard output is closed"}, failed);
  return 0;
}

} // namespace ammo::cli
