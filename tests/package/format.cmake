# Every source file is as clang-format-16 leaves it (.clang-format), save those whose path matches a line of format_baseline: these are
# still to be reformatted, by `make format`, which needs no baseline.
# Run as: cmake -D CLANG_FORMAT=… -D ROOT=… -P format.cmake
file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/actors/*.[ch]pp ${ROOT}/bench/*.[ch]pp ${ROOT}/examples/*.[ch]pp ${ROOT}/runtime/*.[ch]pp
  ${ROOT}/subspaces/*.[ch]pp ${ROOT}/tests/*.[ch]pp)
if(EXISTS ${CMAKE_CURRENT_LIST_DIR}/format_baseline)
  file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/format_baseline baseline REGEX "^[^#]")
  foreach(pattern IN LISTS baseline)
    list(FILTER files EXCLUDE REGEX ${pattern})
  endforeach()
endif()
if(NOT files)
  message(SEND_ERROR "no file is checked: this test doesn't look where it should")
endif()
execute_process(COMMAND ${CLANG_FORMAT} --dry-run --Werror --style=file ${files} WORKING_DIRECTORY ${ROOT} RESULT_VARIABLE failed
  ERROR_VARIABLE said)
if(failed)
  message(SEND_ERROR "`make format` makes these right:\n${said}")
endif()
