// Snapshots: the head, the catalogues that the parts of a state share, and the form of the state, which follows from
// its `fields`.
#include "actors/protocol/state_codec.hpp"
#include "actors/protocol/form.hpp"

namespace ammo {
namespace {

constexpr std::uint32_t head_fields = 4;

/// The version comes first and is judged first: another one may have another shape.
bool read_head(wire::cursor& in, std::uint16_t& kind) {
  std::uint32_t count = 0, version = 0;
  if (!in.array(count) || !wire::read_integer(in, version))
    return false;
  if (version != state_version)
    return in.fail(errc::frame_wrong_version);
  if (count != head_fields)
    return in.fail(errc::frame_wrong_shape);
  return wire::read_integer(in, kind);
}

result<wire::shared_catalogues> read_catalogues(wire::source& from) {
  wire::catalogue_table_form table;
  if (!wire::read(from, table))
    return wire::fault(from.in, "catalogues");
  return wire::unfold(std::move(table), from.limits);
}

} // namespace

template <class State> frame encode_state(const State& s) {
  frame body, out; // the body says which catalogues stand before it
  wire::catalogue_table table;
  wire::writer to_body(body, &table);
  wire::write(to_body, s);
  wire::writer to(out);
  to.out.pack_array(head_fields);
  to.out.pack(state_version).pack(State::kind);
  wire::write(to, table.form());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

template <class State> result<State> decode_state(std::span<const std::byte> bytes, const wire_limits& limits) {
  return wire::without_exceptions([&]() -> result<State> {
    if (auto passed = gate(bytes, limits); !passed)
      return passed.error();
    wire::source from{wire::cursor(bytes), limits};
    std::uint16_t kind = 0;
    if (!read_head(from.in, kind))
      return wire::fault(from.in, "head of a snapshot");
    if (kind != State::kind)
      return {errc::frame_unknown_type, "a snapshot of " + std::string(state_name(kind)) + " where " +
                                            std::string(state_name(State::kind)) + " is expected"};
    auto shared = read_catalogues(from);
    if (!shared)
      return shared.error();
    from.shared = &*shared;
    State s;
    if (!wire::read(from, s))
      return wire::fault(from.in, state_name(kind));
    return s;
  });
}

std::string_view state_name(std::uint16_t kind) noexcept {
#define AMMO_NAME(s)                                                                                                   \
  case s::kind:                                                                                                        \
    return #s;
  switch (kind) {
    AMMO_EACH_STATE(AMMO_NAME)
  default:
    return "unknown";
  }
#undef AMMO_NAME
}

#define AMMO_INSTANTIATE(s)                                                                                            \
  template frame encode_state(const s&);                                                                               \
  template result<s> decode_state(std::span<const std::byte>, const wire_limits&);
AMMO_EACH_STATE(AMMO_INSTANTIATE)
#undef AMMO_INSTANTIATE

} // namespace ammo
