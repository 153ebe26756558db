#include "runtime/cli/import_command.hpp"

#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/cli/terminal/terminal.hpp"
#include "runtime/state/decisions/importing.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <string>

namespace ammo::cli {

CLI::App& add_import_command(CLI::App& app, import_request& request) {
  auto& command = *app.add_subcommand("import", "Warm a deployment's state from a log of what people were shown and liked, of AMMO or of another recommender");
  command.add_option("LOG", request.log, "A CSV file, a line for each item that somebody was shown")->type_name("")->required();
  command.add_option("DEPLOYMENT", request.deployment, "coin, job, edu, all or a TOML file: by what it is learned")->type_name("")->required();
  command.add_option("--into", request.into, "The state: a folder, or postgresql://…; what the deployment says where this is left out")->type_name("STATE");
  command.add_option("--data", request.data, "Folder of the data that the deployment reads")->type_name("DIR");
  command.footer("Columns of LOG, in any order:\n"
                 "  user        a whole number\n"
                 "  time        seconds since 1970, with or without a fraction\n"
                 "  item        its name, any text\n"
                 "  slot        from 0, in the slate\n"
                 "  propensity  with which it was in the slate, above 0 and at most 1; empty: unknown\n"
                 "  reward      a number; empty: none came, and nothing is learned\n"
                 "and, where they are there:\n"
                 "  embedding   in the first line of an item: its coordinates, with one space between\n"
                 "  text        in place of that: words that the subspace's content knows\n"
                 "  subspace    its name; needed where the deployment has several\n"
                 "  round       tells two slates of one user and time apart\n"
                 "  situation   in which the user asked: its number in the deployment, from 1; 0: none\n"
                 "Lines that follow each other with the same user, time and round are a slate.\n\n"
                 "Examples:\n"
                 "  ammo import history.csv films.toml --into films_state\n"
                 "  ammo inspect old_state --decisions --csv > log.csv && ammo import log.csv films.toml --into new_state\n\n"
                 "The whole file is checked before anything is written. A user whom the state has already is refused.\n"
                 "Exit codes: 0 all is in, 1 it ended early: what is in by then is said, 2 nothing is in");
  return command;
}

int import(const import_request& request) {
  auto deployment = deployment_of(request.deployment);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  if (auto found = find_data(request.data, *deployment); !found)
    return refuse(found.error(), bad_usage);
  if (!request.into.empty())
    deployment->state = request.into;
  if (deployment->state.empty())
    return refuse({errc::bad_value, "no state to import into: --into STATE"}, bad_usage);
  const bool shows = is_terminal(stderr);
  const auto done = import_log(*deployment, request.log, [shows](double share) {
    if (shows)
      std::fprintf(stderr, "\rimporting %3.0f %%", 100 * share);
  });
  if (shows)
    std::fputs("\r\x1b[K", stderr);
  if (!done)
    return refuse(done.error(), bad_usage);
  const auto said = std::string(done->why ? "Imported, before it ended, " : "Imported ") + std::to_string(done->users) + " users, " + std::to_string(done->slates) +
                    " slates of " + std::to_string(done->items) + " items, " + std::to_string(done->rewards) + " rewards; " + std::to_string(done->without_reward) +
                    " lines without a reward\n";
  if (!put(said, stdout))
    return refuse({errc::no_such_file, "standard output is closed"}, failed);
  return done->why ? refuse(*done->why, failed) : 0;
}

} // namespace ammo::cli
