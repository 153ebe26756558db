/// What all connections of a gateway share: the threads' contexts, the routes, and the list of what is open.
#pragma once

#include "runtime/gateway/service/gateway_options.hpp"
#include "runtime/gateway/service/rate_limits.hpp"
#include "runtime/gateway/service/router.hpp"
#include "runtime/gateway/service/traffic.hpp"
#include "runtime/gateway/transport/asio.hpp"
#include "runtime/gateway/transport/request_head.hpp"
#include "runtime/gateway/transport/tls_identity.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace ammo::web {

/// A connection, as far as a gateway that stops must know it.
class connection {
public:
  connection() = default;
  virtual ~connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  /// Ends it once nothing is under way. From any thread.
  virtual void wind_up() = 0;
  /// Ends it now. From any thread.
  virtual void abort() = 0;
};

struct service;

/// A connection's part of the bytes that have come of what isn't whole yet. Gives them back when it ends.
class unread_share {
public:
  explicit unread_share(std::atomic<std::uint64_t>& all) noexcept : all_(all) {}
  ~unread_share() { set(0, 0); }
  unread_share(const unread_share&) = delete;
  unread_share& operator=(const unread_share&) = delete;
  /// So many are this connection's from now on. False: all together are more than `most`.
  bool set(std::size_t bytes, std::uint64_t most) noexcept {
    all_.fetch_add(bytes - mine_, std::memory_order_relaxed); // wraps round where it gets fewer
    mine_ = bytes;
    return bytes == 0 || all_.load(std::memory_order_relaxed) <= most;
  }

private:
  std::atomic<std::uint64_t>& all_;
  std::size_t mine_ = 0;
};

/// Outlives its connections. Usable from any thread.
class front {
public:
  /// `by`: null: plain.
  front(gateway_options with, std::shared_ptr<const service> serves, std::shared_ptr<tls_identity> by);

  const gateway_options limits;
  const std::shared_ptr<const service> serves;
  const std::shared_ptr<tls_identity> tls; ///< by which all is spoken; null: plain
  const name_check is_for;                 ///< see `fault_in_head`
  const router routes;
  traffic& counts;
  std::vector<std::unique_ptr<net::io_context>> contexts; ///< one a thread
  std::atomic<std::uint64_t> unread_bytes{0};             ///< of bodies and messages under way

  /// Who somebody is who sends this Authorization header; empty: none was sent. Errors thrown as `refusal`: those of `read_token`, and `token_refused`
  /// where there are no keys.
  [[nodiscard]] access identify(std::string_view authorization, bool admin_door) const;
  /// The trace that a request with that traceparent is part of; null: of none. A malformed one is counted, and its request is carried out.
  [[nodiscard]] shared_trace trace_named(std::string_view traceparent) const;
  /// Counts a request. Errors thrown as `refusal`: `rate_limited`. Nothing is counted where there are no keys.
  void count_request(const access& who, const std::string& address);
  void count_address(const std::string& address); ///< the same, of the address alone
  void count_token(const access& who);

  /// What a new connection speaks TLS by; null: nothing. Files that were renewed and can't be used are counted.
  [[nodiscard]] std::shared_ptr<tls_context> tls_now();
  /// May a client of that address begin a handshake, which costs more than a request? Counted as one, where there are keys; false: refused by name.
  [[nodiscard]] bool may_shake_hands(const std::string& address);
  /// A handshake that has failed is counted: as late, or as refused.
  void handshake_failed(boost_error error);

  void opened(const std::shared_ptr<connection>& c);
  void closed(const connection* c);
  [[nodiscard]] std::size_t open() const;
  /// All that are open now.
  [[nodiscard]] std::vector<std::shared_ptr<connection>> connections() const;
  /// Waits until none is open; false: some still are when the time is over.
  bool wait_until_closed(std::chrono::milliseconds most) const;

private:
  rate_limits rates_;
  mutable std::mutex changing_;
  mutable std::condition_variable fewer_;
  std::unordered_map<const connection*, std::weak_ptr<connection>> open_;
};

} // namespace ammo::web
