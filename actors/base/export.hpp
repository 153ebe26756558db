/// What a shared library of AMMO shows to its host; everything else stays hidden in it.
#ifndef AMMO_EXPORT_HPP
#define AMMO_EXPORT_HPP

#if defined(__GNUC__)
#define AMMO_EXPORT __attribute__((visibility("default")))
#else
#define AMMO_EXPORT
#endif

#endif
