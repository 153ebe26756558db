/// A host's orders to write, as messages and back.
#pragma once

#include "actors/protocol/messages.hpp"
#include "ammo/runtime.hpp"

namespace ammo {

/// Errors: `bad_text` (not UTF-8, too long), `bad_value` (a style outside [0, 1]).
[[nodiscard]] result<writing_request> request_of(writing_spec what);
[[nodiscard]] result<written_receipt> written_receipt_of(written_news told);

} // namespace ammo
