/// The files of runtime/gateway/page, which are part of the program.
#pragma once

#include <span>
#include <string_view>

namespace ammo::web {

struct bundled_file {
  std::string_view name, text;
};

[[nodiscard]] std::span<const bundled_file> bundled_files() noexcept;

} // namespace ammo::web
