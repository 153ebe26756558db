#include "runtime/cli/data_root.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace ammo::cli {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

std::string root_of(const std::string& given, const std::string& said) {
  if (!given.empty())
    return given;
  if (const char* environment = std::getenv("AMMO_DATA"); environment && *environment != '\0')
    return environment;
  if (!said.empty())
    return said;
  std::error_code ignored;
  auto installed = fs::read_symlink("/proc/self/exe", ignored).parent_path().parent_path() / "share/ammo/subspaces";
  return is_folder(installed) ? installed.string() : AMMO_SOURCE_DATA;
}

} // namespace

result<void> find_data(const std::string& given, options& deployment) {
  auto root = root_of(given, deployment.data_root);
  for (const auto& s : deployment.subspaces) {
    auto folder = fs::path(root) / s.kind / "data";
    if (s.kind != "host" && !is_folder(folder))
      return {errc::missing_data, folder.string() + " is not there; say where with --data DIR"};
  }
  deployment.data_root = root;
  return {};
}

} // namespace ammo::cli
