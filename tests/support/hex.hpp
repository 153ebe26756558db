/// Bytes as people write them in tests: "93 01 c0".
#pragma once

#include <cstddef>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::test {

/// Pairs of hexadecimal digits; whitespace is passed over.
inline std::vector<std::byte> from_hex(std::string_view text) {
  auto digit = [](char c) { return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10; };
  std::string digits;
  for (char c : text)
    if (c > ' ')
      digits += c;
  std::vector<std::byte> out;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
    out.push_back(static_cast<std::byte>(digit(digits[i]) << 4 | digit(digits[i + 1])));
  return out;
}

/// 32 bytes a line.
inline std::string to_hex(std::span<const std::byte> bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto b = static_cast<unsigned>(bytes[i]);
    out += "0123456789abcdef"[b >> 4];
    out += "0123456789abcdef"[b & 15];
    out += (i + 1) % 32 == 0 || i + 1 == bytes.size() ? '\n' : ' ';
  }
  return out;
}

inline std::string read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

} // namespace ammo::test
