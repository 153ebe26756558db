#include "actors/base/clock.hpp"

#include <ctime>

namespace ammo {
namespace {

class machine final : public time_source {
public:
  [[nodiscard]] instant now() const noexcept override { return std::chrono::steady_clock::now(); }
  [[nodiscard]] wall_time wall() const noexcept override { return std::chrono::system_clock::now(); }
  [[nodiscard]] std::chrono::nanoseconds thread_time() const noexcept override {
    timespec t{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec};
  }
};

} // namespace

std::shared_ptr<const time_source> machine_time() { return std::make_shared<machine>(); }

} // namespace ammo
