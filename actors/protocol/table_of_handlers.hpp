/// Handlers that all actors of a role have in common: a table for the role, and nothing in the actor.
/// The CAF 0.17 side of the protocol; minds never see it.
///
/// A behavior of CAF keeps for each of its handlers a closure, a table entry and a type's number: 1.1 KB for a User Buddy, of whom there are
/// millions. A handler that knows nothing but its actor is made of the actor's address for the time that a message takes.
#pragma once

#include <caf/all.hpp>

#include <bit>
#include <type_traits>
#include <utility>

namespace ammo::detail {

/// A closure that holds its actor's address, or nothing.
template <class Handler, class Self>
inline constexpr bool is_of_self_alone =
  std::is_empty_v<Handler> || (sizeof(Handler) == sizeof(Self*) && std::is_trivially_copyable_v<Handler>);

template <class Handler, class Self>
[[nodiscard]] Handler handler_of(Self* self) noexcept {
  if constexpr (std::is_empty_v<Handler>)
    return Handler{};
  else
    return std::bit_cast<Handler>(self);
}

/// What a callable takes.
template <class F>
using argument_of = caf::detail::tl_head_t<typename caf::detail::get_callable_trait<F>::arg_types>;

/// Hands what came to `take`, if it is of the type that it takes. A message that others have, too, is copied for who changes it.
template <class Make, class Self>
bool taken(Self* self, caf::message_view& came, caf::result<caf::message>& out) {
  using take = std::invoke_result_t<Make, Self*>;
  using argument = argument_of<take>;
  using type = std::remove_cvref_t<argument>;
  auto& content = came.content();
  if (!content.template match_elements<type>())
    return false;
  caf::message own;
  auto* body = &content;
  if constexpr (!std::is_const_v<std::remove_reference_t<argument>>)
    if (content.shared()) {
      own = came.copy_content_to_message();
      body = &own.content();
    }
  const auto pass = [&]() -> argument {
    if constexpr (std::is_const_v<std::remove_reference_t<argument>>)
      return *static_cast<const type*>(std::as_const(*body).get(0));
    else
      return *static_cast<type*>(body->get_mutable(0));
  };
  auto handle = Make{}(self);
  if constexpr (std::is_void_v<std::invoke_result_t<take&, argument>>)
    handle(pass());
  else if (handle(pass()).flag == caf::rt_skip)
    out = caf::skip;
  return true;
}

} // namespace ammo::detail
