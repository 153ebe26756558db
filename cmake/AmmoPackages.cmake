# Packages in Debian's form: `make packages`, or `cpack -G DEB` in a build folder.
#
#     ammo          the command, a unit of systemd, rules for Prometheus and a dashboard
#     ammo-data     the real data of coin, job and edu, each with its licence
#     libammo0.1    the shared library (of a build with BUILD_SHARED_LIBS)
#     libammo-dev   headers, the CMake package, ammo.pc, and the static libraries where no shared one was built
set(CPACK_GENERATOR DEB)
set(CPACK_COMPONENTS_ALL development data)
if(BUILD_SHARED_LIBS)
  list(APPEND CPACK_COMPONENTS_ALL library)
endif()
if(TARGET ammo)
  list(APPEND CPACK_COMPONENTS_ALL command)
endif()
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGE_VENDOR AMMO)
set(CPACK_PACKAGE_CONTACT "the AMMO authors <ammo@localhost>")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(library libammo${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(same "(= ${PROJECT_VERSION})")

set(CPACK_DEBIAN_COMMAND_PACKAGE_NAME ammo)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SECTION science)
set(CPACK_DEBIAN_COMMAND_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_COMMAND_PACKAGE_DEPENDS "ammo-data ${same}")
set(CPACK_DEBIAN_COMMAND_PACKAGE_SUGGESTS "postgresql, prometheus")
set(CPACK_COMPONENT_COMMAND_DESCRIPTION "User Buddies choose what a person sees, Goal Buddies create it, and both learn. ammo plays games, serves a deployment behind HTTP, and looks into its state.")

set(CPACK_DEBIAN_DATA_PACKAGE_NAME ammo-data)
set(CPACK_DEBIAN_DATA_PACKAGE_SECTION science)
set(CPACK_DEBIAN_DATA_PACKAGE_ARCHITECTURE all)
set(CPACK_COMPONENT_DATA_DESCRIPTION "Coins of the Cosmos chain registry, occupations of O*NET, programmes of study, learning resources and a survey of learners. Each has a licence of its own: SOURCE.md beside it.")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME ${library})
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON) # of the one package that has a shared library
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_SOURCE_DIR}/cmake/debian/triggers)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SUGGESTS "ammo-data ${same}")
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "A C++ library that a host application embeds: learning agents decide what reaches a person's scarce attention.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libammo-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "ammo-data ${same}")
if(BUILD_SHARED_LIBS)
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${library} ${same}")
else()
  set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libcaf-dev (>= 0.17.6), libhwy-dev, libtomlplusplus-dev, libsqlite3-dev, libpq-dev, libssl-dev")
endif()
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "Headers that need the standard library alone, a CMake package and a file for pkg-config.")

# What Debian wants beside each: whose it is, and on which terms. Not of a plain installation, which has LICENSE, NOTICE and each SOURCE.md.
foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  install(FILES ${PROJECT_SOURCE_DIR}/cmake/debian/copyright DESTINATION share/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME} COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
include(CPack)
