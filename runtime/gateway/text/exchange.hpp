/// One request and its answer, as handlers see them.
/// Lives here: plain values. May not live here: sockets, routes.
#pragma once

#include "runtime/gateway/text/access.hpp"
#include "runtime/gateway/text/document.hpp"
#include "runtime/gateway/text/refusal.hpp"

#include "ammo/runtime.hpp"
#include "ammo/trace.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ammo::web {

/// A request whose bytes have been read. Owns what it shows, so that it outlives the connection's buffers.
struct request {
  std::string method, path;                              ///< "GET", "/v1/users/7/slate": decoded by segment only
  std::vector<std::pair<std::string, std::string>> query; ///< decoded, in the order of the request
  std::string content_type, idempotency_key;
  std::string body;
  std::optional<document> read; ///< the body as a document, where it came as one: `body` is empty then

  access who;                         ///< who asks
  shared_trace trace;                 ///< of which it is part; null: of none
  form answer = form::json;           ///< what the client takes
  std::vector<std::string> path_parts; ///< what stood in the route's places, decoded
};

/// An answer. What isn't set is not sent.
struct response {
  unsigned status = 200;
  std::string_view type{}; ///< media type; one of a fixed set
  std::string body{};
  std::string allow{};           ///< of 405
  std::string_view policy{};     ///< Content-Security-Policy; of pages
  std::uint32_t retry_after = 0; ///< seconds
  bool close = false;          ///< the connection ends with it
  std::string_view error{};     ///< of a problem: the error's name
  std::vector<fault> faults{};   ///< what of the request was refused here, to be counted
};

/// Takes the answer; to be called once, on any thread.
using answerer = std::function<void(response)>;

inline constexpr std::string_view json_type = "application/json", msgpack_type = "application/msgpack", problem_type = "application/problem+json";

/// A document as an answer.
[[nodiscard]] response answer_with(unsigned status, const document& body, form as);
/// Nothing to say: 204.
[[nodiscard]] response nothing();
/// Problem details (RFC 9457) with the error's name.
[[nodiscard]] response problem(const refusal& why, form as);

[[nodiscard]] inline bool has_body(const request& r) noexcept { return r.read || !r.body.empty(); }
/// The body as a document. Errors thrown: `unsupported_type`, those of `read_document`.
[[nodiscard]] document body_of(const request& r);
/// The runtime's key for the request's Idempotency-Key, held by the person whose token it is, or by the token: of each item of an
/// array another, and of each person.
/// Errors thrown: `bad_key`.
[[nodiscard]] call_key key_of(const request& r, std::size_t item = 0);
/// An id: decimal digits. Errors thrown: `bad_id`.
[[nodiscard]] std::uint64_t id_of(std::string_view text, std::string_view name);

} // namespace ammo::web
