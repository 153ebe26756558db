#include "runtime/cli/terminal/terminal.hpp"

#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace ammo::cli {

bool is_terminal(std::FILE* stream) { return isatty(fileno(stream)) == 1; }

std::size_t columns_of(std::FILE* stream) {
  winsize size{};
  if (ioctl(fileno(stream), TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

bool takes_colour(std::FILE* stream) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  bool refused = no_colour && *no_colour != '\0';
  bool dumb = term && std::string_view(term) == "dumb";
  return is_terminal(stream) && !refused && !dumb;
}

} // namespace ammo::cli
