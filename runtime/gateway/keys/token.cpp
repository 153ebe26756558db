#include "runtime/gateway/keys/token.hpp"

#include "runtime/gateway/text/document.hpp"
#include "runtime/gateway/text/exchange.hpp"
#include "runtime/gateway/text/members.hpp"
#include "runtime/gateway/text/refusal.hpp"

#include <array>
#include <cmath>

namespace ammo::web {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t most_words = 64; // of verbs, or of subspaces

refusal refused(std::string detail) { return refusal(fault::token_refused, std::move(detail)); }

/// Base64url without padding (RFC 7515), in its one form: bits beyond the last byte are 0.
std::string decoded(std::string_view text) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = alphabet.find(c);
    if (value == alphabet.npos)
      throw refused("a character that isn't base64url");
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xFF);
    }
  }
  if (held >= 6 || (bits & ((1u << held) - 1)) != 0)
    throw refused("base64url that ends within a byte");
  return out;
}

std::string encoded(std::string_view bytes) {
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const unsigned char c : bytes) {
    bits = bits << 8 | c;
    for (held += 8; held >= 6;)
      out += alphabet[bits >> (held -= 6) & 0x3F];
  }
  if (held > 0)
    out += alphabet[bits << (6 - held) & 0x3F];
  return out;
}

std::vector<std::string> words(members& from, std::string_view name) {
  std::vector<std::string> out;
  const auto* all = from.find(name);
  if (!all)
    return out;
  if (!all->is_array() || all->empty() || all->size() > most_words)
    throw refused(std::string(name) + " is no array of 1 to " + std::to_string(most_words) + " texts");
  for (const auto& word : *all) {
    if (!word.is_string() || word.get_ref<const std::string&>().empty())
      throw refused(std::string(name) + " holds something else than texts");
    out.push_back(word);
  }
  return out;
}

document object_in(std::string_view json) {
  auto said = read_document(json, form::json);
  if (!said.is_object())
    throw refused("a part that is no object");
  return said;
}

} // namespace

claims read_claims(std::string_view json) {
  const auto said = object_in(json);
  members from(said);
  claims out;
  const auto user = from.needed_text("user");
  if (user != "*")
    out.user = user_id{id_of(user, "user")};
  out.verbs = words(from, "verbs");
  if (out.verbs.empty())
    throw refused("no verbs");
  out.subspaces = words(from, "subspaces");
  out.rate = from.number("rate", 0);
  if (!(out.rate >= 0 && out.rate <= 1e6))
    throw refused("rate is not from 0 to 1,000,000");
  for (const char* needed : {"iat", "exp"})
    if (!from.has(needed))
      throw refused(std::string("no ") + needed);
  out.issued = from.whole("iat", 0);
  out.expires = from.whole("exp", 0);
  out.id = from.text("jti");
  if (out.id.size() > 64)
    throw refused("jti is longer than 64 bytes");
  from.end();
  return out;
}

claims read_token(std::string_view token, const key_ring& keys, std::int64_t now_s) {
  if (token.size() > longest_token)
    throw refused("longer than " + std::to_string(longest_token) + " bytes");
  const auto first = token.find('.'), second = first == token.npos ? first : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos)
    throw refused("not three parts with dots between");
  claims out;
  try {
    const auto head = object_in(decoded(token.substr(0, first)));
    members of_head(head);
    if (const auto algorithm = of_head.text("alg"); algorithm != "EdDSA")
      throw refusal(fault::token_algorithm, "\"" + algorithm.substr(0, 40) + "\"");
    const auto kid = of_head.text("kid");
    if (const auto type = of_head.text("typ"); !type.empty() && type != "JWT")
      throw refused("typ is not JWT");
    of_head.end();
    if (!keys.has(kid))
      throw refusal(fault::token_key, "\"" + kid.substr(0, longest_kid) + "\"");
    const auto signature = decoded(token.substr(second + 1));
    if (!keys.verifies(kid, token.substr(0, second), signature))
      throw refused("its signature isn't that of key " + kid);
    out = read_claims(decoded(token.substr(first + 1, second - first - 1)));
    if (out.id.empty())
      out.id = signature.substr(0, 16);
  } catch (const refusal& why) { // what is wrong with a document is wrong with the token
    const auto what = why.what_fault();
    if (!why.of_runtime() && (what == fault::token_refused || what == fault::token_algorithm || what == fault::token_key))
      throw;
    throw refused(std::string(why.name()) + (why.detail().empty() ? "" : ": " + why.detail()));
  }
  if (out.issued > now_s + clocks_apart_s)
    throw refused("issued in the future");
  if (out.expires <= now_s)
    throw refusal(fault::token_expired, std::to_string(now_s - out.expires) + " s ago");
  if (out.expires <= out.issued || out.expires - out.issued > longest_life_s)
    throw refusal(fault::token_over_broad, "it lives for " + std::to_string(out.expires - out.issued) + " s; from 1 to " + std::to_string(longest_life_s));
  return out;
}

std::string make_token(const claims& says, std::string_view kid, const evp_key& key) {
  const document head{{"alg", "EdDSA"}, {"kid", kid}, {"typ", "JWT"}};
  document body{{"user", says.user ? std::to_string(raw(*says.user)) : "*"}, {"verbs", says.verbs}};
  if (!says.subspaces.empty())
    body["subspaces"] = says.subspaces;
  if (says.rate > 0)
    body["rate"] = says.rate;
  if (!says.id.empty())
    body["jti"] = says.id;
  body["iat"] = says.issued;
  body["exp"] = says.expires;
  const auto text = encoded(write_document(head, form::json)) + '.' + encoded(write_document(body, form::json));
  const auto signature = signature_of(key, text);
  return signature.empty() ? std::string() : text + '.' + encoded(signature);
}

} // namespace ammo::web
