#include "runtime/config/toml_reader.hpp"

#include "actors/base/text.hpp"
#include "runtime/config/toml_gate.hpp"

namespace ammo {
namespace {

std::string_view article_of(toml::node_type type) {
  switch (type) {
  case toml::node_type::table: return "a table";
  case toml::node_type::array: return "an array";
  case toml::node_type::string: return "a text";
  case toml::node_type::integer: return "a whole number";
  case toml::node_type::floating_point: return "a number with a fraction";
  case toml::node_type::boolean: return "true or false";
  default: return "a date or time";
  }
}

} // namespace

std::string place_of(std::string_view source, const toml::source_region& region) {
  return std::string(source) + ':' + std::to_string(region.begin.line) + ':' + std::to_string(region.begin.column);
}

failure located(failure why, const std::string& place) {
  why.detail = place + ": " + why.detail;
  return why;
}

result<toml::table> parse_toml(std::string_view text, std::string_view source) {
  if (auto fine = toml_gate(text, source); !fine)
    return fine.error();
  try {
    return toml::parse(text, source);
  } catch (const toml::parse_error& e) {
    return {errc::malformed_toml, place_of(source, e.source()) + ": " + std::string(e.description())};
  }
}

failure unknown_key(std::string_view key, std::string_view table, words known) {
  std::string detail = in_quotes(key) + " is not a key of " + std::string(table);
  if (auto meant = nearest(key, known); !meant.empty())
    detail += "; nearest: \"" + std::string(meant) + '"';
  return {errc::unknown_key, std::move(detail)};
}

failure wrong_type(const std::string& name, std::string_view takes, const toml::node& node) {
  return {errc::wrong_type, name + " takes " + std::string(takes) + ", not " + std::string(article_of(node.type()))};
}

} // namespace ammo
