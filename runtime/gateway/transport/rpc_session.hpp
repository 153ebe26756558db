/// msgpack-RPC on one connection, whatever carries it: a socket of its own, or a WebSocket.
/// Lives here: calls under way, notifications. May not live here: sockets, what a method does.
#pragma once

#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/text/rpc_message.hpp"
#include "runtime/gateway/transport/front.hpp"
#include "runtime/gateway/transport/subscriptions.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace ammo::web {

/// What carries a session's messages. On its context's thread.
class rpc_carrier {
public:
  rpc_carrier() = default;
  virtual ~rpc_carrier() = default;
  rpc_carrier(const rpc_carrier&) = delete;
  rpc_carrier& operator=(const rpc_carrier&) = delete;
  /// A whole message. Never refused: what needn't be sent asks `behind` first.
  virtual void carry(std::string message) = 0;
  /// Does the client read more slowly than it is sent to?
  [[nodiscard]] virtual bool behind() const = 0;
  /// Something that was under way has ended: there is room for more.
  virtual void on_room() = 0;
};

/// All its members run on its context's thread. Methods are named as the operations of docs/openapi.yaml; their params are the parts of the
/// path, then an object of the query's members or the body, then the Idempotency-Key, then a traceparent, as far as they are needed. "subscribe" and "unsubscribe" take what
/// ("pushes", "statistics") and an object with the rest; "authorize" takes a token, which counts from then on.
class rpc_session : public std::enable_shared_from_this<rpc_session> {
public:
  static constexpr std::size_t calls_at_once = 64; ///< more wait in the socket

  rpc_session(std::shared_ptr<front> shared, const context_executor& context, std::weak_ptr<rpc_carrier> by, access who, std::string address);

  /// One whole message. Errors thrown as `refusal`: those after which the connection makes no sense.
  void take(std::string_view message);
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_; }
  [[nodiscard]] bool full() const noexcept { return under_way_ >= calls_at_once; }
  [[nodiscard]] bool subscribed() const noexcept { return heard_->any(); }
  void cancel() { heard_->cancel(); }

private:
  void carry_out(rpc_call&& call);
  void authorize(const rpc_call& call);
  void subscribe(const rpc_call& call, bool on);
  void answer(std::optional<std::uint32_t> id, const response& out);

  std::shared_ptr<front> front_; // first: it holds the context
  context_executor context_;
  std::weak_ptr<rpc_carrier> by_;
  access who_;
  const std::string address_;
  std::shared_ptr<subscriptions> heard_;
  std::size_t under_way_ = 0;
};

} // namespace ammo::web
