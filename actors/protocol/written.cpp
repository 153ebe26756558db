#include "actors/protocol/written.hpp"

#include "actors/base/text.hpp"

#include <algorithm>
#include <cmath>

namespace ammo {
namespace {

constexpr bool is_tail(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characters(std::string_view text) noexcept {
  return text.size() - static_cast<std::size_t>(std::ranges::count_if(text, is_tail));
}

/// C0, DEL, C1 (U+0080 … U+009F), line separators and marks of direction (U+2028 … U+202E, U+2066 … U+2069).
bool is_control(std::string_view at) noexcept {
  const auto byte = [at](std::size_t i) { return i < at.size() ? static_cast<unsigned char>(at[i]) : 0u; };
  if (byte(0) < 0x20 || byte(0) == 0x7F)
    return true;
  if (byte(0) == 0xC2)
    return byte(1) < 0xA0;
  if (byte(0) != 0xE2)
    return false;
  return (byte(1) == 0x80 && byte(2) >= 0xA8 && byte(2) <= 0xAE) || (byte(1) == 0x81 && byte(2) >= 0xA6 && byte(2) <= 0xA9);
}

result<void> check_text(std::string_view part, std::string_view text, bool lines = false) {
  if (!is_utf8(text))
    return {errc::bad_text, std::string(part) + " isn't UTF-8"};
  for (std::size_t i = 0; i < text.size(); ++i)
    if (is_control(text.substr(i)) && !(lines && text[i] == '\n'))
      return {errc::text_control, std::string(part) + ", byte " + std::to_string(i)};
  return {};
}

result<void> check_length(std::string_view part, std::size_t size, std::size_t most, std::string_view unit) {
  if (size <= most)
    return {};
  return {errc::text_too_long, std::string(part) + " has " + std::to_string(size) + ' ' + std::string(unit) + ", at most " +
                                 std::to_string(most)};
}

bool is_web_address(std::string_view text) noexcept {
  return (text.starts_with("https://") || text.starts_with("http://")) &&
         text.find_first_of(" \n\"'<>\\`{}") == text.npos;
}

} // namespace

std::string_view fact_named(const std::vector<fact>& facts, std::string_view name) noexcept {
  const auto found = std::ranges::find(facts, name, &fact::name);
  return found == facts.end() ? std::string_view{} : std::string_view(found->text);
}

std::string words_of(const std::vector<fact>& facts) {
  std::string out;
  for (const auto& f : facts)
    if (f.name != "link")
      out += (out.empty() ? "" : "\n") + f.text;
  return out;
}

result<void> check(const written_creation& w) {
  if (w.title.empty())
    return {errc::bad_text, "no title"};
  result<void> done = check_text("the title", w.title);
  const auto then = [&done](auto next) {
    if (done)
      done = next();
  };
  then([&] { return check_text("the body", w.body, true); });
  then([&] { return check_text("the action", w.action); });
  then([&] { return check_length("the title", characters(w.title), longest_title, "characters"); });
  then([&] { return check_length("the action", characters(w.action), longest_action, "characters"); });
  then([&] { return check_length("the body", w.body.size(), longest_body, "bytes"); });
  for (const auto& [part, address] : {std::pair{"the media", &w.media}, std::pair{"the link", &w.link}}) {
    if (address->empty())
      continue;
    then([&] { return check_text(part, *address); });
    then([&] { return check_length(part, address->size(), longest_link, "bytes"); });
    then([&] { return is_web_address(*address) ? result<void>{} : result<void>{errc::bad_link, part}; });
  }
  return done;
}

result<void> check(const item& shown) {
  return check(written_creation{.title = shown.title, .body = shown.body, .media = {}, .link = shown.link, .action = {}});
}

result<void> check(const std::vector<fact>& facts) {
  if (facts.size() > most_facts)
    return {errc::text_too_long, std::to_string(facts.size()) + " facts, at most " + std::to_string(most_facts)};
  for (const auto& f : facts)
    for (const auto* text : {&f.name, &f.text}) {
      if (auto fine = check_text("a fact", *text); !fine)
        return fine;
      if (auto fine = check_length("a fact", text->size(), longest_fact, "bytes"); !fine)
        return fine;
    }
  return {};
}

std::vector<neighbour> fit(std::vector<neighbour> all) {
  for (auto& n : all)
    n.title = plain(n.title, longest_neighbour);
  std::erase_if(all, [](const neighbour& n) {
    return n.title.empty() || !is_utf8(n.title) || !(n.distance >= 0 && n.distance < HUGE_VAL);
  });
  std::ranges::stable_sort(all, {}, &neighbour::distance);
  all.resize(std::min(all.size(), most_neighbours));
  return all;
}

std::string plain(std::string_view text, std::size_t most) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t length = 1;
    while (i + length < text.size() && is_tail(text[i + length]))
      ++length;
    const auto character = text.substr(i, length);
    i += length;
    const bool blank = is_control(character) || character == " ";
    if (blank && (out.empty() || out.back() == ' '))
      continue;
    const std::string_view added = blank ? std::string_view(" ") : character;
    if (out.size() + added.size() > most) {
      if (!blank && out.find(' ') != out.npos)
        out.resize(out.rfind(' ')); // no half a word
      break;
    }
    out += added;
  }
  if (out.ends_with(' '))
    out.pop_back();
  return out;
}

std::string to_text(const written_creation& w) {
  std::string out = w.title + '\n' + w.body;
  if (!out.ends_with('\n'))
    out += '\n';
  if (!w.action.empty() || !w.link.empty())
    out += w.action + (w.action.empty() || w.link.empty() ? "" : ": ") + w.link + '\n';
  return out;
}

std::string to_html(const written_creation& w) {
  std::string out = "<article>\n<h2>" + html_escaped(w.title) + "</h2>\n";
  if (is_web_address(w.media))
    out += "<img src=\"" + html_escaped(w.media) + "\" alt=\"\">\n";
  for (std::size_t at = 0; at < w.body.size();) {
    const auto end = std::min(w.body.find('\n', at), w.body.size());
    if (end > at)
      out += "<p>" + html_escaped(std::string_view(w.body).substr(at, end - at)) + "</p>\n";
    at = end + 1;
  }
  if (is_web_address(w.link))
    out += "<p><a href=\"" + html_escaped(w.link) + "\" rel=\"nofollow noopener noreferrer\">" +
           html_escaped(w.action.empty() ? w.link : w.action) + "</a></p>\n";
  else if (!w.action.empty())
    out += "<p>" + html_escaped(w.action) + "</p>\n";
  return out + "</article>\n";
}

} // namespace ammo
