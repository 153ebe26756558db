#include "runtime/gateway/text/members.hpp"

#include "runtime/gateway/text/exchange.hpp"

#include <algorithm>
#include <limits>

namespace ammo::web {

members::members(const document& object, std::string_view where) : object_(object), where_(where) {
  if (!object.is_object())
    throw refusal(fault::wrong_member_type, std::string(where.empty() ? "the document" : where) + " is " + object.type_name() + ", not an object");
}

std::string members::path(std::string_view name) const {
  return (where_.empty() ? std::string() : std::string(where_) + '.') + std::string(name);
}

void members::wrong(std::string_view name, std::string_view wanted, const document& got) const {
  throw refusal(fault::wrong_member_type, path(name) + " is " + got.type_name() + ", not " + std::string(wanted));
}

const document* members::find(std::string_view name) {
  asked_.push_back(name);
  const auto it = object_.find(std::string(name));
  return it == object_.end() || it->is_null() ? nullptr : &*it;
}

std::string members::text(std::string_view name) {
  const auto* v = find(name);
  if (!v)
    return {};
  if (!v->is_string())
    wrong(name, "a text", *v);
  return v->get<std::string>();
}

std::string members::needed_text(std::string_view name) {
  if (!find(name))
    throw refusal(fault::missing_member, path(name));
  return text(name);
}

double members::number(std::string_view name, double otherwise) {
  const auto* v = find(name);
  if (!v)
    return otherwise;
  if (!v->is_number())
    wrong(name, "a number", *v);
  return v->get<double>();
}

double members::needed_number(std::string_view name) {
  if (!find(name))
    throw refusal(fault::missing_member, path(name));
  return number(name, 0);
}

std::int64_t members::whole(std::string_view name, std::int64_t otherwise) {
  const auto* v = find(name);
  if (!v)
    return otherwise;
  const bool fits = v->is_number_integer() &&
                    (!v->is_number_unsigned() || v->get<std::uint64_t>() <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  if (!fits)
    wrong(name, "a whole number within 64 bits", *v);
  return v->get<std::int64_t>();
}

std::optional<std::uint64_t> members::id(std::string_view name) {
  const auto* v = find(name);
  if (!v)
    return {};
  if (v->is_string())
    return id_of(v->get_ref<const std::string&>(), path(name));
  if (!v->is_number_unsigned())
    wrong(name, "an id (decimal digits)", *v);
  return v->get<std::uint64_t>();
}

std::uint64_t members::needed_id(std::string_view name) {
  const auto found = id(name);
  if (!found)
    throw refusal(fault::missing_member, path(name));
  return *found;
}

std::vector<float> members::numbers(std::string_view name) {
  const auto* v = find(name);
  std::vector<float> out;
  if (!v)
    return out;
  if (!v->is_array())
    wrong(name, "an array of numbers", *v);
  out.reserve(v->size());
  for (const auto& x : *v) {
    if (!x.is_number())
      wrong(name, "an array of numbers: one of them", x);
    out.push_back(x.get<float>());
  }
  return out;
}

std::vector<std::uint32_t> members::tags(std::string_view name) {
  const auto* v = find(name);
  std::vector<std::uint32_t> out;
  if (!v)
    return out;
  if (!v->is_array())
    wrong(name, "an array of whole numbers", *v);
  for (const auto& x : *v) {
    if (!x.is_number_unsigned() || x.get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max())
      wrong(name, "an array of whole numbers within 32 bits: one of them", x);
    out.push_back(x.get<std::uint32_t>());
  }
  return out;
}

void members::end() const {
  for (const auto& [name, value] : object_.items())
    if (std::ranges::find(asked_, std::string_view(name)) == asked_.end()) {
      auto detail = path(name.substr(0, 80)) + "; known:";
      std::vector<std::string_view> known = asked_;
      std::ranges::sort(known);
      known.erase(std::unique(known.begin(), known.end()), known.end());
      for (const auto& k : known)
        detail += ' ' + std::string(k);
      throw refusal(fault::unknown_member, detail);
    }
}

} // namespace ammo::web
