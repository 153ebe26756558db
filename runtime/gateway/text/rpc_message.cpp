#include "runtime/gateway/text/rpc_message.hpp"

#include <limits>

namespace ammo::web {
namespace {

constexpr std::uint64_t question = 0, notification = 2;

std::string packed(std::uint32_t id) {
  std::string out = "\xCE";
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(id >> shift & 0xFF);
  return out;
}

/// The id of a question whose rest can't be read.
std::optional<std::uint32_t> id_at_front(std::string_view bytes) {
  if (bytes.size() < 3 || bytes[0] != '\x94' || bytes[1] != 0)
    return {};
  const auto first = static_cast<unsigned char>(bytes[2]);
  const std::size_t length = first == 0xCC ? 1 : first == 0xCD ? 2
                                               : first == 0xCE ? 4
                                                               : 0;
  if (first < 0x80)
    return first;
  if (length == 0 || bytes.size() < 3 + length)
    return {};
  std::uint32_t id = 0;
  for (std::size_t i = 0; i < length; ++i)
    id = id << 8 | static_cast<unsigned char>(bytes[3 + i]);
  return id;
}

} // namespace

rpc_call read_call(std::string_view bytes) {
  document said;
  try {
    said = read_document(bytes, form::msgpack, raw_texts::taken);
  } catch (const refusal& why) {
    const auto id = id_at_front(bytes);
    if (!id)
      throw;
    return {id, {}, {}, why};
  }
  const auto malformed = [](const char* what) { return refusal(fault::malformed_body, what); };
  if (!said.is_array() || said.size() < 3 || !said[0].is_number_unsigned())
    throw malformed("not a message of msgpack-RPC");
  const auto type = said[0].get<std::uint64_t>();
  if (!((type == question && said.size() == 4) || (type == notification && said.size() == 3)))
    throw malformed("neither [0, msgid, method, params] nor [2, method, params]");
  rpc_call out;
  if (type == question) {
    if (!said[1].is_number_unsigned() || said[1].get<std::uint64_t>() > std::numeric_limits<std::uint32_t>::max())
      throw malformed("a msgid that isn't a whole number below 2^32");
    out.id = said[1].get<std::uint32_t>();
  }
  auto& method = said[said.size() - 2];
  auto& params = said[said.size() - 1];
  if (!method.is_string())
    out.bad = refusal(fault::wrong_member_type, "the method is no text");
  else if (!params.is_array())
    out.bad = refusal(fault::wrong_member_type, "the params are no array");
  else
    out.method = std::move(method.get_ref<std::string&>());
  out.params = std::move(params);
  return out;
}

std::string rpc_answer(std::uint32_t id, std::string_view result) {
  std::string out = "\x94\x01";
  out.reserve(8 + result.size());
  out += packed(id);
  out += '\xC0';
  result.empty() ? out += '\xC0' : out += result;
  return out;
}

std::string rpc_error(std::uint32_t id, std::string_view error) {
  return "\x94\x01" + packed(id) + write_document(document(error), form::msgpack) + '\xC0';
}

std::string rpc_notification(std::string_view method, std::string_view param) {
  std::string out = "\x93\x02" + write_document(document(method), form::msgpack) + '\x91';
  out += param;
  return out;
}

} // namespace ammo::web
