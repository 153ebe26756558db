/// Links to other nodes: WebSockets over mutual TLS 1.3 that carry batches of letters. One thread.
///
/// Each side shows a node's certificate of the same authority, then says hello; whoever isn't a node of this deployment is refused by name and counted, and
/// hears nothing. Certificates are renewed while it runs; a link whose peer's has expired or was removed ends. A link that breaks loses what was on its way; what waits for it waits for the next one. Which calls are repeated is their sender's business.
#pragma once

#include "runtime/cluster/outbox.hpp"
#include "runtime/node/certificates.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace ammo::node {

struct link_options {
  std::string host = "127.0.0.1"; ///< to listen on
  std::uint16_t port = 0;         ///< 0: any
  material shows;                 ///< of a folder: its files are looked at again, and taken while it runs
  cluster::hello says; ///< its name is the certificate's
  std::chrono::milliseconds handshake{5'000}; ///< TLS, WebSocket and hello, together
  std::chrono::milliseconds silence{10'000};  ///< a link without a sign of life ends; half of it brings a ping
  std::chrono::milliseconds again{1'000};     ///< at most, between two attempts to reach a node
  std::chrono::milliseconds look{1'000};      ///< between two looks at the certificates: this node's files, and whether peers' have ended
  std::size_t strangers = 256;                ///< connections that haven't said yet who they are
  cluster::outbox_limits outbox{};
  cluster::batch_limits batches{};
};

/// Called on the links' thread; they must not block.
struct link_events {
  std::function<void(const cluster::hello&)> on_up;
  /// The letter's bytes live as long as the call.
  std::function<void(const cluster::hello& from, const cluster::letter&)> on_letter;
  std::function<void(const cluster::hello&, refusal)> on_down;
  std::function<void(refusal, const std::string& detail)> on_refused; ///< a connection that became no link; files that can't be used
};

/// What has gone over the links to and from one node, in all. Bytes are of batches, without WebSocket's heads and TLS.
struct link_traffic {
  std::uint64_t letters_out = 0, batches_out = 0, bytes_out = 0;
  std::uint64_t letters_in = 0, batches_in = 0, bytes_in = 0;
  std::size_t waiting_bytes = 0, on_the_way_bytes = 0; ///< of frames that wait; of batches that the peer hasn't acknowledged: when one was last sent or came
};

class links {
public:
  /// Listens from here on. Errors: `bad_value` (no such address here, or it is taken; material that TLS doesn't take), `system_refused`.
  [[nodiscard]] static result<std::unique_ptr<links>> open(link_options how, link_events events);
  /// Closes all. No event comes afterwards.
  ~links();
  links(const links&) = delete;
  links& operator=(const links&) = delete;

  [[nodiscard]] std::uint16_t port() const noexcept;
  /// Keeps a link to whoever is there, until the end: tries again where it breaks. Any thread.
  void reach(const std::string& host, std::uint16_t port);
  /// Sends to a node, once there is a link; see `cluster::outbox::add`. What there is no room for is shed and counted. Any thread.
  void send(store::incarnation to, address who, store::unit_id unit, store::term_number term, std::uint16_t type, store::bytes frame, bool latest);
  /// The node is gone for good: what waits for it is dropped, its link closed. Any thread.
  void forget(store::incarnation node);
  /// Any thread.
  [[nodiscard]] const refusal_counts& refused() const noexcept;
  /// By node. Any thread.
  [[nodiscard]] std::map<store::incarnation, link_traffic> traffic() const;
  /// Frames that there was no room for, since the beginning. Any thread.
  [[nodiscard]] std::uint64_t shed() const noexcept;

private:
  class impl;
  explicit links(std::unique_ptr<impl> i);
  std::unique_ptr<impl> impl_;
};

} // namespace ammo::node
