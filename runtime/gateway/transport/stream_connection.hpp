/// One WebSocket at /v1/stream: calls by the same paths, pushes of users, an operator's figures.
/// Lives here: the stream's messages and limits; a stream of the subprotocol "msgpack-rpc" carries that instead. May not live here: what a path
/// does.
#pragma once

#include "runtime/gateway/service/service.hpp"
#include "runtime/gateway/text/members.hpp"
#include "runtime/gateway/transport/front.hpp"
#include "runtime/gateway/transport/rpc_session.hpp"
#include "runtime/gateway/transport/subscriptions.hpp"

#include <boost/beast/websocket.hpp>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

namespace ammo::web {

namespace websocket = beast::websocket;

/// All its members run on its context's thread. A text frame is a JSON message, a binary frame a msgpack one; an answer has the form of its
/// question.
class stream_connection final : public connection, public rpc_carrier, public std::enable_shared_from_this<stream_connection> {
public:
  static constexpr std::size_t calls_at_once = 64;   ///< more wait in the socket
  static constexpr std::size_t most_unsent = 256;    ///< messages; pushes and figures beyond are shed

  stream_connection(byte_stream bytes, std::shared_ptr<front> shared, access who, std::string address);
  ~stream_connection() override;

  /// Accepts the upgrade and goes on from there.
  void start(http::request<http::string_body> upgrade);
  void wind_up() override;
  void abort() override;
  void carry(std::string said) override { send({std::move(said), form::msgpack}); }
  [[nodiscard]] bool behind() const override { return unsent_.size() >= most_unsent; }
  void on_room() override;

private:
  struct message {
    std::string bytes;
    form as = form::json;
  };

  void read();
  void read_some();
  void on_read(boost_error error); ///< a part of a message
  void on_message();
  void on_document(std::string_view bytes, form as);
  void on_rpc(std::string_view bytes);
  void give_up(const refusal& why, websocket::close_code code = websocket::close_code::bad_payload);
  void handle(const document& said, form as);
  void call(members& from, document id, form as);
  void answer(const document& id, form as, const response& out);
  /// What nobody has asked for at this moment: shed where too much is unsent.
  void tell(std::string_view name, const std::string& bytes, form as);
  void send(message m);
  void write();
  [[nodiscard]] std::size_t under_way() const noexcept { return under_way_ + (rpc_ ? rpc_->under_way() : 0); }
  void cancel();
  void close_if_done();
  void end();

  std::shared_ptr<front> front_; // before the socket: it holds the socket's context
  websocket::stream<byte_stream> socket_;
  unread_share unread_;
  beast::flat_buffer buffer_;
  std::deque<message> unsent_;
  access who_;
  const std::string address_;
  std::shared_ptr<subscriptions> heard_;
  std::shared_ptr<rpc_session> rpc_; ///< of the subprotocol; null: documents
  std::size_t under_way_ = 0;
  bool reading_ = false, writing_ = false, winding_up_ = false, ended_ = false;
};

} // namespace ammo::web
