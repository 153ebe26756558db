/// Files in memory under SQLite, that fail as disks and file systems do: an error at any call, a write that is torn or lost, a flipped bit, a
/// machine that stops with writes on their way. Seeded, one process, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ammo::test {

enum class file_fault : std::uint8_t {
  none,
  io_error, ///< the call fails, and does nothing
  no_space, ///< a write fails, and does nothing
  torn,     ///< a write fails, and does a part
  lost,     ///< a write succeeds, and does nothing: not even a sync brings it
  crash,    ///< from this call on every call fails; `restart` says what was on the disk
};

class faulty_files {
public:
  /// Registers itself with SQLite under `name()` for as long as it lives.
  explicit faulty_files(std::uint64_t seed);
  ~faulty_files();
  faulty_files(const faulty_files&) = delete;
  faulty_files& operator=(const faulty_files&) = delete;
  [[nodiscard]] const char* name() const noexcept { return name_.c_str(); }

  /// The fault happens once, at a call to read, write, truncate or sync; no_space, torn and lost at the next write from there on. 0: the next.
  void fail(file_fault what, std::uint64_t calls_from_now);
  [[nodiscard]] bool down() const noexcept { return down_; } ///< the machine has stopped
  [[nodiscard]] bool failed() const noexcept { return done_; } ///< it has happened
  [[nodiscard]] std::uint64_t calls() const noexcept { return calls_; }

  /// The process begins anew. `machine`: so does the machine: what was synced is there; of every write since, all, a part or nothing, in any mix.
  void restart(bool machine);
  /// A bit of a file flips at rest. False: there is no file, or it is empty.
  bool flip_a_bit();

  // What follows is for the file layer's functions.
  struct write {
    std::uint64_t at = 0;
    std::vector<std::byte> data;
    bool truncates = false; ///< to `at`
  };
  struct file {
    std::vector<std::byte> now, synced;
    std::vector<write> since; ///< the sync
    std::vector<std::vector<std::byte>> shared; ///< memory that connections share
  };
  [[nodiscard]] std::shared_ptr<file> find(const std::string& path, bool make);
  [[nodiscard]] bool exists(const std::string& path) const { return files_.contains(path); }
  [[nodiscard]] int remove(const std::string& path);
  [[nodiscard]] int read(const file& f, void* to, int n, std::uint64_t at);
  [[nodiscard]] int put(file& f, write w);
  [[nodiscard]] int sync(file& f);

private:
  std::uint64_t random(std::uint64_t below);
  /// The fault of this call, if it has one.
  [[nodiscard]] file_fault step(bool writes);
  static void apply(std::vector<std::byte>& to, const write& w);

  struct layer;
  std::unique_ptr<layer> layer_;
  std::string name_;
  std::uint64_t state_;
  std::map<std::string, std::shared_ptr<file>> files_;
  file_fault what_ = file_fault::none;
  std::uint64_t calls_ = 0, fails_at_ = 0;
  bool done_ = false, down_ = false;
};

} // namespace ammo::test
