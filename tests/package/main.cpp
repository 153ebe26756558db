/// The smallest host: includes AMMO, links it, runs.
#include <ammo/version.hpp>

#include <actors/protocol/messages.hpp>

#include <iostream>

int main() {
  std::cout << "AMMO " << ammo::version() << ", " << ammo::name_of(ammo::errc::ok) << '\n';
  return ammo::version().empty();
}
