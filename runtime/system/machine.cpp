#include "runtime/system/machine.hpp"

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <limits>
#include <mutex>
#include <string>
#include <sys/resource.h>
#include <system_error>
#include <thread>
#include <unistd.h>
#include <vector>

namespace ammo {
namespace {

constexpr std::uint64_t unbounded_memory = std::numeric_limits<std::uint64_t>::max();

/// The number after `key` in a file of "key number" lines, or the first word where `key` is empty.
std::uint64_t number_in(const char* path, const std::string& key) {
  std::ifstream file(path);
  std::string word;
  while (file >> word)
    if (key.empty() || (word == key && file >> word))
      return word.find_first_not_of("0123456789") == word.npos && word.size() < 20 ? std::stoull(word) : unbounded_memory;
  return unbounded_memory;
}

std::uint64_t left_of(std::uint64_t bound, std::uint64_t used) {
  return bound == unbounded_memory || used == unbounded_memory ? unbounded_memory : bound - std::min(bound, used);
}

std::uint64_t address_space_left() {
  rlimit bound{};
  if (getrlimit(RLIMIT_AS, &bound) != 0 || bound.rlim_cur == RLIM_INFINITY)
    return unbounded_memory;
  const auto pages = number_in("/proc/self/statm", {});
  return left_of(bound.rlim_cur, pages == unbounded_memory ? 0 : pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)));
}

/// "34 GB", "250 MB".
std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t mega = 1'000'000, giga = 1'000 * mega;
  return bytes >= 10 * giga ? std::to_string(bytes / giga) + " GB" : std::to_string(bytes / mega) + " MB";
}

std::string with_commas(std::uint64_t n) {
  auto text = std::to_string(n);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

} // namespace

std::uint64_t memory_left() noexcept {
  try {
    const auto free_kib = number_in("/proc/meminfo", "MemAvailable:");
    const auto machine = free_kib == unbounded_memory ? unbounded_memory : free_kib * 1024;
    const auto group = left_of(number_in("/sys/fs/cgroup/memory.max", {}), number_in("/sys/fs/cgroup/memory.current", {}));
    return std::min({machine, group, address_space_left()});
  } catch (...) {
    return unbounded_memory;
  }
}

result<void> enough_memory(const char* what, std::uint64_t many, std::uint64_t bytes) {
  const auto left = memory_left();
  if (bytes <= left)
    return {};
  return {errc::not_enough_memory, std::string(what) + " = " + with_commas(many) + " needs about " + size_text(bytes) + ", " +
                                     size_text(left) + " may be used"};
}

std::uint32_t threads_of(const options& deployment) noexcept {
  constexpr std::uint32_t of_the_system = 4; // CAF's clock, the thread that ends what is left, deadlines, callbacks
  return of_the_system + (deployment.threads != 0 ? deployment.threads : std::max(1u, std::thread::hardware_concurrency()));
}

result<void> enough_threads(std::uint32_t threads) {
  std::mutex guard;
  std::condition_variable over;
  bool end = false;
  std::vector<std::thread> started;
  std::string why;
  try {
    started.reserve(threads);
    while (started.size() < threads)
      started.emplace_back([&] {
        std::unique_lock lock(guard);
        over.wait(lock, [&] { return end; });
      });
  } catch (const std::exception& e) {
    why = e.what();
  }
  {
    std::lock_guard lock(guard);
    end = true;
  }
  over.notify_all();
  for (auto& t : started)
    t.join();
  if (started.size() == threads)
    return {};
  return {errc::system_refused, "the system gave " + std::to_string(started.size()) + " of " + std::to_string(threads) +
                                  " threads (" + why + "); see threads"};
}

} // namespace ammo
