/// The folder that a state is in: one process has it at a time.
#pragma once

#include "actors/base/result.hpp"

#include <string>
#include <utility>

namespace ammo {

/// A folder that is this process's for as long as the object lives. Movable.
class state_folder {
public:
  /// Makes the folder where it isn't there. Errors: `state_in_use` (names the process that has it), `store_unavailable` (it can't
  /// be made or written, or is on a network file system, whose locks can't be relied on), `bad_value` (no folder).
  [[nodiscard]] static result<state_folder> hold(const std::string& path);
  state_folder(state_folder&& other) noexcept : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}
  state_folder& operator=(state_folder&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(lock_, other.lock_);
    return *this;
  }
  ~state_folder();

  /// Of the folder's state.
  [[nodiscard]] static std::string file_in(const std::string& path) { return path + "/state.sqlite"; }

private:
  state_folder(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}
  std::string path_;
  int lock_ = -1;
};

} // namespace ammo
