#include "runtime/cli/state_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/cli/terminal/terminal.hpp"
#include "runtime/state/backup.hpp"
#include "runtime/state/copying.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace ammo::cli {

CLI::App& add_state_command(CLI::App& app, state_copy_request& request) {
  auto& state = *app.add_subcommand("state", "Copy a deployment's state to another place");
  state.require_subcommand(1);
  auto& copy = *state.add_subcommand("copy", "Copy a state and its decisions: a folder, or postgresql://…");
  copy.add_option("FROM", request.from, "Where it is")->type_name("")->required();
  copy.add_option("TO", request.to, "An empty folder or database; a folder is made where there is none")->type_name("")->required();
  copy.footer("Examples:\n"
              "  ammo state copy ammo_state postgresql://ammo@db/films\n"
              "  ammo state copy postgresql://ammo@db/films backup_of_today\n\n"
              "FROM stays as it is. Of a state that no runtime has, every row is checked against its checksum. A runtime may be using FROM where both are\n"
              "folders: the copy is as of one moment, and nothing waits for it.\n"
              "Exit codes: 0 copied, 1 it failed, 2 no state at FROM, or something at TO");
  return copy;
}

namespace {

int told(const std::string& said) { return put(said, stdout) ? 0 : refuse({errc::no_such_file, "standard output is closed"}, failed); }

int copy_in_use(const state_copy_request& request, const failure& in_use) {
  const auto bytes = back_up(request.from, request.to);
  if (!bytes) // one of the two is no folder, or it is TO that is in use
    return refuse(bytes.code() == errc::bad_value ? in_use : bytes.error(), bytes.code() == errc::bad_state ? bad_usage : failed);
  return told("Copied a state in use, as of a moment ago: " + std::to_string(*bytes) + " bytes\n");
}

} // namespace

int copy(const state_copy_request& request) {
  const bool shows = is_terminal(stderr);
  const auto done = copy_state(request.from, request.to, [shows](double share) {
    if (shows)
      std::fprintf(stderr, "\rcopying %3.0f %%", 100 * share);
  });
  if (shows)
    std::fputs("\r\x1b[K", stderr);
  if (done.code() == errc::state_in_use)
    return copy_in_use(request, done.error());
  if (!done)
    return refuse(done.error(), done.code() == errc::no_such_file || done.code() == errc::bad_state ? bad_usage : failed);
  if (auto kept = copy_decisions(request.from, request.to); !kept)
    return refuse(kept.error(), failed);
  const auto said = "Copied " + std::to_string(done->units) + " units: " + std::to_string(done->snapshots) + " snapshots, " +
                    std::to_string(done->blocks) + " blocks of the log, " + std::to_string(done->sleepers) + " sleepers; " +
                    std::to_string(done->bytes) + " bytes\n";
  return told(said);
}

} // namespace ammo::cli
