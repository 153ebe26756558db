#include "actors/base/log.hpp"

#include <array>
#include <charconv>

namespace ammo {
namespace {

void append(std::string& line, std::string_view text) { line += text; }
void append(std::string& line, bool value) { line += value ? "true" : "false"; }
template <class Number>
void append(std::string& line, Number value) {
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value);
  line.append(digits.data(), end.ptr);
}

} // namespace

std::string_view name_of(log_level level) noexcept {
  constexpr std::string_view names[] = {"debug", "info", "warning", "error"};
  const auto i = static_cast<std::size_t>(level);
  return i < std::size(names) ? names[i] : "unknown";
}

std::string text_of(const log_record& record) {
  std::string line{name_of(record.level)};
  line += ' ';
  line += record.event;
  for (const auto& field : record.fields) {
    line += ' ';
    line += field.name;
    line += '=';
    std::visit([&line](auto value) { append(line, value); }, field.value);
  }
  if (record.trace)
    line += " trace_id=" + record.trace->trace_id() + " span_id=" + record.trace->span_id();
  return line;
}

log_sink::log_sink(callback write, log_level least) : least_(least) {
  if (write)
    write_ = std::make_shared<const callback>(std::move(write));
}

void log_sink::write(const log_record& record) const noexcept {
  if (!wants(record.level))
    return;
  try {
    (*write_)(record);
  } catch (...) {
    // A host's sink must not throw. If it does, the fault stays its own.
  }
}

} // namespace ammo
