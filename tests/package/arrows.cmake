# The arrows between the rooms point downward, and CAF stays in the bodies.
# Run as: cmake -D CXX=… -D ROOT=… -D GENERATED=… -P arrows.cmake

# The house from bottom to top: a room may include itself and the lines below its own, never another room of its line. A file belongs to the
# room with the longest name that its path begins with; ammo/ is runtime/include.
set(house
  "actors/base"
  "actors/space"
  "actors/space/cones"
  "actors/protocol"
  "actors/slots"
  "actors/evolution actors/diagnosis"
  "actors/user_buddy/belief"
  "actors/user_buddy/person"
  "actors/user_buddy/slate"
  "actors/user_buddy actors/goal_buddy actors/metaspace actors/subspace"
  "actors/aipp actors/population"
  "actors/supervisor"
  "subspaces"
  "subspaces/coin subspaces/job subspaces/edu"
  "runtime/include"
  "runtime/config"
  "runtime/system"
  "runtime/store"
  "runtime/cluster"
  "runtime/node"
  "runtime/state"
  "runtime/writing"
  "runtime/host/admission runtime/host/calls runtime/host/sessions"
  "runtime/host/cluster"
  "runtime/host"
  "runtime/report"
  "runtime/simulation"
  "runtime/gateway/text"
  "runtime/gateway/keys"
  "runtime/gateway/service"
  "runtime/gateway/calls"
  "runtime/gateway/transport"
  "runtime/gateway"
  "runtime/cli/terminal"
  "runtime/cli")

set(rank 0)
foreach(line IN LISTS house)
  string(REPLACE " " ";" rooms "${line}")
  foreach(room IN LISTS rooms)
    set(rank_of_${room} ${rank})
  endforeach()
  math(EXPR rank "${rank} + 1")
endforeach()

# The room of a path; empty where it belongs to none.
function(room_of path out)
  string(REGEX REPLACE "^ammo/" "runtime/include/ammo/" path "${path}")
  cmake_path(GET path PARENT_PATH room)
  while(room AND NOT DEFINED rank_of_${room})
    cmake_path(GET room PARENT_PATH room)
  endwhile()
  set(${out} "${room}" PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/actors/*.[ch]pp ${ROOT}/subspaces/*.[ch]pp ${ROOT}/runtime/*.[ch]pp)
list(FILTER files EXCLUDE REGEX "/data/")
set(arrows 0)
foreach(file IN LISTS files)
  room_of(${file} from)
  if(NOT from)
    message(SEND_ERROR "${file} is in no room of the house: name its folder in ${CMAKE_CURRENT_LIST_FILE}")
    continue()
  endif()
  file(STRINGS ${ROOT}/${file} includes REGEX "^ *# *include *[<\"](actors|subspaces|runtime|ammo)/")
  foreach(line IN LISTS includes)
    string(REGEX REPLACE "^ *# *include *[<\"]([^>\"]+)[>\"].*" "\\1" header "${line}")
    room_of(${header} to)
    math(EXPR arrows "${arrows} + 1")
    if(from STREQUAL "runtime/include" AND NOT to STREQUAL "runtime/include")
      message(SEND_ERROR "${file} includes ${header}\n  Public headers stand alone under ammo/.")
    endif()
    if(NOT to)
      message(SEND_ERROR "${file} includes ${header}, which is in no room of the house")
    elseif(NOT from STREQUAL to AND NOT rank_of_${to} LESS rank_of_${from})
      message(SEND_ERROR "${file} includes ${header}\n  Arrows point downward: ${to} isn't below ${from}.")
    endif()
  endforeach()
endforeach()
if(arrows LESS 500)
  message(SEND_ERROR "only ${arrows} arrows were found: this test doesn't look where it should")
endif()

# forbid(why what glob… [EXCEPT paths]): no file of the globs below ROOT has an #include that matches the regex `what`.
function(forbid why what)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "EXCEPT" "")
  list(TRANSFORM arg_UNPARSED_ARGUMENTS PREPEND ${ROOT}/ OUTPUT_VARIABLE globs)
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${globs})
  if(arg_EXCEPT)
    list(FILTER files EXCLUDE REGEX ${arg_EXCEPT})
  endif()
  foreach(file IN LISTS files)
    file(STRINGS ${ROOT}/${file} lines REGEX "^ *# *include *[<\"]${what}")
    foreach(line IN LISTS lines)
      message(SEND_ERROR "${file}: ${line}\n  ${why}")
    endforeach()
  endforeach()
endfunction()

forbid("Subspaces know nothing of CAF and of bodies." "(caf/|.*_actor.hpp|.*/(body|fan_out|routes).hpp)" subspaces/*.[ch]pp)
forbid("The gateway stands above the public headers, ammo/…, and its own." "(actors|subspaces|runtime/(([^g]|g[^a])[^/]*))/" runtime/gateway/*.[ch]pp)
forbid("The gateway knows nothing of CAF." "caf/" runtime/gateway/*.[ch]pp)
forbid("CAF belongs to bodies, *_actor.[ch]pp with their body.hpp, failing.hpp, table_of_handlers.hpp, sending.hpp, fan_out.hpp, routes.hpp and unit_moves.hpp; all else in actors/ links without it."
  "(caf/|.*_actor.hpp|.*/(body|failing|table_of_handlers|sending|arriving|fan_out|routes|unit_moves).hpp)" actors/*.[ch]pp EXCEPT "(_actor\\.[ch]pp|/(body|failing|table_of_handlers|sending|arriving|fan_out|routes|unit_moves)\\.hpp)$")

forbid("The minds of many machines know no CAF, no network and no clock of their own." "(caf/|boost/|.*(_actor|/body|/sending|/routes|base/clock).hpp)" runtime/cluster/*.[ch]pp)

forbid("Links know nothing of CAF, and no message but its bytes." "(caf/|actors/protocol/(messages|codec|body|sending|routes))" runtime/node/*.[ch]pp)

# What a host includes stands alone, and must not bring in, not even by a detour, what it has no business with.
file(GLOB public_headers ${ROOT}/runtime/include/ammo/*.hpp ${GENERATED}/ammo/*.hpp)
foreach(header IN LISTS public_headers)
  execute_process(COMMAND ${CXX} -std=c++20 -M -I ${ROOT}/runtime/include -I ${GENERATED} ${header}
    OUTPUT_VARIABLE included COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "${ROOT}/" "" included "${included}")
  string(REGEX MATCH "[^ ]*/(caf|boost|msgpack|nlohmann|toml[+][+])/[^ ]*" foreign "${included}")
  if(foreign)
    message(SEND_ERROR "${header} brings in ${foreign}\n  Public headers need the standard library alone.")
  endif()
endforeach()
