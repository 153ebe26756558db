# As hosts write it: variables, no targets.
find_path(CAF_INCLUDE_DIR caf/all.hpp)
find_library(CAF_LIBRARY_CORE caf_core)
set(CAF_LIBRARIES ${CAF_LIBRARY_CORE})
set(CAF_IS_THE_HOSTS TRUE)
set(CAF_FOUND TRUE)
