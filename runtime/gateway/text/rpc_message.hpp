/// Messages of msgpack-RPC, by its published specification: [0, msgid, method, params], [1, msgid, error, result], [2, method, params].
/// Lives here: reading calls, writing answers and notifications. May not live here: what a method does.
#pragma once

#include "runtime/gateway/text/document.hpp"
#include "runtime/gateway/text/refusal.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ammo::web {

/// What a client asks for.
struct rpc_call {
  std::optional<std::uint32_t> id; ///< nothing: a notification, which nobody answers
  std::string method;
  document params;                 ///< an array
  std::optional<refusal> bad;      ///< where it can't be carried out, and `id` says to whom that is to be told
};

/// One whole message. Texts may be of msgpack's raw or binary type, too, as clients from before 2013 have no other. Errors thrown as `refusal`:
/// `malformed_body` where it isn't clear who is to be told of what.
[[nodiscard]] rpc_call read_call(std::string_view bytes);

/// `result`: msgpack, or empty for nil.
[[nodiscard]] std::string rpc_answer(std::uint32_t id, std::string_view result);
/// `error` is the error's name.
[[nodiscard]] std::string rpc_error(std::uint32_t id, std::string_view error);
/// With one parameter, which is msgpack already.
[[nodiscard]] std::string rpc_notification(std::string_view method, std::string_view param);

} // namespace ammo::web
