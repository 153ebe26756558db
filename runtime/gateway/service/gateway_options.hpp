/// What a host may say of its gateway.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace ammo {

/// What most hosts leave alone but for `listen`.
struct gateway_options {
  std::string listen = "127.0.0.1:8088"; ///< address and port; port 0: any that is free. Beyond loopback only with TLS and keys
  std::string rpc{};                     ///< the same for msgpack-RPC, on a port of its own; empty: it isn't spoken but on the stream
  std::string certificate{};             ///< file in PEM: all is spoken by TLS 1.3 then; looked at again once it changes. Empty: plain
  std::string certificate_key{};         ///< its key, in PEM, without a password
  std::string keys{};                    ///< folder with public keys KID.pub: who has no token signed with one is refused; empty: everything is open
  std::string admin{};                   ///< where operations for admins are taken, with keys; without, a second address like `listen`; empty: nowhere
  double token_rate = 100;               ///< requests a second of a token that names no rate, and at once
  double address_rate = 10'000;          ///< the same of an address, where there are keys; 0: as many as come
  std::uint32_t threads = 1;             ///< that read and write; calls of the runtime never block them; 1 … 64
  std::uint32_t connections = 16'384;    ///< open at once; more are closed at once, with 503
  std::uint32_t handshake_ms = 5'000;    ///< within which a TLS handshake is done
  std::uint32_t idle_ms = 60'000;        ///< for which a connection may say nothing between two requests
  std::uint32_t read_ms = 10'000;        ///< within which a request arrives, from its first byte to its last
  std::uint32_t write_ms = 10'000;       ///< within which an answer leaves
  std::uint32_t header_bytes = 16'384;   ///< of one request
  std::uint32_t body_bytes = 1'048'576;  ///< of one request
  std::uint32_t batch_bytes = 16'777'216;///< of one request to /v1/goals:batch
  std::uint64_t unread_bytes = 268'435'456; ///< of all bodies and messages that aren't whole yet; more are refused: a body as `overloaded`, and a stream or a connection of msgpack-RPC ends (`unread_full`)
  std::uint32_t feedback_items = 1'000;  ///< of one array of feedback or preferences
  /// Streams get the runtime's pushes: the gateway sets `runtime::on_push`, also for a host that has set it before. False: it leaves pushes alone.
  bool pushes = true;
  /// Figures of the host's own, shown under "host" in /v1/statistics: name and value, a value that only grows for what is summed up. Called on
  /// any thread for each such request; must not block, nor throw.
  std::function<std::vector<std::pair<std::string, double>>()> figures{};
};

} // namespace ammo
