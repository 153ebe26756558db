/// A PostgreSQL of the test program's own: started when it is first asked for, ended with the program, however that ends.
#pragma once

#include <chrono>
#include <string>

namespace ammo::test {

/// Where it listens, as libpq reads it: "host=… user=ammo dbname=postgres".
[[nodiscard]] const std::string& private_postgres();

/// An address of it with an empty database of its own: "postgresql:///…".
[[nodiscard]] std::string new_postgres_database();

/// Ends the server at once, as a crash would, and starts it again on the same files `down` later. Returns when it is back.
void crash_private_postgres(std::chrono::seconds down = {});

} // namespace ammo::test
