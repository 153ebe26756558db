#include "runtime/state/holders.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <iterator>
#include <string>
#include <sys/types.h>
#include <thread>
#include <unistd.h>

namespace ammo {
namespace {

using namespace std::chrono_literals;

/// A renewed lease ends later than was known by more than two readings of it differ.
constexpr holder_watch::instant renewed = 100ms;
constexpr auto between_looks = 50ms;

std::string first_line_of(const char* file) {
  std::ifstream from(file);
  std::string line;
  std::getline(from, line);
  return line;
}

std::string namespace_of_processes() {
  std::array<char, 64> text{};
  const auto n = ::readlink("/proc/self/ns/pid", text.data(), text.size());
  return {text.data(), n > 0 ? static_cast<std::size_t>(n) : 0};
}

/// In the kernel's ticks since its start; 0: there is no such process. Field 22 of proc(5)'s stat; the name, field 2, may have anything in it.
std::uint64_t start_of(std::int64_t process) {
  const std::string line = first_line_of(("/proc/" + std::to_string(process) + "/stat").c_str());
  auto at = line.rfind(')');
  for (int field = 2; field < 22 && at != std::string::npos; ++field)
    at = line.find(' ', at + 1);
  if (at == std::string::npos)
    return 0;
  std::uint64_t ticks = 0;
  for (auto c = line.begin() + static_cast<std::ptrdiff_t>(at) + 1; c != line.end() && *c >= '0' && *c <= '9'; ++c)
    ticks = ticks * 10 + static_cast<std::uint64_t>(*c - '0');
  return ticks;
}

std::string name_of(const store::node& n) {
  return "process " + std::to_string(n.mark.process) + (n.address.empty() ? "" : " on " + n.address) + " has it";
}

failure in_use(const store::node& by, const char* why) { return {errc::state_in_use, name_of(by) + ": " + why}; }

} // namespace

store::process_mark mark_of_this_process() {
  return {first_line_of("/proc/sys/kernel/random/boot_id"), namespace_of_processes(), ::getpid(), start_of(::getpid())};
}

bool gone_for_sure(const store::process_mark& who) {
  const auto me = mark_of_this_process();
  if (who.boot.empty() || who.process <= 0 || who.started == 0 || who.boot != me.boot || who.process_namespace != me.process_namespace ||
      me.started == 0)
    return false;
  if (::kill(static_cast<::pid_t>(who.process), 0) != 0 && errno == ESRCH)
    return true;
  const auto started = start_of(who.process);
  return started != 0 && started != who.started; // another process has its number now
}

holder_watch::step holder_watch::look(std::span<const store::node> nodes, instant now) {
  step next;
  for (const store::node& n : nodes) {
    if (n.fenced)
      continue;
    const instant end = now + instant{n.lease_left_ms};
    if (n.lease_left_ms < 0) {
      next.over.push_back(n.id);
      continue;
    }
    const auto [known, first] = ends_.emplace(n.id, end);
    if (!first && end > known->second + renewed)
      next.beats = n;
    known->second = std::max(known->second, end);
    next.waited_for = n;
  }
  return next;
}

result<std::string> holder_of(store::state_store& of) {
  const auto nodes = of.nodes();
  if (!nodes)
    return nodes.error();
  for (const auto& n : *nodes)
    if (!n.fenced && n.lease_left_ms >= 0 && !gone_for_sure(n.mark))
      return name_of(n);
  return std::string{};
}

result<void> end_holders(store::state_store& of, bool alone, std::chrono::milliseconds patience) {
  holder_watch watch;
  for (auto waited = 0ms;; waited += between_looks) {
    auto nodes = of.nodes();
    if (!nodes)
      return nodes.error();
    for (auto& n : *nodes)
      if (!n.fenced && (alone || gone_for_sure(n.mark))) {
        if (auto fenced = of.fence(n.id, true); !fenced)
          return fenced.error();
        n.fenced = true;
      }
    const auto next = watch.look(*nodes, waited);
    for (const auto& id : next.over)
      if (auto fenced = of.fence(id, false); !fenced)
        return fenced.error();
    if (next.beats)
      return in_use(*next.beats, "it renews its lease");
    if (!next.waited_for && next.over.empty())
      return {};
    if (next.waited_for && waited >= patience)
      return in_use(*next.waited_for, "it is silent, and its lease isn't over");
    std::this_thread::sleep_for(between_looks);
  }
}

} // namespace ammo
