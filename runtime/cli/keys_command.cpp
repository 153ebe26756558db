#include "runtime/cli/keys_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/gateway/keys/token.hpp"
#include "runtime/gateway/text/exchange.hpp"
#include "runtime/node/certificates.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>

namespace ammo::cli {
namespace {

int say(const std::string& text) { return put(text, stdout) ? 0 : refuse({errc::no_such_file, "standard output is closed"}, failed); }

/// A command that writes files: what can't be written is no fault of the usage.
int refuse_files(const failure& why) { return refuse(why, why.code == errc::system_refused ? failed : bad_usage); }

std::string end_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return node::ends_on(std::string(std::istreambuf_iterator<char>(in), {}));
}

int new_key(const new_key_request& request) {
  const auto key = web::fresh_key();
  if (!key)
    return refuse(key.error(), failed);
  if (auto done = web::write_key(request.folder, request.kid, *key); !done)
    return refuse(done.error(), done.code() == errc::bad_value ? bad_usage : failed);
  return say(request.folder + '/' + request.kid + ".pub\n");
}

int make_token(const token_request& request) {
  const auto key = web::read_private_key(request.folder, request.kid);
  if (!key)
    return refuse(key.error(), bad_usage);
  web::claims says{.user = {}, .verbs = request.verbs, .subspaces = request.subspaces, .rate = request.rate, .id = {}};
  if (request.user != "*")
    try {
      says.user = user_id{web::id_of(request.user, "--user")};
    } catch (const web::refusal& why) {
      return refuse({errc::bad_value, why.detail()}, bad_usage);
    }
  says.issued = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  says.expires = says.issued + std::int64_t{60} * request.minutes;
  const auto token = web::make_token(says, request.kid, *key);
  if (token.empty())
    return refuse({errc::system_refused, "libcrypto doesn't sign"}, failed);
  return say(token + '\n');
}

int make_authority(const authority_request& request) {
  if (auto done = node::make_authority(request.folder, std::chrono::hours(24) * request.days); !done)
    return refuse_files(done.error());
  const auto at = request.folder + "/ca";
  return say(at + ".crt  the authority, until " + end_of(at + ".crt") + "; every node needs it\n" +
             at + ".crl  who was removed: nobody yet; every node needs it\n" +
             at + ".key  makes nodes; it stays here\n");
}

int make_node(const node_request& request) {
  const auto make = request.renews ? node::renew_node : node::make_node;
  if (auto done = make(request.authority, request.name, std::chrono::hours(24) * request.days, request.hosts); !done)
    return refuse_files(done.error());
  const auto at = request.authority + '/' + request.name;
  return say(at + ".crt  the node " + request.name + ", until " + end_of(at + ".crt") + '\n' + at + ".key  its key; no other machine needs it\n");
}

int remove_node(const removal_request& request) {
  const auto count = node::remove_node(request.authority, request.name);
  if (!count)
    return refuse_files(count.error());
  return say(request.authority + "/ca.crl  " + request.name + " is removed (" + std::to_string(*count) + (*count == 1 ? " certificate" : " certificates") +
             "); bring it to every node\n");
}

} // namespace

keys_commands add_keys_command(CLI::App& app, keys_requests& requests) {
  auto& keys = *app.add_subcommand("keys", "Make keys, tokens for who may ask a server, and certificates of nodes");
  keys.require_subcommand(1);
  auto& make = *keys.add_subcommand("new", "Make an Ed25519 key: FOLDER/KID.key, which signs tokens, and FOLDER/KID.pub, which a server verifies them with");
  make.add_option("FOLDER", requests.fresh.folder, "Where; it is made where there is none")->type_name("")->required();
  make.add_option("--kid", requests.fresh.kid, "Its name: letters, digits, - and _")->capture_default_str();

  auto& token = requests.token;
  auto& sign = *keys.add_subcommand("token", "Make a token, and say it on standard output");
  sign.add_option("--keys", token.folder, "Folder with the key that signs it")->type_name("FOLDER")->required();
  sign.add_option("--kid", token.kid, "Name of that key")->capture_default_str();
  sign.add_option("--user", token.user, "For whom: a user's id, or * for everybody")->type_name("ID")->required();
  sign.add_option("--verbs", token.verbs, "person, admin, or names of operations of docs/openapi.yaml, with commas between")->delimiter(',')->capture_default_str();
  sign.add_option("--subspaces", token.subspaces, "Those that it reaches, with commas between; none: all")->delimiter(',');
  sign.add_option("--rate", token.rate, "Requests a second; 0: as the server has it")->check(CLI::Range(0.0, 1e6))->capture_default_str();
  sign.add_option("--minutes", token.minutes, "After which it expires")->check(CLI::Range(1, 24 * 60))->capture_default_str();

  auto& init = *keys.add_subcommand("init", "Make a private authority for the nodes of a cluster");
  init.add_option("FOLDER", requests.init.folder, "Where; it is made where there is none")->type_name("")->capture_default_str();
  init.add_option("--days", requests.init.days, "After which it ends, with all that it made")->check(CLI::Range(1, 36'500))->capture_default_str();
  auto& node = *keys.add_subcommand("node", "Make a node's certificate and key: FOLDER/NAME.crt and NAME.key");
  node.add_option("NAME", requests.node.name, "Its name: small letters, digits and -")->type_name("")->required();
  node.add_option("--authority", requests.node.authority, "Folder that ammo keys init has made")->type_name("FOLDER")->capture_default_str();
  node.add_option("--host", requests.node.hosts, "A name or address that its clients know it by, if it serves HTTP by this certificate, too")->type_name("HOST");
  node.add_option("--days", requests.node.days, "After which it ends")->check(CLI::Range(1, 3'650))->capture_default_str();
  node.add_flag("--renew", requests.node.renews, "In the place of the one that it has, which counts until it ends");
  auto& remove = *keys.add_subcommand("remove", "No certificate that a node was given counts any longer");
  remove.add_option("NAME", requests.remove.name, "The node's name")->type_name("")->required();
  remove.add_option("--authority", requests.remove.authority, "Folder that ammo keys init has made")->type_name("FOLDER")->capture_default_str();
  for (auto* of : {&init, &node, &remove})
    of->footer("A node needs ca.crt, ca.crl, NAME.crt and NAME.key in a folder of its own, and takes renewed files while it runs: docs/cluster.md.\n"
               "Keep ca.key and ca.issued where certificates are made.");
  keys.footer("Examples:\n"
              "  ammo keys new ./keys\n"
              "  ammo serve coin --keys ./keys --admin 127.0.0.1:8090\n"
              "  ammo keys token --keys ./keys --user 7\n"
              "  ammo keys token --keys ./keys --user '*' --verbs person,admin --minutes 60\n"
              "  ammo keys init ./certificates\n"
              "  ammo keys node anna --authority ./certificates\n\n"
              "A server needs KID.pub alone: keep KID.key where tokens are made.");
  return {&make, &sign, &init, &node, &remove};
}

std::optional<int> run_keys(const keys_commands& commands, const keys_requests& requests) {
  if (commands.fresh->parsed())
    return new_key(requests.fresh);
  if (commands.token->parsed())
    return make_token(requests.token);
  if (commands.init->parsed())
    return make_authority(requests.init);
  if (commands.node->parsed())
    return make_node(requests.node);
  if (commands.remove->parsed())
    return remove_node(requests.remove);
  return std::nullopt;
}

} // namespace ammo::cli
