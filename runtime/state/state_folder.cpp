#include "runtime/state/state_folder.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <string_view>
#include <sys/file.h>
#include <sys/vfs.h>
#include <system_error>
#include <unistd.h>

namespace ammo {
namespace {

/// NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P, FUSE over a network can't be told apart from FUSE: that one is the user's own.
constexpr std::array<std::uint32_t, 7> network_file_systems{0x6969, 0x517B, 0xFF534D42, 0xFE534D42, 0x5346414F, 0x00C36400, 0x01021997};

failure unavailable(const std::string& path, std::string_view why) {
  return {errc::store_unavailable, "the state in \"" + path + "\": " + std::string(why)};
}

std::string holder(int lock) {
  std::array<char, 32> text{};
  const auto n = ::pread(lock, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  pid.erase(std::ranges::find_if_not(pid, [](char c) { return c >= '0' && c <= '9'; }), pid.end());
  return pid.empty() ? "another process has it" : "process " + pid + " has it";
}

} // namespace

result<state_folder> state_folder::hold(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (!std::filesystem::is_directory(path))
    return unavailable(path, failed ? failed.message() : "it is no folder");
  if (struct statfs fs{}; ::statfs(path.c_str(), &fs) == 0 &&
                          std::ranges::find(network_file_systems, static_cast<std::uint32_t>(fs.f_type)) != network_file_systems.end())
    return unavailable(path, "it is on a network file system");
  const int lock = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0)
    return unavailable(path, std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const failure in_use{errc::state_in_use, '"' + path + "\": " + holder(lock)};
    ::close(lock);
    return in_use;
  }
  const std::string pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    const auto why = unavailable(path, std::strerror(errno));
    ::close(lock);
    return why;
  }
  return state_folder(path, lock);
}

state_folder::~state_folder() {
  if (lock_ < 0)
    return;
  ::flock(lock_, LOCK_UN); // a forked child may still have the file open
  ::close(lock_);
}

} // namespace ammo
