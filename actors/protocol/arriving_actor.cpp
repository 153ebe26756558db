#include "actors/protocol/arriving.hpp"

#include <string>

namespace ammo {
namespace {

failure not_for(address to, const envelope& e) {
  return {errc::frame_unknown_type, "a " + std::string(message_name(e.type)) + " of a " + std::string(name_of(e.source.of)) + " is nothing for a " + std::string(name_of(to.of))};
}

template <class Message>
result<void> deliver(body_context& ctx, address to, std::span<const std::byte> bytes) {
  envelope around;
  auto m = decode<Message>(bytes, &around);
  if (!m)
    return m.error();
  const auto messages = carried(*m);
  const bool found = detail::put(ctx, to, messages, nullptr, [&] {
    return caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, delivery<Message>{around.source, std::move(*m), shared(around.trace)});
  });
  return found ? result<void>{} : result<void>(errc::cancelled, "nobody is a " + std::string(name_of(to.of)) + " of number " + std::to_string(to.id) + " here");
}

template <class... Entries>
result<void> as_one_of(body_context& ctx, address to, const envelope& e, std::span<const std::byte> bytes, type_list<Entries...>) {
  result<void> out = not_for(to, e);
  [[maybe_unused]] const auto try_as = [&]<class Entry>(std::type_identity<Entry>) {
    if (Entry::message::type != e.type || !Entry::from(e.source.of))
      return false;
    out = deliver<typename Entry::message>(ctx, to, bytes);
    return true;
  };
  (void)(try_as(std::type_identity<Entries>{}) || ...);
  return out;
}

/// Of every role: what it handles.
template <std::size_t... Roles>
result<void> by_role(body_context& ctx, address to, const envelope& e, std::span<const std::byte> bytes, std::index_sequence<Roles...>) {
  result<void> out = not_for(to, e);
  const auto try_role = [&]<role R>(std::integral_constant<role, R>) {
    if (to.of != R)
      return false;
    out = as_one_of(ctx, to, e, bytes, handles<R>{});
    return true;
  };
  (void)(try_role(std::integral_constant<role, static_cast<role>(Roles)>{}) || ...);
  return out;
}

} // namespace

result<void> arrive(body_context& ctx, address to, std::span<const std::byte> bytes) {
  if (auto passed = gate(bytes); !passed)
    return passed;
  const auto e = peek(bytes);
  if (!e)
    return e.error();
  return by_role(ctx, to, *e, bytes, std::make_index_sequence<static_cast<std::size_t>(role::end_)>{});
}

} // namespace ammo
