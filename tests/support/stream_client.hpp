/// A real WebSocket client (Beast, with deadlines) for the gateway's stream, and for a browser's.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ammo::testing {

class stream_client {
public:
  using json = nlohmann::json;

  explicit stream_client(std::uint16_t port, const std::string& path = "/v1/stream", const std::vector<std::pair<std::string, std::string>>& fields = {});
  stream_client(stream_client&&) noexcept;
  ~stream_client();

  [[nodiscard]] bool open() const;
  /// The status of a handshake that was refused.
  [[nodiscard]] unsigned refused_with() const;
  /// A header of the server's answer to the handshake.
  [[nodiscard]] std::string answered(const std::string& name) const;

  void send(const std::string& bytes, bool binary = false);
  void send(const json& said) { send(said.dump()); }
  /// The next message; null: the server has ended the stream.
  json next();
  /// The answer to a question; what comes in between is dropped.
  json ask(json said);
  /// Why the server ended the stream.
  [[nodiscard]] unsigned reason() const;
  /// The connection itself, for bytes that no library sends.
  void send_raw(const std::string& bytes);

private:
  struct connection;
  std::unique_ptr<connection> to_;
  int asked_ = 0;
};

} // namespace ammo::testing
