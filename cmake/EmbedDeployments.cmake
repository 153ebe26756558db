# Writes a source file with the text of each TOML file, so that the deployment that a user reads is the one that runs.
function(ammo_embed_deployments output)
  set(entries "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    cmake_path(GET file STEM name)
    file(READ ${file} text)
    string(APPEND entries "  {\"${name}\", R\"toml(${text})toml\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "runtime/config/built_in_deployments.hpp"

namespace ammo {
namespace {

constexpr built_in_deployment deployments[] = {
@entries@};

} // namespace

std::span<const built_in_deployment> built_in_deployments() noexcept { return deployments; }

} // namespace ammo
]])
endfunction()
