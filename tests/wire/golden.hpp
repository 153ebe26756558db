/// The frames of wire version 1, as they were when it was fixed: one file of hexadecimal digits a message.
#pragma once

#include "tests/support/hex.hpp"
#include "tests/support/samples.hpp"
#include "tests/support/source_path.hpp"

namespace ammo::test {

inline constexpr envelope golden_envelope{
  .source = {role::node, 0x1122334455667788}, .term = 7, .sequence = 300, .time_us = 1'700'000'000'000'000};

template <class Message>
std::string golden_path() {
  return ammo::test::source_path("tests/wire/golden/v1/") + std::string(message_name(Message::type)) + ".hex";
}

template <class Message>
frame golden() { return from_hex(read_text(golden_path<Message>())); }

} // namespace ammo::test
