# What `cmake --install` puts where: the public headers under include/ammo-0.1/ammo, libraries, the CMake package `ammo`, ammo.pc, the
# subspaces' data, the command. No other header is installed: a host never sees CAF, and no folder but ammo/.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/ammo)
set(header_dir ${CMAKE_INSTALL_INCLUDEDIR}/ammo-${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})

install(TARGETS ${AMMO_INSTALLED} EXPORT ammo INCLUDES DESTINATION ${header_dir})
install(EXPORT ammo FILE ammoTargets.cmake NAMESPACE ammo:: DESTINATION ${package_dir})
if(TARGET ammo)
  install(TARGETS ammo)
endif()

install(DIRECTORY runtime/include/ammo ${AMMO_GENERATED_INCLUDE}/ammo DESTINATION ${header_dir} FILES_MATCHING PATTERN *.hpp)

file(GLOB data_dirs CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} subspaces/*/data)
foreach(data_dir IN LISTS data_dirs)
  cmake_path(GET data_dir PARENT_PATH subspace)
  install(DIRECTORY ${data_dir} DESTINATION ${CMAKE_INSTALL_DATADIR}/ammo/${subspace})
endforeach()

if(BUILD_SHARED_LIBS)
  set(AMMO_IS_SHARED TRUE)
  set(AMMO_PC_LIBS "-lammo")
else()
  set(AMMO_IS_SHARED FALSE)
  set(AMMO_PC_LIBS "-lammo_runtime -lammo_subspaces -lammo_core -lcaf_core -lhwy -ltomlplusplus -lsqlite3 -lpq -pthread")
endif()
configure_package_config_file(cmake/ammoConfig.cmake.in ammoConfig.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(ammoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ammoConfig.cmake ${PROJECT_BINARY_DIR}/ammoConfigVersion.cmake cmake/ammoCAF.cmake
  DESTINATION ${package_dir})
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})

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
install(FILES ${PROJECT_BINARY_DIR}/ammo.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
