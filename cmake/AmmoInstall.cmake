# What `cmake --install` puts where: headers under include/ammo-0.1, libraries, the CMake package `ammo`, the subspaces'
# data, the command. Bodies (*_actor.hpp, body.hpp, fan_out.hpp) stay inside: a host never sees CAF.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ammo)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/ammo-${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

install(TARGETS ammo_core ammo_subspaces ammo_runtime EXPORT ammo INCLUDES DESTINATION ${header_dir})
install(EXPORT ammo FILE ammoTargets.cmake NAMESPACE ammo:: DESTINATION ${package_dir})
if(TARGET ammo)
  install(TARGETS ammo)
endif()

install(DIRECTORY runtime/include/ammo DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp)
install(DIRECTORY actors subspaces DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp
  PATTERN *_actor.hpp EXCLUDE PATTERN body.hpp EXCLUDE PATTERN fan_out.hpp EXCLUDE PATTERN data EXCLUDE)

file(GLOB data_dirs CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} subspaces/*/data)
foreach(data_dir IN LISTS data_dirs)
  cmake_path(GET data_dir PARENT_PATH subspace)
  install(DIRECTORY ${data_dir} DESTINATION ${CMAKE_INSTALL_DATADIR}/ammo/${subspace})
endforeach()

configure_package_config_file(cmake/ammoConfig.cmake.in ammoConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(ammoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ammoConfig.cmake ${PROJECT_BINARY_DIR}/ammoConfigVersion.cmake cmake/FindCAF.cmake
  DESTINATION ${package_dir})
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
