/// What a host may say with an ask: what the person may be shown, how often, and in which situation they ask.
#pragma once

#include "ammo/content_set.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

namespace ammo {

/// When and where a person asks: one of `user.situations`, by its word, or by its place there (from 0). Default: none in particular.
class situation {
public:
  situation() = default;
  /// By its word: "evening". Words that aren't in `user.situations` are refused by the call: `unknown_situation`.
  template <class Word>
    requires std::convertible_to<const Word&, std::string_view> && (!std::same_as<Word, std::nullptr_t>)
  situation(const Word& word) : word_(std::string_view(word)) {}
  /// By its place. Explicit, but for unsigned numbers.
  template <std::integral Place>
    requires(!std::same_as<Place, bool>)
  explicit(!std::unsigned_integral<Place>) situation(Place place) : place_(static_cast<std::int64_t>(place)) {}

  [[nodiscard]] const std::string& word() const noexcept { return word_; }   ///< empty: none, or a place
  [[nodiscard]] std::int64_t place() const noexcept { return place_; }       ///< none: a word, or none in particular
  [[nodiscard]] bool any() const noexcept { return !word_.empty() || place_ != none; }
  static constexpr std::int64_t none = -1;

private:
  std::string word_;
  std::int64_t place_ = none;
};

/// At most so many showings of one creation to the person within a time, counted from their first ask with a limit on: pushes too, and
/// slates that came too late to be shown. A creation that moves stays the same. The last 8,192 showings are known.
struct showing_limit {
  std::uint32_t times = 0;                               ///< 0: no limit
  std::chrono::seconds within = std::chrono::hours(24);  ///< above 0, at most 366 days
};

/// `rt.ask(user, 5, {.except = {.contents = bought}, .situation = "evening"})`. The slate is the best of what is eligible, exactly, and
/// propensities are given that. Caps of slates count after it. What the last ask said holds for pushes, too.
struct ask_options {
  content_set only{};   ///< what may be shown; empty: everything
  content_set except{}; ///< what may not be shown, of that
  showing_limit at_most{};
  ammo::situation situation{};
};

} // namespace ammo
