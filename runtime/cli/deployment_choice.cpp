#include "runtime/cli/deployment_choice.hpp"

#include <cstdio>
#include <filesystem>
#include <system_error>

namespace ammo::cli {

int refuse(const failure& why, int code) {
  std::fprintf(stderr, "ammo: %s\n", why.text().c_str());
  return code;
}

failure by_flag(failure why, const std::string& flag) {
  why.detail = flag + ": " + why.detail;
  return why;
}

result<options> deployment_of(const std::string& target) {
  auto built_in = options::built_in(target);
  std::error_code ignored;
  bool a_file = target.ends_with(".toml") || target.find('/') != target.npos || std::filesystem::exists(target, ignored);
  return built_in || !a_file ? built_in : options::from_file(target);
}

result<void> set(options& deployment, const std::string& flag, const std::string& key, const std::string& value) {
  auto done = deployment.set(key, value);
  return done ? done : by_flag(done.error(), flag);
}

result<void> set_all(options& deployment, const std::vector<std::string>& settings) {
  for (const auto& setting : settings) {
    const auto equals = setting.find('=');
    if (equals == setting.npos)
      return {errc::bad_value, "--set: \"" + setting + "\" is not KEY=VALUE"};
    if (auto done = set(deployment, "--set", setting.substr(0, equals), setting.substr(equals + 1)); !done)
      return done;
  }
  return {};
}

} // namespace ammo::cli
