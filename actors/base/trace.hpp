/// The trace that a request is part of (W3C Trace Context, https://www.w3.org/TR/trace-context/), and which one the calling thread works for.
/// Lives here: the value, its text, and the thread's mark. May not live here: spans of the runtime's own, and where they would go.
#ifndef AMMO_TRACE_HPP // hosts see this file as ammo/trace.hpp: one guard for both
#define AMMO_TRACE_HPP

#include "actors/base/export.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace ammo {

/// Which trace, and which span of whoever asks.
struct AMMO_EXPORT trace_context {
  std::array<std::uint8_t, 16> trace{}; ///< never all 0
  std::array<std::uint8_t, 8> span{};   ///< of the caller; never all 0
  std::uint8_t flags = 0;               ///< bit 0: the caller records it

  /// Reads a `traceparent`, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"; of a later version what this one knows of it. Nothing: it is
  /// malformed, and by the specification the caller's trace ends here.
  [[nodiscard]] static std::optional<trace_context> read(std::string_view traceparent) noexcept;
  [[nodiscard]] std::string trace_id() const; ///< 32 hexadecimal digits
  [[nodiscard]] std::string span_id() const;  ///< 16
  [[nodiscard]] std::string traceparent() const;

  static constexpr std::size_t size = 25; ///< bytes: trace, span, flags
  [[nodiscard]] std::array<std::byte, size> bytes() const noexcept;
  /// Nothing: these aren't the bytes of one.
  [[nodiscard]] static std::optional<trace_context> of_bytes(std::span<const std::byte> bytes) noexcept;

  [[nodiscard]] bool sampled() const noexcept { return (flags & 1) != 0; }
  friend bool operator==(const trace_context&, const trace_context&) = default;
};

/// Null: no trace. Immutable, so that whoever takes part shares it.
using shared_trace = std::shared_ptr<const trace_context>;

/// Marks the calling thread for the scope: what it calls and logs is part of that trace; null: of none. Marks nest.
class AMMO_EXPORT trace_scope {
public:
  explicit trace_scope(shared_trace of) noexcept;
  ~trace_scope();
  trace_scope(const trace_scope&) = delete;
  trace_scope& operator=(const trace_scope&) = delete;

  /// What the calling thread works for.
  [[nodiscard]] static const shared_trace& current() noexcept;

private:
  const shared_trace of_;
  const trace_scope* const outer_;
};

} // namespace ammo

#endif
