/// One HTTP/1.1 connection: reads a request, has it answered, writes the answer, and goes on with the next.
/// Lives here: deadlines and limits of a connection. May not live here: paths.
#pragma once

#include "runtime/gateway/transport/front.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace ammo::web {

/// Lives as long as something is under way on it. All its members run on its context's thread. One request is under way at a time; what a
/// client sends meanwhile waits in the socket.
class http_connection final : public connection, public std::enable_shared_from_this<http_connection> {
public:
  http_connection(byte_stream bytes, std::shared_ptr<front> shared, bool admin_door);
  ~http_connection() override;

  void start();
  void wind_up() override;
  void abort() override;

private:
  enum class stage : std::uint8_t { shaking_hands,
                                    waiting,
                                    reading,
                                    answering,
                                    lingering,
                                    ended };

  void shake_hands();
  void next();      ///< the next request
  void read_more();
  void on_read(boost_error error, std::size_t bytes);
  void parse();
  bool on_header(); ///< may the body be read?
  void on_request();
  void upgrade();   ///< to a stream: the socket is another connection's from now on
  void refuse(const refusal& why);
  void send(response out);
  void on_written(boost_error error, std::size_t bytes);
  void linger();    ///< what the client still sends is dropped, so that it can read why
  void go_on();     ///< "100 Continue"
  void part();      ///< nothing is under way: the client is told that nothing follows
  void close();

  std::shared_ptr<front> front_; // before the stream: it holds the stream's context
  byte_stream stream_;
  unread_share unread_;
  const context_executor at_; ///< the stream's, which is gone once another connection has it
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::string said_;          ///< of the answer that leaves
  const std::string address_; ///< of the client
  const bool admin_door_;
  access who_;                ///< asks now
  std::chrono::steady_clock::time_point asked_at_{}; ///< when the request had arrived
  std::size_t dropped_ = 0;
  stage stage_ = stage::shaking_hands;
  form answer_form_ = form::json;
  bool header_seen_ = false, head_only_ = false, keep_ = false, body_unread_ = false, continue_ = false, winding_up_ = false, handed_over_ = false;
};

} // namespace ammo::web
