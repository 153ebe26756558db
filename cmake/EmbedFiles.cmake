# Writes a source file with the text of files that the gateway serves, so that the program needs none of them where it runs.
function(ammo_embed_files output)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file FILENAME name)
    file(READ ${file} text)
    string(APPEND entries "    {\"${name}\", R\"bundled(${text})bundled\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "runtime/gateway/bundled_files.hpp"

namespace ammo::web {
namespace {

constexpr bundled_file files[] = {
@entries@};

} // namespace

std::span<const bundled_file> bundled_files() noexcept { return files; }

} // namespace ammo::web
]])
endfunction()
