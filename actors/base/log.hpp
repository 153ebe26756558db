/// Structured log records, and the sink that a host gives a deployment to hear of them.
#ifndef AMMO_LOG_HPP // hosts see this file as ammo/log.hpp: one guard for both
#define AMMO_LOG_HPP

#include "actors/base/export.hpp"
#include "actors/base/trace.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace ammo {

enum class log_level : std::uint8_t {
  debug,   ///< every refusal, every catalogue version: for whoever looks for a fault
  info,    ///< what an operator expects to happen
  warning, ///< something failed and was put right
  error,   ///< something failed and stays so until somebody acts
};

/// "debug", "info", "warning", "error".
[[nodiscard]] AMMO_EXPORT std::string_view name_of(log_level level) noexcept;

/// A named value of a record. A text is valid during the call only.
struct log_field {
  std::string_view name;
  std::variant<std::string_view, std::uint64_t, std::int64_t, double, bool> value;
};

/// One thing that happened. Valid during the call only.
struct log_record {
  log_level level = log_level::info;
  std::string_view event; ///< what happened, "part_failed": one of a fixed set of names
  std::span<const log_field> fields;
  std::chrono::system_clock::time_point at{};
  const trace_context* trace = nullptr; ///< of the request that it happened for; null: for none that said so
};

/// A record as one line of text: "error part_failed part=user_buddy id=7", with trace_id and span_id where there is a trace. The time isn't part of it.
[[nodiscard]] AMMO_EXPORT std::string text_of(const log_record& record);

/// Where log records go. Silent by default. A copy writes to the same place.
class AMMO_EXPORT log_sink {
public:
  using callback = std::function<void(const log_record&)>;

  log_sink() = default;
  /// Calls `write` for every record of at least `least`, on whatever thread something happens, several at once. An actor waits
  /// for it: it should hand the record on and return. What it throws is dropped.
  log_sink(callback write, log_level least = log_level::info);

  [[nodiscard]] bool wants(log_level level) const noexcept { return write_ && level >= least_; }
  void write(const log_record& record) const noexcept;

  /// Where records go is no part of what a deployment is: all sinks are equal.
  friend bool operator==(const log_sink&, const log_sink&) noexcept { return true; }

private:
  std::shared_ptr<const callback> write_;
  log_level least_ = log_level::info;
};

} // namespace ammo

#endif
