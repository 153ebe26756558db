#include "actors/base/trace.hpp"

#include <algorithm>
#include <cstring>

namespace ammo {
namespace {

constexpr std::size_t length = 55; // of version 00: 2 + 1 + 32 + 1 + 16 + 1 + 2

thread_local const trace_scope* innermost = nullptr;

/// −1: no digit. Capital letters are none here.
constexpr int digit(char c) noexcept {
  return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                                                : -1;
}

bool read_hex(std::string_view text, std::span<std::uint8_t> to) noexcept {
  for (std::size_t i = 0; i < to.size(); ++i) {
    const int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return false;
    to[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return true;
}

std::string hex_of(std::span<const std::uint8_t> bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const auto b : bytes)
    (out += digits[b >> 4]) += digits[b & 15];
  return out;
}

bool all_zero(std::span<const std::uint8_t> bytes) noexcept {
  return std::ranges::all_of(bytes, [](auto b) { return b == 0; });
}

} // namespace

std::optional<trace_context> trace_context::read(std::string_view text) noexcept {
  if (text.size() < length || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return {};
  std::array<std::uint8_t, 1> version{}, flags{};
  trace_context out;
  if (!read_hex(text.substr(0, 2), version) || !read_hex(text.substr(3, 32), out.trace) || !read_hex(text.substr(36, 16), out.span) || !read_hex(text.substr(53, 2), flags))
    return {};
  const bool ends = text.size() == length || (version[0] != 0 && text[length] == '-');
  if (version[0] == 0xFF || !ends || all_zero(out.trace) || all_zero(out.span))
    return {};
  out.flags = flags[0];
  return out;
}

std::string trace_context::trace_id() const { return hex_of(trace); }
std::string trace_context::span_id() const { return hex_of(span); }
std::string trace_context::traceparent() const { return "00-" + trace_id() + '-' + span_id() + '-' + hex_of({&flags, 1}); }

std::array<std::byte, trace_context::size> trace_context::bytes() const noexcept {
  std::array<std::byte, size> out;
  std::memcpy(out.data(), trace.data(), trace.size());
  std::memcpy(out.data() + trace.size(), span.data(), span.size());
  out.back() = std::byte{flags};
  return out;
}

std::optional<trace_context> trace_context::of_bytes(std::span<const std::byte> bytes) noexcept {
  trace_context out;
  if (bytes.size() != size)
    return {};
  std::memcpy(out.trace.data(), bytes.data(), out.trace.size());
  std::memcpy(out.span.data(), bytes.data() + out.trace.size(), out.span.size());
  out.flags = std::to_integer<std::uint8_t>(bytes.back());
  return all_zero(out.trace) || all_zero(out.span) ? std::nullopt : std::optional(out);
}

trace_scope::trace_scope(shared_trace of) noexcept : of_(std::move(of)), outer_(innermost) { innermost = this; }
trace_scope::~trace_scope() { innermost = outer_; }

const shared_trace& trace_scope::current() noexcept {
  static constinit const shared_trace none;
  return innermost ? innermost->of_ : none;
}

} // namespace ammo
