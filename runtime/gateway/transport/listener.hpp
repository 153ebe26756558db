/// Takes connections and gives each to one of the contexts in turn.
#pragma once

#include "runtime/gateway/transport/front.hpp"

#include "ammo/result.hpp"

#include <memory>

namespace ammo::web {

class listener : public std::enable_shared_from_this<listener> {
public:
  /// What is spoken there.
  enum class protocol : std::uint8_t { http,
                                       admin_http,
                                       msgpack_rpc };
  /// Errors: `system_refused`, with the address.
  static result<std::shared_ptr<listener>> open(std::shared_ptr<front> shared, const tcp::endpoint& at, protocol speaks = protocol::http);

  [[nodiscard]] tcp::endpoint endpoint() const;
  void start();
  /// No more connections. From any thread, while the contexts run.
  void close();

private:
  listener(std::shared_ptr<front> shared, protocol speaks);
  void accept();
  void on_accepted(boost_error error, context_socket socket);

  std::shared_ptr<front> front_;
  net::basic_socket_acceptor<tcp, context_executor> acceptor_;
  net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, context_executor> pause_;
  const protocol speaks_;
  std::size_t turn_ = 0;
  bool closed_ = false;
};

} // namespace ammo::web
