#include "runtime/cli/write_command.hpp"

#include "ammo/writing.hpp"
#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>

namespace ammo::cli {
namespace {

result<options> read_deployment(const write_request& request) {
  auto deployment = deployment_of(request.target);
  if (!deployment)
    return deployment;
  if (!request.generator.empty())
    deployment->goal.generator = request.generator;
  if (!request.seed.empty())
    if (auto done = set(*deployment, "--seed", "seed", request.seed); !done)
      return done.error();
  if (auto done = set_all(*deployment, request.settings); !done)
    return done.error();
  if (auto done = find_data(request.data, *deployment); !done)
    return done.error();
  return deployment;
}

} // namespace

CLI::App& add_write_command(CLI::App& app, write_request& request) {
  auto& write = *app.add_subcommand("write", "Have Goal Buddies write for what somebody looks for, and say what it would cost");
  write.add_option("DEPLOYMENT", request.target, "coin, job, edu, all (real data of that kind), or a TOML file")
    ->type_name("")
    ->required();
  write.add_option("WORDS", request.words, "What somebody looks for")->type_name("")->required();
  const auto* style = "How it is written";
  write.add_option("--count", request.count, "How many Goal Buddies of each subspace write")->type_name("N")->check(CLI::Range(1, 1000))->group(style);
  write.add_option("--reach", request.reach, "How much they speak of WORDS beside the facts, 0 to 1")->type_name("X")->check(CLI::Range(0.0, 1.0))->group(style);
  write.add_option("--length", request.length, "How much of the facts they tell, 0 to 1")->type_name("X")->check(CLI::Range(0.0, 1.0))->group(style);
  write.add_option("--seed", request.seed, "Another seed gives other texts")->type_name("N")->group(style);
  write.add_option("--generator", request.generator, "A program that writes, with its arguments; it speaks msgpack on its standard streams")
    ->type_name("\"CMD ARG\"")
    ->group(style);
  write.add_option("--set", request.settings, "Set any key, as in --set goal.generator_timeout_ms=500; may be repeated")
    ->type_name("KEY=VALUE")
    ->allow_extra_args(false)
    ->group(style);
  write.add_option("--data", request.data, "Folder with coin/data, job/data, edu/data; also: $AMMO_DATA")->type_name("DIR")->group("Files");
  write.add_option("--html", request.html, "Write a page of them; -: to standard output")->type_name("FILE")->group("Files");
  write.footer("Examples:\n"
               "  ammo write coin \"liquid staking\"\n"
               "  ammo write job \"working with children\" --count 5 --html jobs.html\n"
               "  ammo write edu \"machine learning\" --generator ./my_model\n\n"
               "A generator's frames are described in docs/generators.md.");
  return write;
}

int write(const write_request& request) {
  auto deployment = read_deployment(request);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  output_file html;
  if (auto ok = html.open(request.html); !ok)
    return refuse(by_flag(ok.error(), "--html"), bad_usage);
  const auto written = write_drafts(*deployment, {request.words, request.count, {request.reach, request.length}});
  if (!written)
    return refuse(written.error(), bad_usage);
  auto done = html.write(written->to_html());
  if (done && !put(written->to_text() + (html.is_named() ? "Written: " + html.path() + '\n' : ""), html.is_standard() ? stderr : stdout))
    done = {errc::no_such_file, "the texts can't be written"};
  if (!done)
    return refuse(done.error(), failed);
  return std::ranges::any_of(written->all, [](const auto& d) { return d.code == errc::ok; }) ? 0 : failed;
}

} // namespace ammo::cli
