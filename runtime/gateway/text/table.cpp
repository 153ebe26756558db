#include "runtime/gateway/text/table.hpp"

#include "runtime/gateway/text/refusal.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ammo::web {
namespace {

constexpr std::array plain_columns{"goal", "subspace", "owner", "content", "policy"};
constexpr std::array item_columns{"title", "body", "link"};
constexpr std::string_view fact_column = "fact:";

bool among(const auto& columns, std::string_view name) { return std::ranges::find(columns, name) != columns.end(); }

[[noreturn]] void bad(const std::string& what) { throw refusal(fault::malformed_body, what); }

template <class Number>
Number number_in(std::string_view text, const std::string& column) {
  Number out{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size())
    bad("column " + column + " has \"" + std::string(text.substr(0, 40)) + "\"");
  return out;
}

template <class Number>
document numbers_in(std::string_view text, const std::string& column) {
  document out = document::array();
  while (!text.empty()) {
    const auto blank = text.find(' ');
    const auto word = text.substr(0, blank);
    text.remove_prefix(blank == text.npos ? text.size() : blank + 1);
    if (!word.empty())
      out.push_back(number_in<Number>(word, column));
  }
  return out;
}

} // namespace

bool json_lines::next(document& row) {
  while (!rest_.empty()) {
    auto line = rest_.substr(0, rest_.find('\n'));
    rest_.remove_prefix(std::min(line.size() + 1, rest_.size()));
    if (line.find_first_not_of(" \t\r") == line.npos)
      continue;
    row = read_document(line, form::json);
    return true;
  }
  return false;
}

csv_rows::csv_rows(std::string_view text) : rest_(text) {
  if (rest_.starts_with("\xef\xbb\xbf")) // a mark that spreadsheets leave
    rest_.remove_prefix(3);
  if (!record(columns_))
    bad("a table without a header");
  for (const auto& name : columns_) {
    const bool known = among(plain_columns, name) || among(item_columns, name) || name == "budget_micros" || name == "grounded" || name == "tags" || name.starts_with(fact_column);
    if (!known)
      throw refusal(fault::unknown_member, "column \"" + name.substr(0, 80) + "\"; known: goal subspace owner content budget_micros policy title body link grounded tags fact:NAME");
    if (std::ranges::count(columns_, name) > 1)
      throw refusal(fault::repeated_member, "column " + name);
  }
}

bool csv_rows::next(document& row) {
  std::vector<std::string> fields;
  do {
    fields.clear();
    if (!record(fields))
      return false;
  } while (fields.size() == 1 && fields.front().empty());
  if (fields.size() != columns_.size())
    bad(std::to_string(fields.size()) + " fields, the header has " + std::to_string(columns_.size()));
  row = document::object();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const auto& column = columns_[i];
    auto& field = fields[i];
    if (field.empty())
      continue;
    if (!is_text(field))
      throw refusal(fault::bad_utf8, "column " + column);
    if (among(plain_columns, column))
      row[column] = std::move(field);
    else if (among(item_columns, column))
      row["item"][column] = std::move(field);
    else if (column == "budget_micros")
      row[column] = number_in<std::int64_t>(field, column);
    else if (column == "grounded")
      row[column] = numbers_in<double>(field, column);
    else if (column == "tags")
      row[column] = numbers_in<std::uint32_t>(field, column);
    else
      row["facts"].push_back({{"name", column.substr(fact_column.size())}, {"text", std::move(field)}});
  }
  return true;
}

bool csv_rows::record(std::vector<std::string>& fields) {
  if (rest_.empty())
    return false;
  std::string field;
  bool quoted = false;
  std::size_t at = 0;
  const auto all = rest_;
  for (; at < all.size(); ++at) {
    const char c = all[at];
    if (quoted) {
      if (c != '"')
        field += c;
      else if (at + 1 < all.size() && all[at + 1] == '"')
        field += all[at++];
      else
        quoted = false;
    } else if (c == '"' && field.empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.push_back(std::move(field));
      field.clear();
    } else if (c == '\n' || (c == '\r' && at + 1 < all.size() && all[at + 1] == '\n')) {
      at += c == '\r';
      ++at;
      break;
    } else {
      field += c;
    }
  }
  rest_.remove_prefix(std::min(at, rest_.size()));
  if (quoted)
    bad("a quote that doesn't end");
  fields.push_back(std::move(field));
  return true;
}

} // namespace ammo::web
