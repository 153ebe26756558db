#include "runtime/cli/node_command.hpp"

#include "ammo/runtime.hpp"
#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/interruption.hpp"
#include "runtime/cli/terminal/log_lines.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/host/cluster/ask_status.hpp"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <thread>

namespace ammo::cli {
namespace {

using namespace std::chrono_literals;

result<options> configured(const member_request& request) {
  auto deployment = options::from_file(request.config);
  if (!deployment)
    return deployment;
  for (const auto& [flag, key, value] : {std::tuple("--name", "node.name", &request.name), {"--listen", "node.listen", &request.listen}, {"--certificates", "node.certificates", &request.certificates}})
    if (!value->empty())
      if (auto done = set(*deployment, flag, key, *value); !done)
        return done.error();
  if (auto done = set_all(*deployment, request.settings); !done)
    return done.error();
  if (deployment->node.name.empty())
    return {errc::missing_key, "which node is this? --name NAME, or name in [node]"};
  if (auto done = find_data(request.data, *deployment); !done)
    return done.error();
  return deployment;
}

void add_options_of_node(CLI::App& to, member_request& request) {
  to.add_option("--config", request.config, "The deployment: a TOML file, the same for all of its nodes")->type_name("FILE")->required();
  to.add_option("--name", request.name, "This node's name among all; else name in [node]")->type_name("NAME");
  to.add_option("--certificates", request.certificates, "Folder with ca.crt, NAME.crt and NAME.key; else certificates in [node]")->type_name("DIR");
}

bool by_usage(errc code) { return code != errc::system_refused && code != errc::not_enough_memory && code != errc::store_unavailable && code != errc::state_in_use; }

} // namespace

CLI::App& add_node_command(CLI::App& app, member_request& request) {
  auto& node = *app.add_subcommand("node", "Play a deployment together with other nodes that have the same state in PostgreSQL");
  add_options_of_node(node, request);
  node.add_option("--listen", request.listen, "Where other nodes reach this one, the host in digits; port 0: any that is free; else listen in [node]")->type_name("HOST:PORT");
  node.add_option("--log", request.log, "What is said on standard error, from that level on: none, error, warning, info, debug")
    ->type_name("LEVEL")
    ->check(CLI::IsMember(log_levels))
    ->capture_default_str();
  node.add_option("--set", request.settings, "Set any key, as in --set slots=8; may be repeated")->type_name("KEY=VALUE")->allow_extra_args(false);
  node.add_option("--data", request.data, "Folder with coin/data, job/data, edu/data; also: $AMMO_DATA")->type_name("DIR");
  node.footer("Standard output has one line, once the node is a member: ready HOST:PORT INCARNATION standby=none,\n"
              "or standby=synchronous where the database's standbys have what is acknowledged, too.\n"
              "SIGINT and SIGTERM end it: it gives what it plays to the other nodes, and writes what is left.\n\n"
              "Example:\n"
              "  ammo node --config films.toml --name a --listen 10.0.0.1:7101\n"
              "  ammo status 10.0.0.1:7101 --config films.toml --name a\n\n"
              "What a cluster of nodes does, and what not yet: docs/cluster.md.");
  return node;
}

int play_node(const member_request& request) {
  auto deployment = configured(request);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  note_interruptions();
  deployment->log = log_lines(request.log);
  auto started = runtime::start(*deployment);
  if (!started)
    return refuse(started.error(), by_usage(started.code()) ? bad_usage : failed);
  auto& rt = **started;
  const auto status = rt.node_status();
  const auto told = nlohmann::json::parse(status ? *status : "{}", nullptr, false);
  if (!put("ready " + told.value("address", "") + ' ' + told.value("incarnation", "") + (told.value("standbys", "").empty() ? " standby=none\n" : " standby=synchronous\n"), stdout))
    return refuse({errc::no_such_file, "standard output is closed"}, failed);
  failure why{errc::ok, {}};
  while (interruption() == 0 && why.code == errc::ok) {
    std::this_thread::sleep_for(50ms);
    why = rt.node_ended();
  }
  const auto ended = rt.stop();
  if (why.code != errc::ok)
    return refuse(why, failed);
  return ended == errc::ok ? 0 : refuse({ended, "while stopping"}, failed);
}

CLI::App& add_status_command(CLI::App& app, status_request& request) {
  auto& status = *app.add_subcommand("status", "Say how a cluster is, as one of its nodes sees it: nodes, units and who has them, links; JSON");
  status.add_option("NODE", request.at, "Where the node listens")->type_name("HOST:PORT")->required();
  add_options_of_node(status, request.as);
  status.footer("It shows the node's own certificate, so it is run where that is.\n\nExample:\n  ammo status 127.0.0.1:7101 --config films.toml --name a");
  return status;
}

int tell_status(const status_request& request) {
  auto deployment = options::from_file(request.as.config);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  if (!request.as.name.empty())
    deployment->node.name = request.as.name;
  if (!request.as.certificates.empty())
    deployment->node.certificates = request.as.certificates;
  const auto told = ask_status(*deployment, request.at, 5s);
  if (!told)
    return refuse(told.error(), failed);
  return put(*told + '\n', stdout) ? 0 : refuse({errc::no_such_file, "standard output is closed"}, failed);
}

} // namespace ammo::cli
