#include "runtime/cli/run_command.hpp"

#include "ammo/simulation.hpp"
#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/interruption.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/cli/terminal/progress_bar.hpp"
#include "runtime/cli/terminal/terminal.hpp"

#include <CLI/CLI.hpp>

#include <array>

namespace ammo::cli {
namespace {

/// A flag that sets one key of the deployment.
struct option_flag {
  const char *flag, *key, *takes, *help;
};

constexpr std::array option_flags{
  option_flag{"--rounds", "simulation.rounds", "N", "Slates for each person"},
  option_flag{"--users", "simulation.users", "N", "How many people there are"},
  option_flag{"--slots", "slots", "N", "Attention slots of a slate, 1 to 64"},
  option_flag{"--seed", "seed", "N", "The same seed gives the same game"},
  option_flag{"--policy", "user.policy", "NAME",
              "How User Buddies choose: thompson, greedy, uniform, epsilon_greedy, c2ucb, sampled_ucb or ftrl"},
  option_flag{"--threads", "threads", "N", "Threads that actors run on; 0: one a core"},
};

/// A flag without a value that sets one key.
struct switch_flag {
  const char* flag;
  bool run_request::*given;
  const char *key, *value, *help;
};

constexpr std::array switch_flags{
  switch_flag{"--no-baselines", &run_request::no_baselines, "simulation.baselines", "false", "Don't play greedy and uniform beside it"},
  switch_flag{"--diagnose", &run_request::diagnose, "simulation.diagnose", "true",
              "Play the game among policies, too: who would gain by another, and where that leads (64 more games)"},
  switch_flag{"--evolve", &run_request::evolve, "evolution.strains", "20", "Let 20 strains of each kind of buddy evolve while they play"},
  switch_flag{"--wire-check", &run_request::wire_check, "wire_check", "true", "Send every message through its msgpack form and back"},
};

/// Lets the flags override the deployment, one by one, so that a refusal names the flag that is to blame.
result<void> override_by(const run_request& request, options& deployment) {
  result<void> done;
  for (const auto& f : option_flags)
    if (auto given = request.given.find(f.flag); done && given != request.given.end())
      done = set(deployment, f.flag, f.key, given->second);
  for (const auto& f : switch_flags)
    if (done && request.*f.given)
      done = set(deployment, f.flag, f.key, f.value);
  return done ? set_all(deployment, request.settings) : done;
}

result<options> read_deployment(const run_request& request) {
  auto deployment = deployment_of(request.target);
  if (!deployment)
    return deployment;
  if (auto done = override_by(request, *deployment); !done)
    return done.error();
  if (auto done = find_data(request.data, *deployment); !done)
    return done.error();
  return deployment;
}

int interrupted(const progress& at) {
  auto share = at.rounds_all == 0 ? 0 : 100 * at.rounds_done / at.rounds_all;
  refuse({errc::cancelled, "interrupted at " + std::to_string(share) + " %; no report was written"}, 0);
  return 128 + interruption();
}

/// The summary, on standard output unless a report goes there.
result<void> tell(const report& played, const output_file& json, const output_file& html) {
  auto* stream = json.is_standard() || html.is_standard() ? stderr : stdout;
  auto text = played.to_text(columns_of(stream), takes_colour(stream));
  for (const auto* file : {&json, &html})
    if (file->is_named())
      text += "Written: " + file->path() + '\n';
  if (!put(text, stream))
    return {errc::no_such_file, "the summary can't be written"};
  return {};
}

result<report> play(const options& deployment, bool with_bar, progress& at) {
  progress_bar bar(stderr, with_bar);
  note_interruptions();
  return simulate(deployment, [&](const progress& now) {
    at = now;
    bar.show(now);
    return interruption() == 0;
  });
}

} // namespace

CLI::App& add_run_command(CLI::App& app, run_request& request) {
  auto& run = *app.add_subcommand("run", "Play a deployment with simulated people, and say what came of it");
  run.add_option("DEPLOYMENT", request.target, "coin, job, edu, all (real data of that kind), or a TOML file")
    ->type_name("")
    ->required();
  const auto* game = "The game, instead of what the deployment says";
  for (const auto& f : option_flags)
    run.add_option_function<std::string>(
         f.flag, [&request, name = f.flag](const std::string& value) { request.given[name] = value; }, f.help)
      ->type_name(f.takes)
      ->group(game);
  for (const auto& f : switch_flags)
    run.add_flag(f.flag, request.*f.given, f.help)->group(game);
  run.add_option("--set", request.settings, "Set any key, as in --set goal.lambda=0.5; may be repeated")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false)
    ->group(game);
  run.add_option("--data", request.data, "Folder with coin/data, job/data, edu/data; also: $AMMO_DATA")
    ->type_name("DIR")
    ->group("Files");
  run.add_option("--report", request.report, "Write the report as JSON; -: to standard output")
    ->type_name("FILE")
    ->group("Files");
  run.add_option("--html", request.html, "Write the report as a page; -: to standard output")
    ->type_name("FILE")
    ->group("Files");
  run.add_flag("-q,--quiet", request.quiet, "No progress bar and no summary");
  run.footer("Examples:\n"
             "  ammo run coin                                  1,434 coins, 435 people, with the defaults\n"
             "  ammo run job --rounds 500 --policy greedy      a shorter game, another policy\n"
             "  ammo run edu --report edu.json --html edu.html for machines and for people\n"
             "  ammo run my.toml --seed 2 --set caps.per_owner=1\n"
             "  ammo run coin --quiet --report - | jq .regret\n\n"
             "The deployments' files, with every key explained, are in examples/deployments.");
  return run;
}

int run(const run_request& request) {
  auto deployment = read_deployment(request);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  output_file json, html;
  if (auto ok = json.open(request.report); !ok)
    return refuse(by_flag(ok.error(), "--report"), bad_usage);
  if (auto ok = html.open(request.html); !ok)
    return refuse(by_flag(ok.error(), "--html"), bad_usage);
  if (json.is_standard() && html.is_standard())
    return refuse({errc::bad_value, "--html: only one report can go to standard output"}, bad_usage);

  progress at;
  auto played = play(*deployment, !request.quiet && is_terminal(stderr), at);
  if (!played)
    return played.code() == errc::cancelled && interruption() != 0 ? interrupted(at) : refuse(played.error(), failed);

  auto written = json.write(played->to_json());
  if (written)
    written = html.write(played->to_html());
  if (written && !request.quiet)
    written = tell(*played, json, html);
  return written ? 0 : refuse(written.error(), failed);
}

} // namespace ammo::cli
