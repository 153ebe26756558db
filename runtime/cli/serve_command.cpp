#include "runtime/cli/serve_command.hpp"

#include "ammo/runtime.hpp"
#include "runtime/cli/data_root.hpp"
#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/interruption.hpp"
#include "runtime/cli/terminal/log_lines.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/cli/simulated_people.hpp"
#include "runtime/gateway/gateway.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <thread>

namespace ammo::cli {
namespace {

result<options> read_deployment(const serve_request& request) {
  auto deployment = deployment_of(request.target);
  if (!deployment)
    return deployment;
  if (!request.state.empty())
    deployment->state = request.state;
  if (auto done = set_all(*deployment, request.settings); !done)
    return done.error();
  if (auto done = find_data(request.data, *deployment); !done)
    return done.error();
  if (deployment->goal.generator.empty()) { // people may ask Goal Buddies, who move as they did all the same
    deployment->goal.generator = "template";
    if (deployment->goal.policy.empty())
      deployment->goal.policy = "static";
  }
  return deployment;
}

/// Is a failure to start the fault of what was typed?
bool of_usage(errc code) { return code != errc::system_refused && code != errc::not_enough_memory && code != errc::store_unavailable; }

/// Whose value the gateway complains about.
std::string flag_of(const failure& why, const serve_request& request) {
  for (const auto& [flag, value] : {std::pair{"--rpc", &request.rpc}, {"--admin", &request.admin}, {"--keys", &request.keys}, {"--key", &request.certificate_key}, {"--certificate", &request.certificate}})
    if (!value->empty() && *value != request.listen && why.detail.find(*value) != std::string::npos)
      return flag;
  return "--listen";
}

void wait_for_signal() {
  while (interruption() == 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
}

} // namespace

CLI::App& add_serve_command(CLI::App& app, serve_request& request) {
  auto& serve = *app.add_subcommand("serve", "Run a deployment live behind HTTP, for people, programs and operators");
  serve.add_option("DEPLOYMENT", request.target, "coin, job, edu, all (real data of that kind), or a TOML file")
    ->type_name("")
    ->required();
  serve.add_option("--listen", request.listen, "Where to listen; port 0: any that is free. Beyond loopback only with --certificate and --keys")->type_name("HOST:PORT")->capture_default_str();
  serve.add_option("--rpc", request.rpc, "Where to speak msgpack-RPC, too; port 0: any that is free")->type_name("HOST:PORT");
  auto* certificate = serve.add_option("--certificate", request.certificate, "Certificate in PEM: everything is spoken by TLS 1.3. Renewed files are taken as they change")->type_name("FILE");
  serve.add_option("--key", request.certificate_key, "The certificate's key in PEM, without a password")->type_name("FILE")->needs(certificate);
  serve.add_option("--keys", request.keys, "Folder with public keys KID.pub: who has no token is refused; `ammo keys new` makes one")->type_name("DIR");
  serve.add_option("--admin", request.admin, "Where operations for admins are taken, with --keys: Goal Buddies, statistics, metrics")->type_name("HOST:PORT");
  serve.add_option("--state", request.state, "Folder in which everything that is learned survives a restart; none: in memory")->type_name("DIR");
  serve.add_option("--people", request.people, "So many simulated people play beside whoever comes")->type_name("N")->check(CLI::Range(0, 10'000));
  serve.add_option("--log", request.log, "What is said on standard error, from that level on: none, error, warning, info, debug (each request, too)")
    ->type_name("LEVEL")
    ->check(CLI::IsMember(log_levels))
    ->capture_default_str();
  serve.add_option("--set", request.settings, "Set any key, as in --set slots=8; may be repeated")->type_name("KEY=VALUE")->allow_extra_args(false);
  serve.add_option("--data", request.data, "Folder with coin/data, job/data, edu/data; also: $AMMO_DATA")->type_name("DIR");
  serve.footer("Standard output has one line, once requests are taken: ready http://127.0.0.1:8088\n"
               "then, with --rpc, ready msgpack-rpc://127.0.0.1:8089, and with --admin, ready admin http://127.0.0.1:8090\n"
               "SIGINT and SIGTERM end it: answers under way leave, and what was learned is kept where there is a --state.\n\n"
               "Examples:\n"
               "  ammo serve coin\n"
               "  ammo serve all --people 100 --state ./state\n"
               "  ammo serve coin --listen 0.0.0.0:8443 --certificate site.pem --key site.key --keys ./keys\n"
               "  curl -X PUT http://127.0.0.1:8088/v1/users/7\n"
               "  curl http://127.0.0.1:8088/v1/users/7/slate?slots=3\n\n"
               "All paths: docs/gateway.md.");
  return serve;
}

int serve(const serve_request& request) {
  auto deployment = read_deployment(request);
  if (!deployment)
    return refuse(deployment.error(), bad_usage);
  deployment->log = log_lines(request.log);
  note_interruptions();
  auto started = runtime::start(*deployment);
  if (!started)
    return refuse(started.error(), of_usage(started.code()) ? bad_usage : failed);
  auto& rt = **started;
  auto people = simulated_people::start(rt, *deployment, request.people);
  if (!people)
    return refuse(by_flag(people.error(), "--people"), failed);
  gateway_options with;
  with.listen = request.listen;
  with.rpc = request.rpc;
  with.certificate = request.certificate;
  with.certificate_key = request.certificate_key;
  with.keys = request.keys;
  with.admin = request.admin;
  with.figures = [&p = **people] { return p.figures(); };
  auto door = gateway::start(rt, *deployment, std::move(with));
  if (!door)
    return refuse(by_flag(door.error(), flag_of(door.error(), request)), of_usage(door.code()) ? bad_usage : failed);
  const std::string secure = request.certificate.empty() ? "" : "s";
  std::string ready = "ready http" + secure + "://" + (*door)->address() + '\n';
  if (!request.rpc.empty())
    ready += "ready msgpack-rpc" + secure + "://" + (*door)->rpc_address() + '\n';
  if (!request.admin.empty())
    ready += "ready admin http" + secure + "://" + (*door)->admin_address() + '\n';
  if (!put(ready, stdout))
    return refuse({errc::no_such_file, "standard output is closed"}, failed);
  wait_for_signal();
  (*door)->stop();
  (*people)->stop();
  const auto ended = rt.stop();
  return ended == errc::ok ? 0 : refuse({ended, "while stopping"}, failed);
}

} // namespace ammo::cli
