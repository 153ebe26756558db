// Any bytes at all: they give a message or a named error, and a message that was read can be written and read again.
#include "actors/protocol/codec.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ammo;
  auto bytes = std::as_bytes(std::span(data, size));
  (void)peek(bytes);
  auto message = decode_any(bytes);
  if (!message && (message.code() == errc::ok || name_of(message.code()) == "unknown_error"))
    std::abort();
  if (message) {
    frame once = std::visit([](const auto& m) { return encode(m); }, *message);
    auto again = decode_any(once);
    if (!again || std::visit([](const auto& m) { return encode(m); }, *again) != once)
      std::abort();
  }
  return 0;
}
