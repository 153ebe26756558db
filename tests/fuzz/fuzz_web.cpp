// Any bytes at all, as what comes in through the gateway: a document in JSON ('j') or msgpack ('m'), a table in CSV ('c') or lines of JSON ('l'), an
// HTTP request ('h'), messages of msgpack-RPC ('r'), a token ('t') or what one says ('s'), by the first byte. They give a value or a refusal with a name, and what was read can be written and read again.
#include "runtime/gateway/keys/token.hpp"
#include "runtime/gateway/service/router.hpp"
#include "runtime/gateway/text/goal_document.hpp"
#include "runtime/gateway/text/message_scanner.hpp"
#include "runtime/gateway/text/rpc_message.hpp"
#include "runtime/gateway/text/table.hpp"
#include "runtime/gateway/transport/request_head.hpp"

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace ammo::web;

void check(const refusal& why) {
  if (why.status() < 400 || why.status() > 599 || why.name().empty())
    std::abort();
  (void)problem(why, form::json);
}

void read_body(std::string_view bytes, form as) {
  const auto read = read_document(bytes, as);
  const auto written = write_document(read, as);
  if (read_document(written, as) != read)
    std::abort();
  (void)write_document(read, as == form::json ? form::msgpack : form::json);
}

void read_table(table_reader& table) {
  for (;;)
    try {
      document row;
      if (!table.next(row))
        return;
      members from(row);
      (void)goal_of(from, ammo::goal_id{from.id("goal").value_or(0)});
      from.end();
    } catch (const refusal& why) {
      check(why);
    }
}

void read_request(std::string_view bytes) {
  http::request_parser<http::string_body> parser;
  parser.header_limit(16'384);
  parser.body_limit(1 << 20);
  parser.eager(true);
  boost_error error;
  while (!bytes.empty() && !parser.is_done() && !error) {
    const auto used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (used == 0)
      break;
    bytes.remove_prefix(used);
  }
  if (!parser.is_header_done())
    return;
  if (const auto bad = fault_in_head(parser.get(), parser.chunked()))
    return check(*bad);
  auto asked = request_of(parser.release(), form_taken(parser.get()));
  (void)key_of(asked);
  const router routes({{"get_slate", "GET", "/v1/users/{user}/slate", [](request&& r, const answerer& to) {
                          (void)id_of(r.path_parts.at(0), "user");
                          to({});
                        }},
                       {"post_feedback", "POST", "/v1/feedback", [](request&& r, const answerer& to) {
                          (void)body_of(r);
                          to({});
                        }}});
  int answers = 0;
  routes.dispatch(std::move(asked), [&](const response&) { ++answers; });
  if (answers != 1)
    std::abort();
}

/// Messages one after the other: the same ones whether they come at once or byte by byte.
void read_messages(std::string_view bytes) {
  message_scanner at_once(1 << 16), by_byte(1 << 16);
  while (!bytes.empty()) {
    const auto size = at_once.scan(bytes);
    std::size_t slowly = 0;
    for (std::size_t end = 1; end <= (size == 0 ? bytes.size() : size) && slowly == 0; ++end)
      slowly = by_byte.scan(bytes.substr(0, end));
    if (slowly != size)
      std::abort();
    if (size == 0)
      return;
    const auto call = read_call(bytes.substr(0, size));
    if (call.bad)
      check(*call.bad);
    else if (call.id)
      (void)rpc_error(*call.id, call.method);
    bytes.remove_prefix(size);
  }
}

/// A token of any kind is refused: the ring has a key that nobody has signed with.
void refuse_token(std::string_view bytes) {
  static const key_ring ring = [] {
    key_ring made;
    made.add("k1", public_of(*fresh_key()).value());
    return made;
  }();
  (void)read_token(bytes, ring, 1'000'000);
  std::abort();
}

/// What a token says comes back as it was, once it is signed.
void read_says(std::string_view json) {
  static const evp_key key = fresh_key().value();
  static const key_ring ring = [] {
    key_ring made;
    made.add("k1", public_of(key).value());
    return made;
  }();
  auto says = read_claims(json);
  says.issued = 1'000'000;
  says.expires = says.issued + 60;
  if (const auto token = make_token(says, "k1", key); token.size() <= longest_token)
    if (const auto again = read_token(token, ring, says.issued); again.user != says.user || again.verbs != says.verbs || again.subspaces != says.subspaces)
      std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0)
    return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  try {
    switch (data[0]) {
    case 'j': read_body(bytes, form::json); break;
    case 'm': read_body(bytes, form::msgpack); break;
    case 'c': {
      csv_rows table(bytes);
      read_table(table);
      break;
    }
    case 'l': {
      json_lines table(bytes);
      read_table(table);
      break;
    }
    case 'h': read_request(bytes); break;
    case 'r': read_messages(bytes); break;
    case 't': refuse_token(bytes); break;
    case 's': read_says(bytes); break;
    default: break;
    }
  } catch (const refusal& why) {
    check(why);
  }
  return 0;
}
