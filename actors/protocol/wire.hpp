/// The bytes of msgpack, for the codec's own use: numbers of extensions, floats in the wire's byte order, and a cursor.
/// Lives here: what knows bytes. May not live here: what knows a message.
#pragma once

#include "actors/base/errc.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ammo::wire {

inline constexpr std::int8_t embedding_ext = 1; ///< one vector of float32, little-endian
inline constexpr std::int8_t rows_ext = 2;      ///< a matrix of float32, row by row, little-endian

/// Swaps each float's bytes where the host is not little-endian: to the wire and back.
inline void little_endian(std::span<std::byte> floats) noexcept {
  if constexpr (std::endian::native == std::endian::big)
    for (std::size_t i = 0; i + sizeof(float) <= floats.size(); i += sizeof(float))
      std::reverse(floats.begin() + i, floats.begin() + i + sizeof(float));
}

/// Whether little-endian float32s hold neither NaN nor infinity: these have all bits of the exponent set.
[[nodiscard]] inline bool all_finite(std::span<const std::byte> floats) noexcept {
  constexpr std::uint32_t exponent = 0x7F800000u;
  std::uint32_t found = 0; // not a bool, nor left early: so compilers vectorise
  for (std::size_t i = 0; i + sizeof(float) <= floats.size(); i += sizeof(float)) {
    std::array<std::byte, sizeof(float)> one;
    std::memcpy(one.data(), floats.data() + i, sizeof(float));
    little_endian(one);
    found |= (std::bit_cast<std::uint32_t>(one) & exponent) == exponent;
  }
  return found == 0;
}

/// One value as it stands on the wire; of arrays and maps the head only.
struct token {
  enum kind : std::uint8_t { none, nil, boolean, natural, negative, real, text, binary, extension, array, map };
  kind is = none;
  std::int8_t ext = 0;
  std::uint64_t number = 0; ///< natural, boolean; two's complement when negative; count of an array or a map
  double decimal = 0;       ///< real
  std::span<const std::byte> body; ///< text, binary, extension: within the frame
};

/// A cursor over msgpack. Allocates nothing, never reads beyond the end; after the first fault all it gives is `none`.
class cursor {
public:
  explicit cursor(std::span<const std::byte> bytes) noexcept
    : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  [[nodiscard]] errc code() const noexcept { return code_; }
  [[nodiscard]] std::size_t offset() const noexcept { return static_cast<std::size_t>(at_ - begin_); }
  [[nodiscard]] std::size_t left() const noexcept { return static_cast<std::size_t>(end_ - at_); }

  /// Notes a fault, unless there is one already; always false.
  bool fail(errc why) noexcept {
    if (code_ == errc::ok)
      code_ = why;
    end_ = at_;
    return false;
  }

  token next() noexcept {
    if (left() == 0)
      return fault(errc::frame_truncated);
    auto head = static_cast<std::uint8_t>(*at_++);
    if (head <= 0x7F)
      return {token::natural, 0, head, 0, {}};
    if (head <= 0x8F)
      return {token::map, 0, head & 0xFu, 0, {}};
    if (head <= 0x9F)
      return {token::array, 0, head & 0xFu, 0, {}};
    if (head <= 0xBF)
      return bytes(token::text, head & 0x1Fu);
    if (head >= 0xE0)
      return signed_number(static_cast<std::int8_t>(head));
    return long_form(head);
  }

  /// The count of the array that begins here; each of its elements takes a byte at least.
  bool array(std::uint32_t& count) noexcept {
    token t = next();
    if (t.is != token::array)
      return fail(errc::frame_wrong_shape);
    if (t.number > left())
      return fail(errc::frame_truncated);
    count = static_cast<std::uint32_t>(t.number);
    return true;
  }

