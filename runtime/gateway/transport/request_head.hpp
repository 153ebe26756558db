/// What a request's header must be like before its body is read, and what handlers need of it.
#pragma once

#include "runtime/gateway/text/exchange.hpp"
#include "runtime/gateway/transport/asio.hpp"

#include <functional>
#include <optional>

namespace ammo::web {

using request_header = http::request_header<http::fields>;

/// Nothing where it is in order. Otherwise `malformed_request` (no Host or two, an encoding that hides where the body ends),
/// `bad_host`, `bad_origin`, `unsupported_type` (a compressed body). `is_for`: is it a name by which
/// the server is known by TLS? Empty: it speaks plainly, and is known on this machine alone.
using name_check = std::function<bool(std::string_view host)>;
[[nodiscard]] std::optional<refusal> fault_in_head(const request_header& head, bool chunked, const name_check& is_for = {});

/// How the client takes its answer; JSON where it doesn't say.
[[nodiscard]] form form_taken(const request_header& head);
[[nodiscard]] std::string_view authorization_of(const request_header& head); ///< empty: none
[[nodiscard]] std::string_view traceparent_of(const request_header& head);   ///< empty: none; of two, what is no traceparent
[[nodiscard]] std::string_view path_of(const request_header& head);
[[nodiscard]] std::string_view method_of(const request_header& head);
/// Does it wait for "100 Continue" before it sends its body?
[[nodiscard]] bool expects_continue(const request_header& head);

/// Errors thrown: `bad_query`.
[[nodiscard]] request request_of(http::request<http::string_body>&& read, form answer);

} // namespace ammo::web
