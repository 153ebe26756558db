# The arrows between the folders point downward, and CAF stays in the bodies.
# Run as: cmake -D CXX=… -D ROOT=… -P arrows.cmake
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

forbid("Actors know nothing of subspaces and of the runtime." "(subspaces|runtime|ammo)/" actors/*.[ch]pp)
forbid("Subspaces know nothing of the runtime, of CAF and of bodies." "(runtime/|ammo/|caf/|.*_actor.hpp|.*/(body|fan_out|routes).hpp)"
  subspaces/*.[ch]pp)
forbid("CAF belongs to bodies, *_actor.[ch]pp with their body.hpp, fan_out.hpp and routes.hpp; all else in actors/ links without it."
  "(caf/|.*_actor.hpp|.*/(body|fan_out|routes).hpp)" actors/*.[ch]pp EXCEPT "(_actor\\.[ch]pp|/(body|fan_out|routes)\\.hpp)$")

# What a host includes must not bring in, not even by a detour, what it has no business with.
file(GLOB_RECURSE public_headers ${ROOT}/runtime/include/*.hpp)
foreach(header IN LISTS public_headers)
  execute_process(COMMAND ${CXX} -std=c++20 -M -I ${ROOT} -I ${ROOT}/runtime/include ${header}
    OUTPUT_VARIABLE included COMMAND_ERROR_IS_FATAL ANY)
  string(REPLACE "${ROOT}/" "" included "${included}")
  string(REGEX MATCH "[^ ]*/(caf|boost|msgpack|nlohmann|toml[+][+])/[^ ]*" foreign "${included}")
  if(foreign)
    message(SEND_ERROR "${header} brings in ${foreign}\n  Public headers need the standard library alone.")
  endif()
endforeach()
