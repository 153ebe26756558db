# Writes a source file with the text of each file, so that the program needs none of them where it runs, and what a user reads is what runs.
# ammo_embed_files(output HEADER… NAMESPACE… TYPE… FUNCTION… KEY NAME|STEM FILES…): FUNCTION returns a span of TYPE{key, text}.
function(ammo_embed_files output)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER;NAMESPACE;TYPE;FUNCTION;KEY" "FILES")
  set(entries "")
  foreach(file IN LISTS arg_FILES)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    if(arg_KEY STREQUAL "STEM")
      cmake_path(GET file STEM key)
    else()
      cmake_path(GET file FILENAME key)
    endif()
    file(READ ${file} text)
    string(APPEND entries "  {\"${key}\", R\"bundled(${text})bundled\"},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${output} @ONLY CONTENT [[
#include "@arg_HEADER@"

namespace @arg_NAMESPACE@ {
namespace {

constexpr @arg_TYPE@ entries[] = {
@entries@};

} // namespace

std::span<const @arg_TYPE@> @arg_FUNCTION@() noexcept { return entries; }

} // namespace @arg_NAMESPACE@
]])
endfunction()
