#include "subspaces/text_file.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace ammo {

result<std::string> text_of_file(const std::string& path, std::size_t most) {
  std::error_code unreadable;
  if (!std::filesystem::is_regular_file(path, unreadable))
    return {errc::no_such_file, std::filesystem::exists(path, unreadable) ? " is no regular file" : ""};
  std::ifstream file(path, std::ios::binary);
  std::string text;
  for (std::size_t read = 1; read > 0 && text.size() < most && file;) {
    const auto before = text.size();
    text.resize(before + std::min(most - before, std::size_t{1} << 16));
    file.read(text.data() + before, static_cast<std::streamsize>(text.size() - before));
    read = static_cast<std::size_t>(file.gcount());
    text.resize(before + read);
  }
  if (file.bad() || !file.is_open())
    return {errc::no_such_file, " can't be read"};
  return text;
}

} // namespace ammo
