# How every target of the house is compiled.

# What is in nearly every source file is parsed once for each library (precompiled headers). -DCMAKE_DISABLE_PRECOMPILE_HEADERS=ON
# compiles without them, and so does every consumer.
set(AMMO_COMMON_HEADERS <algorithm> <array> <cmath> <cstdint> <functional> <limits> <map> <memory> <numeric> <optional> <span> <string>
  <string_view> <tuple> <unordered_map> <utility> <variant> <vector>)

# Warnings, the language and the way to the house's own headers: of every target of the tree, and of no host's.
function(ammo_warnings target)
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_features(${target} PUBLIC cxx_std_20)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
    $<$<BOOL:${AMMO_WERROR}>:-Werror>)
  # GCC 12 at -O3 reports std::string's and small_vector's own copies (GCC bug 105651 and its kin).
  target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-stringop-overread
    -Wno-stringop-overflow -Wno-array-bounds -Wno-maybe-uninitialized>)
endfunction()

# Sanitizers see the product's code, and what they find stops the program. Null pointers are the address sanitizer's to find: the checks of
# `undefined` before every access (null, alignment, object-size, vptr) take a third of the compiler's time and find nothing more.
function(ammo_options target)
  ammo_warnings(${target})
  if(AMMO_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${AMMO_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    if(AMMO_SANITIZE MATCHES undefined AND AMMO_SANITIZE MATCHES address)
      target_compile_options(${target} PRIVATE -fno-sanitize=null,alignment,object-size,vptr)
    endif()
    target_link_options(${target} PUBLIC -fsanitize=${AMMO_SANITIZE})
  endif()
endfunction()

# The tests' own code is not sanitized (it would take three times as long to compile), save for threads: that sanitizer must see every atomic.
function(ammo_test_options target)
  if(AMMO_SANITIZE MATCHES "thread|fuzzer")
    ammo_options(${target})
  else()
    ammo_warnings(${target})
  endif()
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O0>) # the product is optimised; to optimise the tests' own code takes longer than it saves
endfunction()

# A static library of the house, installed as ammo::<name without "ammo_">. Only what is marked AMMO_EXPORT is seen outside a shared library
# that it becomes part of.
function(ammo_library target)
  add_library(${target} STATIC ${ARGN})
  string(REPLACE "ammo_" "" short ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${short})
  ammo_library_code(${target})
  target_precompile_headers(${target} PRIVATE ${AMMO_COMMON_HEADERS})
endfunction()

# Objects of one library that are compiled on their own: the tests of these rooms need no more of it.
function(ammo_objects target)
  add_library(${target} OBJECT ${ARGN})
  ammo_library_code(${target})
endfunction()

# With AMMO_UNITY the files of a room are compiled as one: what they include is parsed once. Only for libraries whose rooms have no two helpers of
# one name.
function(ammo_by_room target)
  if(NOT AMMO_UNITY)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "^[^$]*\\.cpp$")
  foreach(source IN LISTS sources)
    cmake_path(GET source PARENT_PATH room)
    cmake_path(GET room FILENAME room)
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP ${room})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

function(ammo_library_code target)
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  # A host's CMAKE_UNITY_BUILD joins no files of ours: helpers of one name in two files' unnamed namespaces are no error here (but see ammo_by_room).
  set_target_properties(${target} PROPERTIES UNITY_BUILD OFF)
  ammo_options(${target})
endfunction()

# ammo_test(name libraries… [SOURCES files…] [EXCEPT regex] [PCH headers…] [OPTIMISED]): one test program of a folder, every *.cpp in it (or SOURCES),
# and one test for each file, labelled with the folder's name. Test cases that are tagged [.science] are left to `make science`: statistics
# that take many seeds. The name must be one of AMMO_TEST_GROUPS. No test has a limit that a slow machine reaches: what hangs is ended.
function(ammo_test name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "OPTIMISED" "EXCEPT" "SOURCES;PCH")
  if(NOT name IN_LIST AMMO_TEST_GROUPS)
    return()
  endif()
  if(arg_SOURCES)
    set(sources ${arg_SOURCES})
  else()
    file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp)
  endif()
  if(arg_EXCEPT)
    list(FILTER sources EXCLUDE REGEX ${arg_EXCEPT})
  endif()
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  ammo_test_options(test_${name})
  if(arg_OPTIMISED)
    target_compile_options(test_${name} PRIVATE -O1)
  endif()
  target_link_libraries(test_${name} PRIVATE ${arg_UNPARSED_ARGUMENTS} ammo_test_main)
  if(arg_PCH OR arg_OPTIMISED)
    target_precompile_headers(test_${name} PRIVATE ${AMMO_COMMON_HEADERS} <catch2/catch.hpp> ${arg_PCH})
  else()
    target_precompile_headers(test_${name} REUSE_FROM ammo_test_main)
  endif()
  foreach(source IN LISTS sources)
    cmake_path(GET source STEM file)
    add_test(NAME "${name}: ${file}" COMMAND test_${name} "--filenames-as-tags" "[#${file}]~[science]")
    set_tests_properties("${name}: ${file}" PROPERTIES LABELS ${name} TIMEOUT ${AMMO_TEST_TIMEOUT})
  endforeach()
  add_test(NAME "science: ${name}" COMMAND test_${name} "[science]")
  set_tests_properties("science: ${name}" PROPERTIES LABELS science TIMEOUT ${AMMO_TEST_TIMEOUT})
endfunction()

# A fuzz target, fuzz/fuzz_<name>.cpp: driven by Clang's fuzzer in the preset `fuzz`; elsewhere a test that runs it over
# its seeds, and a program that reproduces a finding.
function(ammo_fuzz name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "LIBRARIES;SEEDS")
  if(NOT "fuzz" IN_LIST AMMO_TEST_GROUPS)
    return()
  endif()
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
    set_tests_properties("fuzz: ${name}" PROPERTIES LABELS fuzz TIMEOUT ${AMMO_TEST_TIMEOUT})
  endif()
endfunction()
