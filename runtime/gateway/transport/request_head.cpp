#include "runtime/gateway/transport/request_head.hpp"

#include "runtime/gateway/service/router.hpp"

namespace ammo::web {
namespace {

std::string_view view(beast::string_view s) { return {s.data(), s.size()}; }

bool same_word(std::string_view a, std::string_view b) {
  return beast::iequals(beast::string_view(a.data(), a.size()), beast::string_view(b.data(), b.size()));
}

/// "127.0.0.1:8088" → "127.0.0.1", "[::1]:80" → "::1".
std::string_view without_port(std::string_view host) {
  if (host.starts_with('['))
    return host.find(']') == host.npos ? std::string_view() : host.substr(1, host.find(']') - 1);
  return host.substr(0, host.find(':'));
}

/// Names of this machine that no name server has a say in: a page that another name leads here (DNS rebinding) has no business here.
bool is_loopback(std::string_view host) {
  if (same_word(host, "localhost"))
    return true;
  boost_error error;
  const auto address = net::ip::make_address(std::string(host), error);
  return !error && address.is_loopback();
}

std::size_t count_of(const request_header& head, http::field name) {
  const auto [first, last] = head.equal_range(name);
  return static_cast<std::size_t>(std::distance(first, last));
}

} // namespace

std::optional<refusal> fault_in_head(const request_header& head, bool chunked, const name_check& is_for) {
  if (const auto coded = count_of(head, http::field::transfer_encoding); coded > 0) {
    const bool plain = coded == 1 && head.version() == 11 && same_word(view(head[http::field::transfer_encoding]), "chunked");
    if (!chunked || !plain)
      return refusal(fault::malformed_request, "a Transfer-Encoding other than chunked");
  }
  if (count_of(head, http::field::content_length) > 1)
    return refusal(fault::malformed_request, "two Content-Length headers");
  if (count_of(head, http::field::host) != 1)
    return refusal(fault::malformed_request, "not exactly one Host header");
  const auto host = view(head[http::field::host]);
  if (!is_loopback(without_port(host)) && !(is_for && is_for(without_port(host))))
    return refusal(fault::bad_host, std::string(host.substr(0, 80)));
  if (const auto origin = view(head[http::field::origin]); !origin.empty() && !same_word(origin, (is_for ? "https://" : "http://") + std::string(host)))
    return refusal(fault::bad_origin, std::string(origin.substr(0, 80)));
  if (count_of(head, http::field::authorization) > 1)
    return refusal(fault::malformed_request, "two Authorization headers");
  if (const auto coding = view(head[http::field::content_encoding]); !coding.empty() && !same_word(coding, "identity"))
    return refusal(fault::unsupported_type, "Content-Encoding " + std::string(coding.substr(0, 40)));
  if (!view(head.target()).starts_with('/'))
    return refusal(fault::malformed_request, "a target that doesn't begin with /");
  return {};
}

form form_taken(const request_header& head) {
  const auto accept = view(head[http::field::accept]);
  for (std::string_view name : {"application/msgpack", "application/x-msgpack", "application/vnd.msgpack"})
    if (accept.find(name) != accept.npos)
      return form::msgpack;
  return form::json;
}

std::string_view authorization_of(const request_header& head) {
  const auto found = head.find(http::field::authorization);
  static constexpr std::string_view blank = " "; // there, and not a token
  return found == head.end() ? std::string_view() : found->value().empty() ? blank
                                                                           : view(found->value());
}

std::string_view traceparent_of(const request_header& head) {
  static constexpr beast::string_view name = "traceparent";
  static constexpr std::string_view none = " "; // there, and not a traceparent
  const auto [first, last] = head.equal_range(name);
  if (first == last)
    return {};
  return std::next(first) != last || first->value().empty() ? none : view(first->value());
}

std::string_view path_of(const request_header& head) {
  const auto target = view(head.target());
  return target.substr(0, target.find('?'));
}

std::string_view method_of(const request_header& head) { return view(head.method_string()); }

bool expects_continue(const request_header& head) {
  return head.version() == 11 && same_word(view(head[http::field::expect]), "100-continue");
}

request request_of(http::request<http::string_body>&& read, form answer) {
  const auto target = view(read.target());
  const auto question = target.find('?');
  request out;
  out.method = view(read.method_string());
  out.path = target.substr(0, question);
  if (question != target.npos)
    out.query = query_of(target.substr(question + 1));
  out.content_type = view(read[http::field::content_type]);
  out.idempotency_key = view(read["Idempotency-Key"]);
  out.answer = answer;
  out.body = std::move(read.body());
  return out;
}

} // namespace ammo::web
