# What `cmake --install` puts where: the public headers under include/ammo-0.1/ammo, libraries, the CMake package `ammo`, ammo.pc, the
# subspaces' data, the command with a unit of systemd. No other header is installed: a host never sees CAF, and no folder but ammo/.
# Each rule names its component, which is a package of its own in Debian's form: AmmoPackages.cmake.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ammo)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/ammo-${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

install(TARGETS ${AMMO_INSTALLED} EXPORT ammo
  LIBRARY COMPONENT library NAMELINK_COMPONENT development
  ARCHIVE COMPONENT development
  INCLUDES DESTINATION ${header_dir})
install(EXPORT ammo FILE ammoTargets.cmake NAMESPACE ammo:: DESTINATION ${package_dir} COMPONENT development)
if(TARGET ammo)
  install(TARGETS ammo COMPONENT command)
  install(FILES examples/operations/ammo.service DESTINATION lib/systemd/system COMPONENT command)
  install(FILES examples/operations/alerts.yaml examples/operations/dashboard.json DESTINATION ${CMAKE_INSTALL_DATADIR}/ammo/operations COMPONENT command)
endif()

install(DIRECTORY runtime/include/ammo ${AMMO_GENERATED_INCLUDE}/ammo DESTINATION ${header_dir} COMPONENT development FILES_MATCHING PATTERN *.hpp)

file(GLOB data_dirs CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} subspaces/*/data)
foreach(data_dir IN LISTS data_dirs)
  cmake_path(GET data_dir PARENT_PATH subspace)
  install(DIRECTORY ${data_dir} DESTINATION ${CMAKE_INSTALL_DATADIR}/ammo/${subspace} COMPONENT data)
endforeach()

if(BUILD_SHARED_LIBS)
  set(AMMO_IS_SHARED TRUE)
  set(AMMO_PC_LIBS "-lammo")
else()
  set(AMMO_IS_SHARED FALSE)
  set(AMMO_PC_LIBS "-lammo_runtime -lammo_subspaces -lammo_core -lcaf_core -lhwy -ltomlplusplus -lsqlite3 -lpq -lssl -lcrypto -pthread")
endif()
configure_package_config_file(cmake/ammoConfig.cmake.in ammoConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(ammoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ammoConfig.cmake ${PROJECT_BINARY_DIR}/ammoConfigVersion.cmake cmake/ammoCAF.cmake
  DESTINATION ${package_dir} COMPONENT development)
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR}) # of no component: a Debian package has a copyright file instead

# ammo.pc finds its prefix from where it lies, so an installed tree may be moved.
cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE to_prefix)
set(AMMO_PC_PREFIX "\${pcfiledir}/${to_prefix}")
foreach(dir LIBDIR INCLUDEDIR)
  if(IS_ABSOLUTE "${CMAKE_INSTALL_${dir}}")
    set(AMMO_PC_${dir} "${CMAKE_INSTALL_${dir}}")
  else()
    set(AMMO_PC_${dir} "\${prefix}/${CMAKE_INSTALL_${dir}}")
  endif()
endforeach()
string(APPEND AMMO_PC_INCLUDEDIR "/ammo-${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}")
configure_file(cmake/ammo.pc.in ${PROJECT_BINARY_DIR}/ammo.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/ammo.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT development)

include(AmmoPackages)
