#include "runtime/config/toml_gate.hpp"

#include "runtime/config/toml_reader.hpp"

#include <algorithm>
#include <string>

namespace ammo {
namespace {

/// Walks over TOML outside of its texts and comments. A broken text ends the walk: the parser says what is wrong with it.
class walker {
public:
  explicit walker(std::string_view text) : text_(text) {}

  /// The place of what is too deep; npos where nothing is.
  std::size_t too_deep() {
    while (at_ < text_.size()) {
      switch (text_[at_]) {
        case '#': at_ = std::min(text_.find('\n', at_), text_.size()); continue;
        case '"':
        case '\'': skip_text(text_[at_]); continue;
        case '[':
        case '{': ++open_; parts_ = 0; break;
        case ']':
        case '}': open_ -= open_ > 0; parts_ = 0; break;
        case '.': ++parts_; break;
        case '\n': // a header or a key ends with its line; arrays go on
        case '=':
        case ',': parts_ = 0; break;
        default: break;
      }
      if (open_ > deepest_toml || parts_ >= deepest_toml)
        return at_;
      ++at_;
    }
    return std::string_view::npos;
  }

private:
  void skip_text(char quote) {
    const std::string three(3, quote);
    const bool lines = text_.substr(at_).starts_with(three);
    at_ += lines ? 3 : 1;
    for (; at_ < text_.size(); ++at_) {
      if (quote == '"' && text_[at_] == '\\') {
        ++at_;
      } else if (lines ? text_.substr(at_).starts_with(three) : text_[at_] == quote) {
        at_ += lines ? 3 : 1;
        while (lines && at_ < text_.size() && text_[at_] == quote) // up to two more belong to the text
          ++at_;
        return;
      } else if (!lines && text_[at_] == '\n') {
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0, open_ = 0, parts_ = 0;
};

} // namespace

result<void> toml_gate(std::string_view text, std::string_view source) {
  if (text.size() > longest_toml)
    return {errc::malformed_toml, std::string(source) + ": " + std::to_string(text.size()) + " bytes, at most " +
                                    std::to_string(longest_toml) + " are read"};
  const auto deep = walker(text).too_deep();
  if (deep == std::string_view::npos)
    return {};
  const auto before = text.substr(0, deep);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const auto column = deep - (before.rfind('\n') == before.npos ? 0 : before.rfind('\n') + 1) + 1;
  return {errc::malformed_toml, std::string(source) + ':' + std::to_string(line) + ':' + std::to_string(column) +
                                  ": nested deeper than " + std::to_string(deepest_toml) + " levels"};
}

} // namespace ammo
