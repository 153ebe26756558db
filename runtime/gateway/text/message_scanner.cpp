#include "runtime/gateway/text/message_scanner.hpp"

#include "runtime/gateway/text/document.hpp"
#include "runtime/gateway/text/refusal.hpp"

namespace ammo::web {
namespace {

/// What an element's first byte says: bytes of its length, bytes that follow in any case, and what the length counts.
struct shape {
  std::size_t length_bytes = 0, fixed = 0;
  std::uint64_t count = 0; ///< where there are no bytes of a length
  enum : std::uint8_t { bytes,
                        elements,
                        pairs } counts = bytes;
};

shape shape_of(unsigned char first) {
  if (first < 0x80 || first >= 0xE0)
    return {};
  if (first < 0x90)
    return {.count = first & 0xFu, .counts = shape::pairs};
  if (first < 0xA0)
    return {.count = first & 0xFu, .counts = shape::elements};
  if (first < 0xC0)
    return {.count = first & 0x1Fu};
  switch (first) {
  case 0xC0: // nil, false, true
  case 0xC2:
  case 0xC3: return {};
  case 0xC4: // bin
  case 0xD9: return {.length_bytes = 1}; // str
  case 0xC5:
  case 0xDA: return {.length_bytes = 2};
  case 0xC6:
  case 0xDB: return {.length_bytes = 4};
  case 0xC7: return {.length_bytes = 1, .fixed = 1}; // ext
  case 0xC8: return {.length_bytes = 2, .fixed = 1};
  case 0xC9: return {.length_bytes = 4, .fixed = 1};
  case 0xCC: // numbers
  case 0xD0: return {.fixed = 1};
  case 0xCD:
  case 0xD1: return {.fixed = 2};
  case 0xCA:
  case 0xCE:
  case 0xD2: return {.fixed = 4};
  case 0xCB:
  case 0xCF:
  case 0xD3: return {.fixed = 8};
  case 0xD4: return {.fixed = 2}; // fixext
  case 0xD5: return {.fixed = 3};
  case 0xD6: return {.fixed = 5};
  case 0xD7: return {.fixed = 9};
  case 0xD8: return {.fixed = 17};
  case 0xDC: return {.length_bytes = 2, .counts = shape::elements};
  case 0xDD: return {.length_bytes = 4, .counts = shape::elements};
  case 0xDE: return {.length_bytes = 2, .counts = shape::pairs};
  case 0xDF: return {.length_bytes = 4, .counts = shape::pairs};
  default: throw refusal(fault::malformed_body, "a byte that begins nothing in msgpack");
  }
}

} // namespace

std::size_t message_scanner::scan(std::string_view all) {
  const auto too_large = [this] { return refusal(fault::body_too_large, "a message of more than " + std::to_string(most_) + " bytes"); };
  while (at_ == 0 || !open_.empty()) {
    if (at_ >= all.size())
      return 0;
    const auto first = static_cast<unsigned char>(all[at_]);
    if (at_ == 0 && first != 0x93 && first != 0x94)
      throw refusal(fault::malformed_body, "not an array of three or four, as msgpack-RPC's messages are");
    auto what = shape_of(first);
    if (all.size() - at_ <= what.length_bytes)
      return 0;
    for (std::size_t i = 1; i <= what.length_bytes; ++i)
      what.count = what.count << 8 | static_cast<unsigned char>(all[at_ + i]);
    const auto inside = what.counts == shape::pairs ? 2 * what.count : what.counts == shape::elements ? what.count
                                                                                                      : 0;
    const auto payload = what.counts == shape::bytes ? what.count : 0;
    at_ += 1 + what.length_bytes + what.fixed;
    if (at_ > most_ || inside + payload > most_ - at_) // an element has a byte at least
      throw too_large();
    at_ += payload;
    if (inside > 0) {
      if (open_.size() == deepest)
        throw refusal(fault::body_too_deep, "more than " + std::to_string(deepest) + " levels");
      open_.push_back(inside);
      continue;
    }
    while (!open_.empty() && --open_.back() == 0)
      open_.pop_back();
  }
  if (at_ > all.size())
    return 0;
  const auto size = at_;
  at_ = 0;
  return size;
}

} // namespace ammo::web
