/// What a Goal Buddy writes, and from what: plain values, their limits, and how a text looks to a person.
/// Lives here: texts as they cross the wire. May not live here: who writes them, or where they lie in the space.
#ifndef AMMO_WRITTEN_HPP // hosts see this file as ammo/written.hpp: one guard for both
#define AMMO_WRITTEN_HPP

#include "actors/base/export.hpp"
#include "actors/base/item.hpp"
#include "actors/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace ammo {

/// Something that is true of what a Goal Buddy stands for: its name ("chain"), and what it is ("Cosmos Hub"). The name "link"
/// is an address where a person finds more.
struct fact {
  std::string name, text;
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.name, s.text); }
  friend bool operator==(const fact&, const fact&) = default;
};

/// The text of a fact; empty where there is none of that name.
[[nodiscard]] AMMO_EXPORT std::string_view fact_named(const std::vector<fact>& facts, std::string_view name) noexcept;
/// All of it, links left out: what the facts say.
[[nodiscard]] AMMO_EXPORT std::string words_of(const std::vector<fact>& facts);

/// What else is offered close to a creation: what somebody who writes may compare with, or tell apart from.
struct neighbour {
  std::string title;   ///< the fact of that name, of the Goal Buddy whose creation it is
  double distance = 0; ///< |e − e'| between the two; 0: the same place
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.title, s.distance); }
  friend bool operator==(const neighbour&, const neighbour&) = default;
};

/// Why something is written.
enum class trigger : std::uint8_t {
  request,   ///< what a user is interested in
  query,     ///< the host asks for it
  schedule,  ///< it was time to: `goal.patience` periods have passed
  curiosity, ///< nobody asked: to see what it brings
};

/// What is to become of a text.
enum class writing_order : std::uint8_t {
  draft,   ///< back to whoever asked, and nothing else
  publish, ///< offered as the Goal Buddy's creation
  recall,  ///< nothing new: the text of what is live now
};

/// How it is written: θ of the policy π(g | K, θ). Both in [0, 1].
struct writing_style {
  double reach = 0.5;  ///< how much it speaks of what was asked for, beside the facts
  double length = 0.5; ///< how much of the facts it tells
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.reach, s.length); }
  friend bool operator==(const writing_style&, const writing_style&) = default;
};

/// A creation as a person sees it. UTF-8.
struct written_creation {
  std::string title;  ///< one line, 1 to 200 characters
  std::string body;   ///< at most 4 KiB; paragraphs end with a newline
  std::string media;  ///< address of an image; or empty
  std::string link;   ///< where more is; or empty
  std::string action; ///< what a person may do next, one line, at most 80 characters: what the link says; or empty
  template <class S> static constexpr auto fields(S& s) { return std::tie(s.title, s.body, s.media, s.link, s.action); }
  friend bool operator==(const written_creation&, const written_creation&) = default;
};

inline constexpr std::size_t longest_title = 200, longest_action = 80; ///< characters
inline constexpr std::size_t longest_body = 4'096, longest_link = 2'048; ///< bytes
inline constexpr std::size_t most_facts = 64, longest_fact = 4'096;     ///< of one Goal Buddy; bytes
inline constexpr std::size_t most_neighbours = 8, longest_neighbour = 160; ///< of one request to write; bytes of a title

/// Fit to be shown? Errors, each naming the part: `bad_text` (not UTF-8, no title), `text_control` (also marks that turn the
/// direction of writing), `text_too_long`, `bad_link` (other than http and https).
[[nodiscard]] AMMO_EXPORT result<void> check(const written_creation& w);
/// The same of an item, with the same limits and errors.
[[nodiscard]] AMMO_EXPORT result<void> check(const item& shown);
/// Fit to be written from? Errors: `bad_text`, `text_control`, `text_too_long` (also too many).
[[nodiscard]] AMMO_EXPORT result<void> check(const std::vector<fact>& facts);
/// What of `all` may be written from: titles by `plain`, UTF-8, none empty, distances that are finite and not negative, nearest first,
/// at most `most_neighbours`.
[[nodiscard]] AMMO_EXPORT std::vector<neighbour> fit(std::vector<neighbour> all);
/// Texts of data files as facts: control characters and runs of blanks become one blank, what is too long is cut
/// before a word.
[[nodiscard]] AMMO_EXPORT std::string plain(std::string_view text, std::size_t most = longest_fact);

/// Title, body, and what to do where; each ends with a newline.
[[nodiscard]] AMMO_EXPORT std::string to_text(const written_creation& w);
/// An <article>. Everything in it is escaped; addresses that aren't http or https are left out.
[[nodiscard]] AMMO_EXPORT std::string to_html(const written_creation& w);

} // namespace ammo

#endif
