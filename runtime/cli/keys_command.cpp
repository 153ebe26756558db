#include "runtime/cli/keys_command.hpp"

#include "runtime/cli/deployment_choice.hpp"
#include "runtime/cli/terminal/output_file.hpp"
#include "runtime/gateway/keys/token.hpp"
#include "runtime/gateway/text/exchange.hpp"

#include <CLI/CLI.hpp>

#include <chrono>
#include <cstdio>

namespace ammo::cli {

keys_commands add_keys_command(CLI::App& app, new_key_request& fresh, token_request& token) {
  auto& keys = *app.add_subcommand("keys", "Make keys, and tokens for who may ask a server");
  keys.require_subcommand(1);
  auto& make = *keys.add_subcommand("new", "Make an Ed25519 key: FOLDER/KID.key, which signs tokens, and FOLDER/KID.pub, which a server verifies them with");
  make.add_option("FOLDER", fresh.folder, "Where; it is made where there is none")->type_name("")->required();
  make.add_option("--kid", fresh.kid, "Its name: letters, digits, - and _")->capture_default_str();
  auto& sign = *keys.add_subcommand("token", "Make a token, and say it on standard output");
  sign.add_option("--keys", token.folder, "Folder with the key that signs it")->type_name("FOLDER")->required();
  sign.add_option("--kid", token.kid, "Name of that key")->capture_default_str();
  sign.add_option("--user", token.user, "For whom: a user's id, or * for everybody")->type_name("ID")->required();
  sign.add_option("--verbs", token.verbs, "person, admin, or names of operations of docs/openapi.yaml, with commas between")->delimiter(',')->capture_default_str();
  sign.add_option("--subspaces", token.subspaces, "Those that it reaches, with commas between; none: all")->delimiter(',');
  sign.add_option("--rate", token.rate, "Requests a second; 0: as the server has it")->check(CLI::Range(0.0, 1e6))->capture_default_str();
  sign.add_option("--minutes", token.minutes, "After which it expires")->check(CLI::Range(1, 24 * 60))->capture_default_str();
  keys.footer("Examples:\n"
              "  ammo keys new ./keys\n"
              "  ammo serve coin --keys ./keys --admin 127.0.0.1:8090\n"
              "  ammo keys token --keys ./keys --user 7\n"
              "  ammo keys token --keys ./keys --user '*' --verbs person,admin --minutes 60\n\n"
              "A server needs KID.pub alone: keep KID.key where tokens are made.");
  return {&make, &sign};
}

int new_key(const new_key_request& request) {
  const auto key = web::fresh_key();
  if (!key)
    return refuse(key.error(), failed);
  if (auto done = web::write_key(request.folder, request.kid, *key); !done)
    return refuse(done.error(), done.code() == errc::bad_value ? bad_usage : failed);
  return put(request.folder + '/' + request.kid + ".pub\n", stdout) ? 0 : refuse({errc::no_such_file, "standard output is closed"}, failed);
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
  return put(token + '\n', stdout) ? 0 : refuse({errc::no_such_file, "standard output is closed"}, failed);
}

} // namespace ammo::cli
