/// The front door of a runtime: HTTP with JSON and msgpack, in the process of its host.
/// Lives here: what a host sees of it. May not live here: sockets.
#pragma once

#include "runtime/gateway/service/gateway_options.hpp"

#include "ammo/options.hpp"
#include "ammo/result.hpp"
#include "ammo/runtime.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace ammo {

/// Serves a runtime until it is stopped or destroyed, which must be before the runtime is. Usable from any thread.
class gateway {
public:
  /// Listens, and returns once connections are taken. `deployment` is what `rt` was started with; `rt` must outlive the gateway. Errors:
  /// `bad_value` (no address, or one beyond loopback without TLS and keys; a limit out of range, a key or a certificate that is none), `no_such_file` (no keys or certificate where they should be), `system_refused` (the port is taken, no threads).
  static result<std::unique_ptr<gateway>> start(runtime& rt, const options& deployment, gateway_options with = {});
  ~gateway();
  gateway(const gateway&) = delete;
  gateway& operator=(const gateway&) = delete;

  /// "127.0.0.1:8088", with the port that was given.
  [[nodiscard]] const std::string& address() const noexcept;
  [[nodiscard]] std::uint16_t port() const noexcept;
  /// The same of msgpack-RPC; empty and 0 where it has no port.
  [[nodiscard]] const std::string& rpc_address() const noexcept;
  [[nodiscard]] std::uint16_t rpc_port() const noexcept;
  /// The same of the address for admins.
  [[nodiscard]] const std::string& admin_address() const noexcept;
  [[nodiscard]] std::uint16_t admin_port() const noexcept;

  /// Takes no more connections, closes those that wait for a request, lets answers under way leave (at most `write_ms`), and ends.
  /// Idempotent. Not inside a callback of the runtime.
  void stop();

private:
  struct impl;
  explicit gateway(std::unique_ptr<impl> all);
  std::unique_ptr<impl> impl_;
};

} // namespace ammo
