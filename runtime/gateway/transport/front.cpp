#include "runtime/gateway/transport/front.hpp"

#include "runtime/gateway/service/service.hpp"

namespace ammo::web {

front::front(gateway_options with, std::shared_ptr<const service> all)
  : limits(std::move(with)), serves(std::move(all)), routes(routes_of(serves)), counts(*serves->counts) {
  for (std::uint32_t i = 0; i < limits.threads; ++i)
    contexts.push_back(std::make_unique<net::io_context>(1));
}

void front::opened(const std::shared_ptr<connection>& c) {
  std::lock_guard locked(changing_);
  open_.emplace(c.get(), c);
  counts.connections_open.store(open_.size(), std::memory_order_relaxed);
}

void front::closed(const connection* c) {
  std::lock_guard locked(changing_);
  open_.erase(c);
  counts.connections_open.store(open_.size(), std::memory_order_relaxed);
  fewer_.notify_all();
}

std::size_t front::open() const {
  std::lock_guard locked(changing_);
  return open_.size();
}

std::vector<std::shared_ptr<connection>> front::connections() const {
  std::vector<std::shared_ptr<connection>> out;
  std::lock_guard locked(changing_);
  out.reserve(open_.size());
  for (const auto& [_, weak] : open_)
    if (auto c = weak.lock())
      out.push_back(std::move(c));
  return out;
}

bool front::wait_until_closed(std::chrono::milliseconds most) const {
  std::unique_lock locked(changing_);
  return fewer_.wait_for(locked, most, [&] { return open_.empty(); });
}

} // namespace ammo::web
