/// What a browser loads: the page, its style and script, and the description of all paths.
#include "runtime/gateway/calls/bundled_files.hpp"
#include "runtime/gateway/service/service.hpp"

#include <array>

namespace ammo::web {
namespace {

/// Nothing inline, nothing from elsewhere, and in nobody's frame.
constexpr std::string_view page_policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; "
                                         "frame-ancestors 'none'";

struct served_file {
  std::string_view operation, path, name, type, policy;
};

constexpr std::array served{
  served_file{"get_page", "/", "page.html", "text/html; charset=utf-8", page_policy},
  served_file{"get_page_style", "/page.css", "page.css", "text/css; charset=utf-8", {}},
  served_file{"get_page_script", "/page.js", "page.js", "text/javascript; charset=utf-8", {}},
  served_file{"get_operator_script", "/operator.js", "operator.js", "text/javascript; charset=utf-8", {}},
  served_file{"get_icon", "/icon.svg", "icon.svg", "image/svg+xml", "default-src 'none'"},
  served_file{"get_openapi", "/openapi.json", "openapi.json", json_type, {}},
};

} // namespace

void add_page_calls(std::vector<route>& all, const shared_service&) {
  for (const auto& file : served)
    for (const auto& bundled : bundled_files())
      if (bundled.name == file.name)
        all.push_back({file.operation, "GET", file.path, [file, text = bundled.text](request&&, const answerer& to) {
                         to({.status = 200, .type = file.type, .body = std::string(text), .policy = file.policy});
                       },
                       reach::everybody});
}

} // namespace ammo::web
