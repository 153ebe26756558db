#include "runtime/gateway/text/refusal.hpp"

#include <array>

namespace ammo::web {
namespace {

struct entry {
  fault what;
  unsigned status;
  std::string_view name, sentence;
};

constexpr std::array entries{
  entry{fault::malformed_request, 400, "malformed_request", "The bytes are no HTTP/1.1 request that can be read in one way only."},
  entry{fault::header_too_large, 431, "header_too_large", "The request's header is larger than the limit."},
  entry{fault::body_too_large, 413, "body_too_large", "The body is larger than the limit; send it in parts."},
  entry{fault::request_late, 408, "request_late", "The request didn't arrive within its deadline."},
  entry{fault::too_many_connections, 503, "too_many_connections", "As many connections as allowed are open; close some, then try again."},
  entry{fault::stopping, 503, "stopping", "The server is being stopped."},
  entry{fault::bad_host, 421, "bad_host", "The Host header names another server; use the address that the server listens on, or with TLS a name of its certificate."},
  entry{fault::bad_origin, 403, "bad_origin", "A page of another origin may not call this server."},
  entry{fault::token_refused, 401, "token_refused", "The token in the Authorization header doesn't verify; leave the header out where the server has no keys."},
  entry{fault::unknown_path, 404, "unknown_path", "There is nothing at this path; /openapi.json lists all paths."},
  entry{fault::unknown_method, 405, "unknown_method", "The path doesn't take this method; the Allow header lists those that it takes."},
  entry{fault::upgrade_needed, 426, "upgrade_needed", "There is a stream at this path; ask for it as a WebSocket."},
  entry{fault::bad_query, 400, "bad_query", "The query can't be read; the detail says which part."},
  entry{fault::bad_id, 400, "bad_id", "An id is a whole number from 0 to 18446744073709551615, in decimal digits."},
  entry{fault::bad_key, 400, "bad_key", "An Idempotency-Key is a text of 1 to 255 printable ASCII characters."},
  entry{fault::unsupported_type, 415, "unsupported_type", "The body has a media type that isn't read here; the detail lists those that are."},
  entry{fault::malformed_body, 400, "malformed_body", "The body is no well-formed document of its media type; the detail says where."},
  entry{fault::body_too_deep, 400, "body_too_deep", "The document nests deeper than the limit."},
  entry{fault::repeated_member, 400, "repeated_member", "An object of the document has the same member twice."},
  entry{fault::bad_utf8, 400, "bad_utf8", "A text of the document is not valid UTF-8."},
  entry{fault::missing_member, 400, "missing_member", "The document lacks a member that has no default; the detail names it."},
  entry{fault::unknown_member, 400, "unknown_member", "The document has a member that nobody reads; the detail names it and those that are read."},
  entry{fault::wrong_member_type, 400, "wrong_member_type", "A member of the document has another type than it takes; the detail names both."},
  entry{fault::too_many_items, 413, "too_many_items", "The array has more items than one request may have; send several requests."},
  entry{fault::stream_behind, 503, "stream_behind", "The client reads more slowly than it is sent to; a push or figures were not sent."},
  entry{fault::not_ready, 503, "not_ready", "The runtime isn't ready; the detail says what fails, and /v1/health has all of it."},
  entry{fault::token_missing, 401, "token_missing", "This server has keys: send a token, as in Authorization: Bearer …"},
  entry{fault::token_algorithm, 401, "token_algorithm", "The token names another algorithm than EdDSA, the only one that is taken."},
  entry{fault::token_key, 401, "token_key", "The token is signed with a key (kid) that this server doesn't have."},
  entry{fault::token_expired, 401, "token_expired", "The token has expired; get a fresh one."},
  entry{fault::token_over_broad, 403, "token_over_broad", "The token lives for longer than a token may; make one that expires within a day."},
  entry{fault::verb_refused, 403, "verb_refused", "The token doesn't permit this operation, or not at this address; the detail says which."},
  entry{fault::other_user, 403, "other_user", "The token is for another user."},
  entry{fault::subspace_refused, 403, "subspace_refused", "The token doesn't reach this subspace."},
  entry{fault::rate_limited, 429, "rate_limited", "That were too many requests of this token or address; come again in a second."},
  entry{fault::handshake_failed, 400, "handshake_failed", "The client doesn't speak TLS 1.3, or doesn't trust the certificate."},
  entry{fault::handshake_late, 408, "handshake_late", "The TLS handshake wasn't done within its deadline."},
  entry{fault::certificate_unusable, 500, "certificate_unusable", "The certificate or its key was renewed by what can't be used; the one before is served on."},
  entry{fault::unread_full, 503, "unread_full", "What has come of messages that aren't whole yet is larger than the server holds; try again in a moment."},
  entry{fault::bad_traceparent, 400, "bad_traceparent", "The traceparent isn't one of W3C Trace Context; the request was carried out, as part of no trace."},
};

constexpr bool complete() {
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (static_cast<std::size_t>(entries[i].what) != i)
      return false;
  return entries.size() == faults;
}
static_assert(complete(), "every fault needs its row here, in the order of the enum");

const entry& row(fault what) noexcept { return entries[static_cast<std::size_t>(what) < faults ? static_cast<std::size_t>(what) : 0]; }

} // namespace

unsigned status_of(fault what) noexcept { return row(what).status; }
std::string_view name_of(fault what) noexcept { return row(what).name; }
std::string_view sentence_of(fault what) noexcept { return row(what).sentence; }

unsigned status_of(errc code) noexcept {
  switch (code) {
  case errc::ok: return 200;
  case errc::unknown_user:
  case errc::unknown_goal:
  case errc::unknown_subspace:
  case errc::unknown_creation:
  case errc::unknown_impression: return 404;
  case errc::not_owner:
  case errc::feedback_not_shown: return 403;
  case errc::duplicate_user:
  case errc::duplicate_goal:
  case errc::feedback_twice:
  case errc::key_reused:
  case errc::no_catalogue:
  case errc::empty_population:
  case errc::too_many_questions: return 409;
  case errc::feedback_late:
  case errc::session_over: return 410;
  case errc::budget_exceeded:
  case errc::catalogue_full:
  case errc::cap_owner:
  case errc::bad_value:
  case errc::bad_text:
  case errc::text_control:
  case errc::text_too_long:
  case errc::bad_link:
  case errc::not_finite:
  case errc::norm_over_cap:
  case errc::wrong_dimension:
  case errc::no_slots:
  case errc::too_many_slots:
  case errc::budget_negative:
  case errc::budget_overflow:
  case errc::reward_out_of_range:
  case errc::unknown_signal:
  case errc::unknown_situation: return 422;
  case errc::generator_failed: return 502;
  case errc::overloaded:
  case errc::too_many_sessions:
  case errc::stopped:
  case errc::store_unavailable:
  case errc::actor_failed:
  case errc::not_enough_memory:
  case errc::system_refused: return 503;
  case errc::timed_out:
  case errc::outcome_unknown: return 504;
  case errc::state_full: return 507;
  default: return 500;
  }
}

} // namespace ammo::web
