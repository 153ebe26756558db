/// One WebSocket at /v1/stream: calls by the same paths, pushes of users, an operator's figures.
/// Lives here: the stream's messages and limits. May not live here: what a path does.
#pragma once

#include "runtime/gateway/service/hub.hpp"
#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/text/members.hpp"
#include "runtime/gateway/transport/front.hpp"

#include <boost/beast/websocket.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <unordered_set>

namespace ammo::web {

namespace websocket = beast::websocket;

/// All its members run on its context's thread. A text frame is a JSON message, a binary frame a msgpack one; an answer has the form of its
/// question.
class stream_connection final : public connection, public listener_of_pushes, public std::enable_shared_from_this<stream_connection> {
public:
  static constexpr std::size_t calls_at_once = 64;   ///< more wait in the socket
  static constexpr std::size_t most_unsent = 256;    ///< messages; pushes and figures beyond are shed
  static constexpr std::size_t most_subscribed = 1'024; ///< users

  stream_connection(context_socket socket, std::shared_ptr<front> shared, shared_service with);
  ~stream_connection() override;

  /// Accepts the upgrade and goes on from there.
  void start(http::request<http::string_body> upgrade);
  void wind_up() override;
  void abort() override;
  void pushed(const std::shared_ptr<const slate>& what) override;

private:
  struct message {
    std::string bytes;
    form as = form::json;
  };
  using steady_timer = net::basic_waitable_timer<std::chrono::steady_clock, net::wait_traits<std::chrono::steady_clock>, context_executor>;

  void read();
  void on_message(boost_error error);
  void handle(const document& said, form as);
  void subscribe(members& from, const std::string& what, const document& id, form as);
  void unsubscribe(members& from, const std::string& what, const document& id, form as);
  void call(members& from, document id, form as);
  void tell_figures();
  void answer(const document& id, form as, const response& out);
  /// What nobody has asked for at this moment: shed where too much is unsent.
  void tell(std::string_view name, const std::string& bytes);
  void send(message m);
  void write();
  void close_if_done();
  void end();

  std::shared_ptr<front> front_; // before the socket: it holds the socket's context
  shared_service with_;
  websocket::stream<context_stream> socket_;
  beast::flat_buffer buffer_;
  std::deque<message> unsent_;
  std::unordered_set<user_id> subscribed_;
  steady_timer figures_due_;
  std::uint32_t figures_every_ms_ = 0; ///< 0: not subscribed
  std::uint64_t figures_turn_ = 0;
  std::size_t under_way_ = 0;
  form told_as_ = form::json; ///< of what isn't an answer: the form of the last subscription
  bool reading_ = false, writing_ = false, winding_up_ = false, ended_ = false;
};

} // namespace ammo::web
