#include "runtime/gateway/text/exchange.hpp"

#include <boost/uuid/name_generator_sha1.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace ammo::web {
namespace {

/// "application/json; charset=utf-8" → "application/json".
std::string bare(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t'))
    type.remove_suffix(1);
  std::string out(type);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

} // namespace

response answer_with(unsigned status, const document& body, form as) {
  return {.status = status, .type = as == form::json ? json_type : msgpack_type, .body = write_document(body, as)};
}

response nothing() { return {.status = 204}; }

response problem(const refusal& why, form as) {
  document body{{"type", "urn:ammo:error:" + std::string(why.name())},
                {"title", why.sentence()},
                {"status", why.status()},
                {"detail", why.detail()},
                {"error", why.name()}};
  if (why.key() != 0)
    body["key"] = std::to_string(why.key());
  auto out = answer_with(why.status(), body, as);
  out.error = why.name();
  if (as == form::json)
    out.type = problem_type;
  if (!why.of_runtime())
    out.faults.push_back(why.what_fault());
  if (why.status() == 503 || why.status() == 429)
    out.retry_after = 1;
  return out;
}

document body_of(const request& r) {
  if (r.read)
    return *r.read;
  const auto type = bare(r.content_type);
  if (type.empty() || type == json_type)
    return read_document(r.body, form::json);
  if (type == msgpack_type || type == "application/x-msgpack" || type == "application/vnd.msgpack")
    return read_document(r.body, form::msgpack);
  throw refusal(fault::unsupported_type, "\"" + type.substr(0, 80) + "\"; application/json and application/msgpack are read");
}

namespace {

/// 63 bits of a SHA-1, above 0: the same in every process, so that what was known before a restart is known.
std::uint64_t number_of(const std::string& name) {
  const auto named = boost::uuids::name_generator_sha1(boost::uuids::ns::oid())(name);
  std::uint64_t number = 0; // of the bytes that a UUID leaves free
  std::memcpy(&number, named.data + 10, 6);
  std::memcpy(reinterpret_cast<unsigned char*>(&number) + 6, named.data, 2);
  return std::max<std::uint64_t>(number >> 1, 1);
}

} // namespace

call_key key_of(const request& r, std::size_t item) {
  const auto& text = r.idempotency_key;
  if (text.empty())
    return {};
  if (text.size() > 255 || !std::ranges::all_of(text, [](unsigned char c) { return c >= 0x20 && c < 0x7F; }))
    throw refusal(fault::bad_key);
  auto name = text + '\n' + std::to_string(item);
  const auto* token = r.who.token.get();
  if (!token)
    return call_key(number_of(name));
  if (!token->user)
    return call_key(number_of(name), number_of('\n' + token->id));
  const auto person = '\n' + std::to_string(raw(*token->user)); // whatever token of theirs it is
  return call_key(number_of(name + person), number_of(person));
}

std::uint64_t id_of(std::string_view text, std::string_view name) {
  std::uint64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || (text.size() > 1 && text.front() == '0'))
    throw refusal(fault::bad_id, std::string(name) + " is \"" + std::string(text.substr(0, 40)) + '"');
  return id;
}

} // namespace ammo::web
