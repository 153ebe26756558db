# The public headers: runtime/include/ammo, and the vocabulary of actors/ and subspaces/ that they speak (errors, results, ids, …), copied to ammo/ with
# its includes rewritten. Both forms of a header have one include guard, so a source file that sees both sees one definition; a host never
# sees a folder actors/, and may have its own.
set(AMMO_VOCABULARY actors/base/errc.hpp actors/base/executor.hpp actors/base/export.hpp actors/base/ids.hpp actors/base/result.hpp actors/protocol/explained.hpp actors/protocol/shown.hpp actors/protocol/signal.hpp
  actors/protocol/written.hpp actors/space/content_set.hpp actors/space/propensity.hpp actors/aipp/off_policy.hpp actors/base/item.hpp actors/base/log.hpp
  actors/base/trace.hpp actors/base/counter_value.hpp subspaces/kind.hpp)
set(AMMO_GENERATED_INCLUDE ${CMAKE_CURRENT_BINARY_DIR}/include)

foreach(header IN LISTS AMMO_VOCABULARY)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${header})
  cmake_path(GET header FILENAME name)
  file(READ ${CMAKE_CURRENT_SOURCE_DIR}/${header} text)
  string(REGEX REPLACE "#include \"(actors|subspaces)/([a-z_]+/)*([a-z_]+\\.hpp)\"" "#include \"ammo/\\3\"" text "${text}")
  file(GENERATE OUTPUT ${AMMO_GENERATED_INCLUDE}/ammo/${name} CONTENT "${text}")
endforeach()

# What a target that holds public headers shows: to this tree's targets and to a host's that adds AMMO with add_subdirectory.
function(ammo_public_headers target)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/runtime/include>
    $<BUILD_INTERFACE:${AMMO_GENERATED_INCLUDE}>)
endfunction()