  /// Passes over one value, with all that is in it.
  bool skip() noexcept {
    for (std::uint64_t open = 1; open > 0; --open) {
      token t = next();
      if (t.is == token::none)
        return false;
      open += t.is == token::array ? t.number : t.is == token::map ? 2 * t.number : 0;
    }
    return true;
  }

private:
  token fault(errc why) noexcept { return fail(why), token{}; }
  static token signed_number(std::int64_t v) noexcept {
    return {v < 0 ? token::negative : token::natural, 0, static_cast<std::uint64_t>(v), 0, {}};
  }

  template <class U>
  bool load(U& out) noexcept {
    if (left() < sizeof(U))
      return fail(errc::frame_truncated);
    out = 0;
    for (std::size_t i = 0; i < sizeof(U); ++i)
      out = static_cast<U>(out << (sizeof(U) > 1 ? 8 : 0)) | static_cast<U>(at_[i]);
    at_ += sizeof(U);
    return true;
  }

  /// A big-endian number of 1 << log2 bytes; zero after a fault.
  std::uint64_t number(unsigned log2) noexcept {
    auto as = [this]<class U>(U v) -> std::uint64_t { return load(v) ? v : 0; };
    switch (log2) {
    case 0: return as(std::uint8_t{});
    case 1: return as(std::uint16_t{});
    case 2: return as(std::uint32_t{});
    default: return as(std::uint64_t{});
    }
  }

  token bytes(token::kind is, std::uint64_t size, std::int8_t ext = 0) noexcept {
    if (size > left())
      return fault(errc::frame_truncated);
    token t{is, ext, size, 0, {at_, static_cast<std::size_t>(size)}};
    at_ += size;
    return t;
  }

  token extension(std::uint64_t size) noexcept {
    auto ext = static_cast<std::int8_t>(number(0));
    return code_ == errc::ok ? bytes(token::extension, size, ext) : token{};
  }

  token sized(token::kind is, unsigned log2) noexcept {
    std::uint64_t size = number(log2);
    if (code_ != errc::ok)
      return {};
    if (is == token::extension)
      return extension(size);
    return is == token::array || is == token::map ? token{is, 0, size, 0, {}} : bytes(is, size);
  }

  token long_form(std::uint8_t head) noexcept {
    switch (head) {
    case 0xC0: return {token::nil, 0, 0, 0, {}};
    case 0xC2: case 0xC3: return {token::boolean, 0, head & 1u, 0, {}};
    case 0xC4: case 0xC5: case 0xC6: return sized(token::binary, head - 0xC4u);
    case 0xC7: case 0xC8: case 0xC9: return sized(token::extension, head - 0xC7u);
    case 0xCA: return real(std::bit_cast<float>(static_cast<std::uint32_t>(number(2))));
    case 0xCB: return real(std::bit_cast<double>(number(3)));
    case 0xCC: case 0xCD: case 0xCE: case 0xCF: return natural(number(head - 0xCCu));
    case 0xD0: return whole(signed_number(static_cast<std::int8_t>(number(0))));
    case 0xD1: return whole(signed_number(static_cast<std::int16_t>(number(1))));
    case 0xD2: return whole(signed_number(static_cast<std::int32_t>(number(2))));
    case 0xD3: return whole(signed_number(static_cast<std::int64_t>(number(3))));
    case 0xD4: case 0xD5: case 0xD6: case 0xD7: case 0xD8: return extension(std::uint64_t{1} << (head - 0xD4u));
    case 0xD9: case 0xDA: case 0xDB: return sized(token::text, head - 0xD9u);
    case 0xDC: case 0xDD: return sized(token::array, head - 0xDBu);
    case 0xDE: case 0xDF: return sized(token::map, head - 0xDDu);
    default: return fault(errc::frame_wrong_shape); // 0xC1 is never used
    }
  }
  token whole(token t) const noexcept { return code_ == errc::ok ? t : token{}; }
  token natural(std::uint64_t v) const noexcept { return whole({token::natural, 0, v, 0, {}}); }
  token real(double v) const noexcept { return whole({token::real, 0, 0, v, {}}); }

  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  errc code_ = errc::ok;
};

} // namespace ammo::wire
