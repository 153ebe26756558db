#include "runtime/cli/terminal/log_lines.hpp"

#include "runtime/cli/terminal/output_file.hpp"

#include <cstdio>

namespace ammo::cli {

log_sink log_lines(const std::string& least) {
  for (const auto level : {log_level::debug, log_level::info, log_level::warning, log_level::error})
    if (name_of(level) == least)
      return {[](const log_record& r) { (void)put("ammo: " + text_of(r) + '\n', stderr); }, level};
  return {};
}

} // namespace ammo::cli
