/// Ctrl-C as a value to look at. The second one ends the program at once, as it would have without this.
#pragma once

namespace ammo::cli {

/// From now on SIGINT and SIGTERM are noted.
void note_interruptions();
/// The signal that came; 0: none yet.
[[nodiscard]] int interruption() noexcept;

} // namespace ammo::cli
