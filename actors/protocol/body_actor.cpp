#include "actors/protocol/body.hpp"

namespace ammo {

std::uint64_t counters::handled() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.handled.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t counters::sent() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.sent.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t counters::watched() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.watched.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t counters::woken() const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.woken.load(std::memory_order_relaxed);
  return sum;
}

std::uint64_t counters::refused(errc code) const noexcept {
  std::uint64_t sum = 0;
  for (const auto& s : stripes_)
    sum += s.refused[static_cast<std::size_t>(code)].load(std::memory_order_relaxed);
  return sum;
}

std::vector<refusals> nonzero(const std::array<std::uint64_t, static_cast<std::size_t>(errc::end_)>& counts) {
  std::vector<refusals> out;
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] != 0)
      out.push_back({static_cast<errc>(i), counts[i]});
  return out;
}

} // namespace ammo
