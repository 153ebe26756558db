# How every target of the house is compiled.

function(ammo_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    $<$<BOOL:${AMMO_WERROR}>:-Werror>)
  # GCC 12 at -O3 reports std::string's and small_vector's own copies (GCC bug 105651 and its kin).
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overread
    -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized>)
  if(AMMO_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${AMMO_SANITIZE} -fno-sanitize-recover=all
      -fno-omit-frame-pointer)
    target_link_options(${target} PUBLIC -fsanitize=${AMMO_SANITIZE})
  endif()
endfunction()

# A static library of the house, with the alias ammo::<name without "ammo_">.
function(ammo_library target)
  add_library(${target} STATIC ${ARGN})
  string(REPLACE "ammo_" "" short ${target})
  add_library(ammo::${short} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${short} POSITION_INDEPENDENT_CODE ON)
  ammo_options(${target})
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
endfunction()

# One test program of a folder: every *.cpp in it, labelled with the folder's name.
function(ammo_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  ammo_options(test_${name})
  target_link_libraries(test_${name} PRIVATE ${ARGN} ammo_test_main)
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: " PROPERTIES LABELS ${name} TIMEOUT 300)
endfunction()

# A fuzz target, fuzz/fuzz_<name>.cpp: driven by Clang's fuzzer in the preset `fuzz`; elsewhere a test that runs it over
# its seeds, and a program that reproduces a finding.
function(ammo_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;SEEDS")
  add_executable(fuzz_${name} fuzz/fuzz_${name}.cpp)
  ammo_options(fuzz_${name})
  target_include_directories(fuzz_${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(fuzz_${name} PRIVATE ${arg_LIBRARIES})
  if(AMMO_SANITIZE MATCHES fuzzer)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE fuzz/reproduce.cpp)
    list(TRANSFORM arg_SEEDS PREPEND ${CMAKE_CURRENT_SOURCE_DIR}/)
    add_test(NAME "fuzz: ${name}" COMMAND fuzz_${name} ${arg_SEEDS})
    set_tests_properties("fuzz: ${name}" PROPERTIES LABELS fuzz TIMEOUT 300)
  endif()
endfunction()
