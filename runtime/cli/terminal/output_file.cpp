#include "runtime/cli/terminal/output_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

namespace ammo::cli {
namespace {

struct closer {
  void operator()(std::FILE* f) const { std::fclose(f); }
};
using file = std::unique_ptr<std::FILE, closer>;

failure unwritable(const std::string& path) {
  return {errc::no_such_file, path + " can't be written: " + std::strerror(errno)};
}

} // namespace

bool put(const std::string& text, std::FILE* stream) {
  return std::fwrite(text.data(), 1, text.size(), stream) == text.size() && std::fflush(stream) == 0;
}

output_file::~output_file() {
  std::error_code ignored;
  if (made_)
    std::filesystem::remove(path_, ignored);
}

result<void> output_file::open(const std::string& path) {
  if (path.empty() || path == "-") {
    path_ = path;
    return {};
  }
  std::error_code ignored;
  bool existed = std::filesystem::exists(path, ignored);
  // Appending nothing proves that it can be written, and leaves an earlier report alone if the run fails.
  if (file probe{std::fopen(path.c_str(), "ab")}; !probe)
    return unwritable(path);
  path_ = path;
  made_ = !existed;
  return {};
}

result<void> output_file::write(const std::string& text) {
  if (path_.empty())
    return {};
  if (is_standard())
    return put(text, stdout) ? result<void>{} : unwritable("standard output");
  file out{std::fopen(path_.c_str(), "wb")};
  if (!out || !put(text, out.get()))
    return unwritable(path_);
  made_ = false;
  return {};
}

} // namespace ammo::cli
