/// One connection of the port for msgpack-RPC: messages one after the other, answers as they come.
/// Lives here: deadlines and limits of the connection. May not live here: what messages say.
#pragma once

#include "runtime/gateway/text/message_scanner.hpp"
#include "runtime/gateway/transport/front.hpp"
#include "runtime/gateway/transport/rpc_session.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace ammo::web {

/// Lives as long as something is under way on it. All its members run on its context's thread.
class rpc_connection final : public connection, public rpc_carrier, public std::enable_shared_from_this<rpc_connection> {
public:
  static constexpr std::size_t most_unsent = 1 << 20; ///< bytes; beyond, nothing is read, and notifications are shed

  rpc_connection(byte_stream bytes, std::shared_ptr<front> shared);
  ~rpc_connection() override;

  void start();
  void wind_up() override;
  void abort() override;
  void carry(std::string message) override;
  [[nodiscard]] bool behind() const override { return unsent_.size() + leaving_.size() >= most_unsent; }
  void on_room() override { go_on(); }

private:
  void shake_hands();
  void go_on();  ///< takes what has come, then waits for more
  bool take_one();
  void read();
  void write();
  void end_if_done();
  void end();

  std::shared_ptr<front> front_; // before the stream: it holds the stream's context
  byte_stream stream_;
  const std::string address_; ///< of the client
  unread_share unread_;
  beast::flat_buffer buffer_;
  message_scanner scanner_;
  std::shared_ptr<rpc_session> session_;
  std::string unsent_, leaving_;
  std::chrono::steady_clock::time_point whole_by_{}; // when the message that has begun must be all there
  bool begun_ = false, reading_ = false, writing_ = false, winding_up_ = false, ended_ = false, taking_ = false;
};

} // namespace ammo::web
