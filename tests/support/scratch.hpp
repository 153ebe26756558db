/// A folder of a test's own, gone when the test is.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

struct scratch {
  std::filesystem::path folder;
  explicit scratch(std::string_view name)
    : folder(std::filesystem::temp_directory_path() / (std::string(name) + '.' + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder);
  }
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  ~scratch() { std::filesystem::remove_all(folder); }

  /// Writes a file, its folders included, and gives its path.
  std::string write(const std::string& name, std::string_view text) const {
    auto path = folder / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }
};
