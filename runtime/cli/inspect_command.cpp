#include "runtime/cli/inspect_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/state/decisions/decision_export.hpp"
#include "runtime/state/decisions/decision_records.hpp"
#include "runtime/state/inspection.hpp"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <cstdio>
#include <optional>

namespace ammo::cli {

CLI::App& add_inspect_command(CLI::App& app, inspect_request& request) {
  auto& inspect = *app.add_subcommand("inspect", "Say what a deployment's state holds, and check every checksum in it");
  inspect.add_option("STATE", request.state, "What options.state, or state = \"…\" in TOML, names: a folder, or postgresql://…")->type_name("")->required();
  inspect.add_flag("--json", request.json, "One JSON object a line: the state, then users, Goal Buddies, units, logs, damage");
  auto* decisions = inspect.add_flag("--decisions", request.decisions, "The decision log: a JSON object for each slate that was shown, with its rewards, and for each creation in one");
  inspect.add_option("--day", request.day, "Of the decision log: one day (UTC), as 2026-11-29")->type_name("DAY")->needs(decisions);
  inspect.add_flag("--csv", request.csv, "Of the decision log: CSV, a line for each impression whose propensity is known")->needs(decisions);
  inspect.footer("Examples:\n"
                 "  ammo inspect /var/lib/my_app/ammo\n"
                 "  ammo inspect postgresql://ammo@db/films\n"
                 "  ammo inspect ammo_state --json | jq 'select(.kind == \"user\")'\n"
                 "  ammo inspect ammo_state --decisions --day 2026-11-29 --csv > day.csv\n\n"
                 "Nothing is changed, and a runtime may be using the state meanwhile.\n"
                 "Exit codes: 0 all can be read, 1 something is damaged, 2 no state there");
  return inspect;
}

namespace {

int tell_decisions(const inspect_request& request) {
  std::optional<std::uint32_t> day;
  if (!request.day.empty()) {
    const auto named = day_named(request.day);
    if (!named)
      return refuse(named.error(), bad_usage);
    day = *named;
  }
  bool fits = true;
  const auto told = export_decisions(request.state, day, request.csv, [&](const std::string& line) {
    fits = std::fwrite(line.data(), 1, line.size(), stdout) == line.size();
    return fits;
  });
  if (!told)
    return refuse(told.error(), told.code() == errc::no_such_file ? bad_usage : failed);
  if (!fits || std::fflush(stdout) != 0)
    return refuse({errc::no_such_file, "the decisions can't be written"}, failed);
  if (told->left_out > 0)
    std::fprintf(stderr, "ammo: %llu slates with an unknown propensity were left out\n", static_cast<unsigned long long>(told->left_out));
  return 0;
}

} // namespace

int inspect(const inspect_request& request) {
  if (request.decisions)
    return tell_decisions(request);
  const auto found = inspect_state(request.state);
  if (!found)
    return refuse(found.error(), found.code() == errc::state_damaged ? failed : bad_usage);
  if (!put(request.json ? found->to_json() : found->to_text(), stdout))
    return refuse({errc::no_such_file, "what was found can't be written"}, failed);
  return found->damage.empty() ? 0 : failed;
}

} // namespace ammo::cli
