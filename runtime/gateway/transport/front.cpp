#include "runtime/gateway/transport/front.hpp"

#include "runtime/gateway/keys/token.hpp"
#include "runtime/gateway/service/service.hpp"

#include <algorithm>
#include <chrono>

namespace ammo::web {

front::front(gateway_options with, std::shared_ptr<const service> all, std::shared_ptr<tls_identity> by)
  : limits(std::move(with)), serves(std::move(all)), tls(std::move(by)), is_for(tls ? name_check([who = tls](std::string_view host) { return who->is_for(host); }) : name_check()), routes(routes_of(serves), serves->deployment.log), counts(*serves->counts) {
  for (std::uint32_t i = 0; i < limits.threads; ++i)
    contexts.push_back(std::make_unique<net::io_context>(1));
}

access front::identify(std::string_view authorization, bool admin_door) const {
  access out{.keyed = serves->keys != nullptr, .admin_door = admin_door};
  if (authorization.empty())
    return out;
  if (!out.keyed)
    throw refusal(fault::token_refused, "this server has no keys");
  static constexpr std::string_view scheme = "Bearer ";
  if (authorization.size() <= scheme.size() || !beast::iequals(beast::string_view(authorization.data(), scheme.size()), beast::string_view(scheme.data(), scheme.size())))
    throw refusal(fault::token_refused, "not \"Bearer\" and a token");
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()).time_since_epoch().count();
  const auto says = std::make_shared<const claims>(read_token(authorization.substr(scheme.size()), *serves->keys, now));
  const auto& all = serves->deployment.subspaces;
  out.everywhere = says->subspaces.empty() || std::ranges::all_of(all, [&](const auto& s) { return std::ranges::find(says->subspaces, s.name) != says->subspaces.end(); });
  out.token = says;
  return out;
}

shared_trace front::trace_named(std::string_view traceparent) const {
  if (traceparent.empty())
    return nullptr;
  const auto read = trace_context::read(traceparent);
  if (!read)
    counts.refuse(fault::bad_traceparent);
  return read ? std::make_shared<const trace_context>(*read) : nullptr;
}

void front::count_request(const access& who, const std::string& address) {
  count_address(address);
  count_token(who);
}

void front::count_address(const std::string& address) {
  if (serves->keys && limits.address_rate > 0 && !rates_.take("a" + address, limits.address_rate, std::chrono::steady_clock::now()))
    throw refusal(fault::rate_limited, "of this address");
}

void front::count_token(const access& who) {
  const auto now = std::chrono::steady_clock::now();
  if (who.keyed && who.token && !rates_.take("t" + who.token->id, who.token->rate > 0 ? who.token->rate : limits.token_rate, now))
    throw refusal(fault::rate_limited, "of this token");
}

std::shared_ptr<tls_context> front::tls_now() {
  if (!tls)
    return nullptr;
  auto offered = tls->current(std::chrono::steady_clock::now());
  if (offered.refused)
    counts.refuse(fault::certificate_unusable);
  return std::move(offered.context);
}

bool front::may_shake_hands(const std::string& address) {
  try {
    count_address(address);
    return true;
  } catch (const refusal& why) {
    counts.refuse(why.what_fault());
    return false;
  }
}

void front::handshake_failed(boost_error error) { counts.refuse(error == beast::error::timeout ? fault::handshake_late : fault::handshake_failed); }

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
