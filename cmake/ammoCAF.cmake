# The CAF that an installed static AMMO links, as ammo::caf_core. Its names are AMMO's own: a host may find CAF in its own way, with a
# FindCAF of its own, before or after. -DAMMO_CAF_CORE_LIBRARY=PATH names another copy; it must be of the version that AMMO was built with.
find_library(AMMO_CAF_CORE_LIBRARY caf_core)
mark_as_advanced(AMMO_CAF_CORE_LIBRARY)
if(AMMO_CAF_CORE_LIBRARY AND NOT TARGET ammo::caf_core)
  add_library(ammo::caf_core UNKNOWN IMPORTED)
  set_target_properties(ammo::caf_core PROPERTIES IMPORTED_LOCATION "${AMMO_CAF_CORE_LIBRARY}")
endif()
