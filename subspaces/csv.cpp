#include "subspaces/csv.hpp"

#include "actors/base/text.hpp"
#include "subspaces/text_file.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <map>
#include <system_error>

namespace ammo {
namespace {

/// In bytes.
constexpr std::size_t longest_table = std::size_t{256} << 20;

// Boost's escaped_list_separator drops doubled quotes and knows no newline in a field, hence this reader.
class csv_reader {
public:
  explicit csv_reader(std::string_view in) : in_(in) {}

  [[nodiscard]] bool done() const { return at_ == in_.size(); }
  [[nodiscard]] std::size_t line() const { return line_; }

  /// Reads one record, its line end included. Says what was expected where the text is no record.
  const char* record(std::vector<std::string>& fields) {
    for (fields.clear();; ++at_) {
      if (auto expected = field(fields.emplace_back()))
        return expected;
      if (done() || in_[at_] != ',')
        break;
    }
    at_ += !done() && in_[at_] == '\r';
    at_ += !done();
    ++line_;
    return nullptr;
  }

private:
  const char* field(std::string& out) {
    if (!done() && in_[at_] == '"')
      return quoted(out);
    auto end = std::min(in_.find_first_of(",\r\n\"", at_), in_.size());
    if (end < in_.size() && in_[end] == '"')
      return "quotes around a whole field only";
    out = in_.substr(at_, end - at_);
    at_ = end;
    return ends_here() ? nullptr : "a newline after a carriage return";
  }

  const char* quoted(std::string& out) {
    for (++at_; !done(); ++at_) {
      if (in_[at_] == '"' && in_.substr(++at_, 1) != "\"")
        return ends_here() ? nullptr : "a comma or the line's end after a closing quote";
      line_ += in_[at_] == '\n';
      out += in_[at_];
    }
    return "a closing quote";
  }

  [[nodiscard]] bool ends_here() const {
    auto rest = in_.substr(at_, 2);
    return rest.empty() || rest[0] == ',' || rest[0] == '\n' || rest == "\r\n";
  }

  std::string_view in_;
  std::size_t at_ = 0, line_ = 1;
};

/// UTF-8 without a NUL byte.
bool is_text(std::string_view s) { return s.find('\0') == s.npos && is_utf8(s); }

failure bad_line(const std::string& path, std::size_t line, const std::string& expected) {
  return {errc::bad_data_line, path + ":" + std::to_string(line) + ": expected " + expected};
}

result<std::string> contents(const std::string& path) {
  std::error_code unreadable;
  if (const auto size = std::filesystem::file_size(path, unreadable); !unreadable && size > longest_table)
    return {errc::missing_data, path + " has " + std::to_string(size) + " bytes, at most " + std::to_string(longest_table) + " are read"};
  auto text = text_of_file(path, longest_table);
  if (!text || text->empty())
    return {errc::missing_data, path + (text ? std::string() : text.error().detail)};
  return text;
}

} // namespace

result<csv_table> csv_table::read(const std::string& path, const std::vector<std::string_view>& columns, std::size_t key) {
  auto text = contents(path);
  if (!text)
    return text.error();
  std::string_view content = *text;
  if (content.starts_with("\xEF\xBB\xBF")) // a byte order mark, as spreadsheets write it
    content.remove_prefix(3);
  csv_reader in(content);
  std::vector<std::string> header, fields;
  if (auto expected = in.record(header))
    return bad_line(path, 1, expected);
  for (auto name = header.begin(); name != header.end(); ++name)
    if (std::find(header.begin(), name, *name) != name)
      return bad_line(path, 1, "columns of different names, found \"" + *name + "\" twice");

  csv_table t;
  t.path_ = path;
  std::vector<std::size_t> order; // of the table's columns in the file
  for (auto name : columns) {
    auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end())
      return bad_line(path, 1, "a column \"" + std::string(name) + '"');
    order.push_back(static_cast<std::size_t>(found - header.begin()));
  }
  for (std::size_t c = 0; c < header.size(); ++c)
    if (std::find(order.begin(), order.end(), c) == order.end())
      order.push_back(c);
  for (auto c : order)
    t.columns_.push_back(header[c]);

  std::map<std::string, std::size_t> line_of; // by the row's key
  while (!in.done()) {
    auto line = in.line();
    if (auto expected = in.record(fields))
      return bad_line(path, line, expected);
    if (!std::all_of(fields.begin(), fields.end(), is_text))
      return bad_line(path, line, "UTF-8 without NUL bytes");
    if (fields.size() != header.size())
      return bad_line(path, line, std::to_string(header.size()) + " fields, found " + std::to_string(fields.size()));
    t.lines_.push_back(line);
    for (auto c : order)
      t.fields_.push_back(std::move(fields[c]));
    if (key == 0)
      continue;
    std::string name;
    for (auto field = t.fields_.end() - static_cast<std::ptrdiff_t>(order.size()), end = field + static_cast<std::ptrdiff_t>(key); field != end; ++field)
      name += *field + '\0';
    if (auto [first, fresh] = line_of.try_emplace(std::move(name), line); !fresh)
      return bad_line(path, line, "a row of its own, found that of line " + std::to_string(first->second) + " again");
  }
  return t;
}

result<std::uint32_t> csv_table::whole(std::size_t row, std::size_t c, std::size_t limit) const {
  const auto& s = text(row, c);
  std::uint32_t value = 0;
  auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
  if (error != std::errc{} || end != s.data() + s.size() || value >= limit)
    return bad(row, "a whole number below " + std::to_string(limit) + " as " + column(c) + ", found \"" + s + '"');
  return value;
}

result<std::vector<float>> csv_table::numbers(std::size_t row, std::size_t first) const {
  std::vector<float> values(width() - first);
  for (std::size_t c = first; c < width(); ++c) {
    const auto& s = text(row, c);
    auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), values[c - first]);
    if (error != std::errc{} || end != s.data() + s.size() || !std::isfinite(values[c - first]))
      return bad(row, "a number as " + column(c) + ", found \"" + s + '"');
  }
  return values;
}

failure csv_table::bad(std::size_t row, const std::string& expected) const {
  return bad_line(path_, lines_[row], expected);
}

} // namespace ammo
