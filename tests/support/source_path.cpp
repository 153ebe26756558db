#include "tests/support/source_path.hpp"

std::string ammo::test::source_path(std::string_view below) {
  std::string path = AMMO_SOURCE_DIR;
  return below.empty() ? path : path.append("/").append(below);
}
