/// Drafts as a terminal and a page show them.
#include "ammo/writing.hpp"

#include "runtime/report/report_format.hpp"
#include "runtime/report/report_style.hpp"
#include "runtime/report/svg_chart.hpp"
#include "runtime/report/terminal_text.hpp"

namespace ammo {
namespace {

std::string told_of(const draft& d) {
  return d.subspace + ' ' + d.key + ", match " + fixed(d.match, 2) + "; distance from the facts " +
         fixed(d.distance, 3) + ", cost " + fixed(static_cast<double>(d.cost_micros) / 1e6, 4);
}

std::string refusal_of(const draft& d) {
  return harmless(d.subspace + ' ' + d.key + ": " + failure{d.code, d.detail}.text());
}

} // namespace

std::string drafts::to_text() const {
  std::string out;
  for (const auto& d : all)
    out += d.code == errc::ok ? ammo::to_text(d.text) + "  (" + told_of(d) + ")\n\n" : refusal_of(d) + "\n\n";
  return out;
}

std::string drafts::to_html() const {
  std::string out = "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" "
                    "content=\"width=device-width\"><title>" +
                    escaped(wish) + "</title>\n<style>" + report_style + "</style></head>\n<body><main>\n<h1>" +
                    escaped(wish) + "</h1>\n<p class=\"soft\">Written by " + escaped(harmless(generator)) + "</p>\n";
  for (const auto& d : all)
    out += "<section class=\"card\">\n" +
           (d.code == errc::ok ? ammo::to_html(d.text) + "<p class=\"soft\">" + escaped(told_of(d)) + "</p>\n"
                               : "<p>" + escaped(refusal_of(d)) + "</p>\n") +
           "</section>\n";
  out += "<footer>";
  for (const auto& a : attributions)
    out += "<p>" + escaped(a) + "</p>\n";
  return out + "</footer></main></body></html>\n";
}

} // namespace ammo
