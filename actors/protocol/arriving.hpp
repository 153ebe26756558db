/// What came from another node, on its way to its actor: a frame ends up at the handler that a message of this process would.
/// The CAF 0.17 side of the protocol; minds never see it.
#pragma once

#include "actors/protocol/sending.hpp"

#include <span>

namespace ammo {

/// Decodes a frame and puts it into the mailbox of the actor that it is for, as if its sender, whom its envelope names, had sent it here. Any
/// thread. The bytes are a peer's: nothing is believed of them.
/// Errors: those of `decode`; `frame_unknown_type` (no message, or none that this role handles from that sender); `cancelled`: the address
/// leads nowhere in this process.
result<void> arrive(body_context& ctx, address to, std::span<const std::byte> bytes);

} // namespace ammo
