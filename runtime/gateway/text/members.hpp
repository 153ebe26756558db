/// Members of a document by name and type: every member is asked for by name, and one that nobody asked for is refused.
/// Lives here: the reading of objects. May not live here: what any object means.
#pragma once

#include "runtime/gateway/text/document.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ammo::web {

/// An object under way. All errors are thrown as `refusal`: `missing_member`, `unknown_member`, `wrong_member_type`, `bad_id`. Must not
/// outlive its document.
class members {
public:
  /// `where` names the object in errors ("item", "").
  explicit members(const document& object, std::string_view where = {});

  /// Null where there is none, or it is null.
  [[nodiscard]] const document* find(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) { return find(name) != nullptr; }

  [[nodiscard]] std::string text(std::string_view name);                 ///< empty where there is none
  [[nodiscard]] std::string needed_text(std::string_view name);
  [[nodiscard]] double number(std::string_view name, double otherwise);
  [[nodiscard]] double needed_number(std::string_view name);
  [[nodiscard]] std::int64_t whole(std::string_view name, std::int64_t otherwise);
  /// An id: decimal digits, or a whole number.
  [[nodiscard]] std::optional<std::uint64_t> id(std::string_view name);
  [[nodiscard]] std::uint64_t needed_id(std::string_view name);
  [[nodiscard]] std::vector<float> numbers(std::string_view name);       ///< empty where there is none
  [[nodiscard]] std::vector<std::uint32_t> tags(std::string_view name);  ///< empty where there is none

  /// To be called once all that may be there has been asked for.
  void end() const;

private:
  [[nodiscard]] std::string path(std::string_view name) const;
  [[noreturn]] void wrong(std::string_view name, std::string_view wanted, const document& got) const;

  const document& object_;
  std::string_view where_;
  std::vector<std::string_view> asked_;
};

} // namespace ammo::web
